//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// A row of a 3×3 float32 depthwise convolution, eight channels at a time, down the
// whole row with bias and weights in registers, two pixels together:
//
//	for each block of 8 channels {
//		for x := range pixels {
//			sum = bias
//			for tap := range 9 {
//				sum = fma(tap[x], w[tap], sum)
//			}
//			dst[x] = sum
//		}
//	}
//
// The chains of two pixels run side by side. A last single pixel is computed twice,
// since nothing may be read behind it.
//
// The caller guarantees pixels ≥ 1, channels ≥ 8, and that every tap of every pixel
// lies inside its row. Channels beyond the last multiple of 8 are left untouched.
// Clobbers R0-R16, V0-V31.

#define P0 R0       // first tap of the pixel in each row
#define P1 R1
#define P2 R2
#define DST R3
#define TAP R4      // bytes between taps
#define STEP R5     // bytes between pixels of the input
#define DST_STEP R6 // bytes between pixels of dst
#define LEFT R7     // pixels left
#define W R8
#define BLOCKS R9   // blocks of channels left
#define CHANNEL R10 // byte offset of the block's channels
#define OTHER R11   // bytes to the second pixel of two: STEP or 0
#define DST_OTHER R12
#define AT R13
#define NEXT R14
#define BIAS R15
#define TWO R16     // bytes to the next two pixels

// V0-V3 += tap at AT and at AT+OTHER · weights in Vw and Vw+1; AT goes to the next
// tap.
#define ONE_TAP(w) \
	ADD  OTHER, AT, NEXT         \
	VLD1 (AT), [V4.S4, V5.S4]    \
	VLD1 (NEXT), [V6.S4, V7.S4]  \
	ADD  TAP, AT, AT             \
	FMLA_4S(0, 4, w)             \
	FMLA_4S(1, 5, w+1)           \
	FMLA_4S(2, 6, w)             \
	FMLA_4S(3, 7, w+1)

#define ROW(p, w) \
	MOVD p, AT     \
	ONE_TAP(w)     \
	ONE_TAP(w+2)   \
	ONE_TAP(w+4)

// func depthwiseF32SIMD(dst, bias, r0, r1, r2 *float32, pixels, pixelStep, tapStep, channels int, w *float32)
TEXT ·depthwiseF32SIMD(SB), NOSPLIT, $0-80
	MOVD pixelStep+48(FP), STEP
	MOVD tapStep+56(FP), TAP
	MOVD channels+64(FP), DST_STEP
	MOVD w+72(FP), W
	LSR  $3, DST_STEP, BLOCKS
	LSL  $2, STEP, STEP
	LSL  $2, TAP, TAP
	LSL  $2, DST_STEP, DST_STEP
	MOVD $0, CHANNEL

block:
	MOVD   dst+0(FP), DST
	MOVD   bias+8(FP), BIAS
	MOVD   r0+16(FP), P0
	MOVD   r1+24(FP), P1
	MOVD   r2+32(FP), P2
	MOVD   pixels+40(FP), LEFT
	ADD    CHANNEL, DST, DST
	ADD    CHANNEL, BIAS, BIAS
	ADD    CHANNEL, P0, P0
	ADD    CHANNEL, P1, P1
	ADD    CHANNEL, P2, P2
	VLD1   (BIAS), [V30.S4, V31.S4]
	VLD1.P 64(W), [V12.S4, V13.S4, V14.S4, V15.S4]
	VLD1.P 64(W), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(W), [V20.S4, V21.S4, V22.S4, V23.S4]
	VLD1.P 64(W), [V24.S4, V25.S4, V26.S4, V27.S4]
	VLD1.P 32(W), [V28.S4, V29.S4]
	LSL    $1, STEP, TWO
	MOVD   STEP, OTHER
	MOVD   DST_STEP, DST_OTHER

pixel:
	CMP  $1, LEFT
	BNE  pair
	MOVD $0, OTHER     // the last one alone
	MOVD $0, DST_OTHER

pair:
	MOV_16B(0, 30)
	MOV_16B(1, 31)
	MOV_16B(2, 30)
	MOV_16B(3, 31)
	ROW(P0, 12)
	ROW(P1, 18)
	ROW(P2, 24)
	ADD  DST_OTHER, DST, NEXT
	VST1 [V0.S4, V1.S4], (DST)
	VST1 [V2.S4, V3.S4], (NEXT)
	ADD  DST_STEP<<1, DST, DST
	ADD  TWO, P0, P0
	ADD  TWO, P1, P1
	ADD  TWO, P2, P2
	SUBS $2, LEFT, LEFT
	BGT  pixel

	ADD  $32, CHANNEL, CHANNEL
	SUBS $1, BLOCKS, BLOCKS
	BNE  block
	RET
