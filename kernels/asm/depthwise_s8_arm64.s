//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// A row of the sums of a 3×3 int8 depthwise convolution, eight channels at a time,
// down the whole row with the weights in registers, two pixels together:
//
//	for each block of 8 channels {
//		for x := range pixels {
//			acc[x] = Σ tap[x]·w[tap]    nine int8 widened to int16, SMLAL to int32
//		}
//	}
//
// A last single pixel is computed twice, since nothing may be read behind it.
//
// The caller guarantees pixels ≥ 1, channels ≥ 8, and that every tap of every pixel
// lies inside its row. Channels beyond the last multiple of 8 are left untouched.
// Clobbers R0-R16, V0-V7, V16-V25.

#define P0 R0       // first tap of the pixel in each row
#define P1 R1
#define P2 R2
#define ACC R3
#define TAP R4      // bytes between taps
#define STEP R5     // bytes between pixels of the input
#define ACC_STEP R6 // bytes between pixels of acc
#define LEFT R7     // pixels left
#define W R8
#define CHANNELS R9 // of full vectors
#define CHANNEL R10 // first of the block
#define OTHER R11   // bytes to the second pixel of two: STEP or 0
#define ACC_OTHER R12
#define AT R13
#define NEXT R14
#define WEIGHT R15
#define TMP R16

// The weights of two taps for eight channels, from Vw on; the pairs of the other
// eight channels of a block of 16 lie between.
#define WEIGHTS(w0, w1) \
	VLD2 (WEIGHT), [w0.H8, w1.H8] \
	ADD  $64, WEIGHT, WEIGHT

// The tap at AT and at AT+OTHER, multiplied by Vw: MUL and MUL2 are SMULL for the
// first tap, SMLAL for the others. AT goes to the next tap.
#define ONE_TAP(MUL, MUL2, w) \
	ADD   OTHER, AT, NEXT    \
	FMOVD (AT), F4           \
	FMOVD (NEXT), F5         \
	ADD   TAP, AT, AT        \
	SXTL_8H(4, 4)            \
	SXTL_8H(5, 5)            \
	MUL(0, 4, w)             \
	MUL2(1, 4, w)            \
	MUL(2, 5, w)             \
	MUL2(3, 5, w)

// func depthwiseS8SIMD(acc *int32, r0, r1, r2 *int8, pixels, pixelStep, tapStep, channels int, w *int16)
TEXT ·depthwiseS8SIMD(SB), NOSPLIT, $0-72
	MOVD pixelStep+40(FP), STEP
	MOVD tapStep+48(FP), TAP
	MOVD channels+56(FP), ACC_STEP
	MOVD w+64(FP), W
	AND  $-8, ACC_STEP, CHANNELS
	LSL  $2, ACC_STEP, ACC_STEP
	MOVD $0, CHANNEL

block:
	MOVD acc+0(FP), ACC
	MOVD r0+8(FP), P0
	MOVD r1+16(FP), P1
	MOVD r2+24(FP), P2
	MOVD pixels+32(FP), LEFT
	ADD  CHANNEL<<2, ACC, ACC
	ADD  CHANNEL, P0, P0
	ADD  CHANNEL, P1, P1
	ADD  CHANNEL, P2, P2

	MOVD W, WEIGHT
	WEIGHTS(V16, V17)
	WEIGHTS(V18, V19)
	WEIGHTS(V20, V21)
	WEIGHTS(V22, V23)
	WEIGHTS(V24, V25)

	// the other half of the block, or the next block
	ADD  $32, W, W
	TST  $8, CHANNEL
	BEQ  first_half
	ADD  $(320-64), W, W

first_half:
	MOVD STEP, OTHER
	MOVD ACC_STEP, ACC_OTHER

pixel:
	CMP  $1, LEFT
	BNE  pair
	MOVD $0, OTHER     // the last one alone
	MOVD $0, ACC_OTHER

pair:
	MOVD P0, AT
	ONE_TAP(SMULL_4S, SMULL2_4S, 16)
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 17)
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 18)
	MOVD P1, AT
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 19)
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 20)
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 21)
	MOVD P2, AT
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 22)
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 23)
	ONE_TAP(SMLAL_4S, SMLAL2_4S, 24)
	ADD  ACC_OTHER, ACC, NEXT
	VST1 [V0.S4, V1.S4], (ACC)
	VST1 [V2.S4, V3.S4], (NEXT)
	ADD  ACC_STEP<<1, ACC, ACC
	ADD  STEP<<1, P0, P0
	ADD  STEP<<1, P1, P1
	ADD  STEP<<1, P2, P2
	SUBS $2, LEFT, LEFT
	BGT  pixel

	ADD $8, CHANNEL, CHANNEL
	CMP CHANNELS, CHANNEL
	BLT block
	RET
