//go:build !purego

#include "textflag.h"
#include "depthwise_s8_amd64.h"

// A row of a 3×3 int8 depthwise convolution, sixteen channels at a time, then
// eight, down the whole row with the weights in registers:
//
//	for each block of 16 channels {
//		for x := range pixels {
//			for each pair of taps (0,1), (2,3), (4,5), (6,7) {
//				v = widen(interleave(tap[x], tap'[x]))      // pairs of int16
//				acc[x] += v · w[pair]                       // VPMADDWD: both products, added
//			}
//			acc[x] += widen(tap 8) · w[4]                       // VPMOVSXBD: (v, its sign) · (w, 0)
//		}
//	}
//
// The caller guarantees pixels ≥ 1, channels ≥ 8, and that every tap of every
// pixel lies inside its row. Channels beyond the last multiple of 8 are left
// untouched. Clobbers AX-DX, SI, DI, R8-R13, Y0-Y15.

#define ACC DI
#define STEP BX        // bytes between pixels of the input
#define ACC_STEP CX    // bytes between pixels of acc
#define LEFT DX        // pixels left
#define CHANNEL R11    // first channel of the block
#define CHANNELS R12   // channels that full vectors cover
#define LAST R13       // the last channel where a block of sixteen may start


// Eight channels of two taps: sum = pairs · weights
#define PAIR8(tap, next, w, sum) \
	VMOVQ      tap, X2      \
	VMOVQ      next, X3     \
	VPUNPCKLBW X3, X2, X2   \
	VPMOVSXBW  X2, Y2       \
	VPMADDWD   w, Y2, sum

#define ADD_PAIR8(tap, next, w) \
	PAIR8(tap, next, w, Y4) \
	VPADDD Y4, LO, LO

// The rows at the block's channels, and the count of pixels.
#define FIRST_PIXEL \
	MOVQ r0+8(FP), P0              \
	MOVQ r1+16(FP), P1             \
	MOVQ r2+24(FP), P2             \
	ADDQ CHANNEL, P0               \
	ADDQ CHANNEL, P1               \
	ADDQ CHANNEL, P2               \
	MOVQ acc+0(FP), ACC            \
	LEAQ (ACC)(CHANNEL*4), ACC     \
	MOVQ pixels+32(FP), LEFT

#define NEXT_PIXEL \
	ADDQ STEP, P0      \
	ADDQ STEP, P1      \
	ADDQ STEP, P2      \
	ADDQ ACC_STEP, ACC \
	DECQ LEFT

// func depthwiseS8SIMD(acc *int32, r0, r1, r2 *int8, pixels, pixelStep, tapStep, channels int, w *int16)
TEXT ·depthwiseS8SIMD(SB), NOSPLIT, $0-72
	MOVQ pixelStep+40(FP), STEP
	MOVQ tapStep+48(FP), TAP
	MOVQ channels+56(FP), CHANNELS
	MOVQ w+64(FP), W
	MOVQ CHANNELS, ACC_STEP
	SHLQ $2, ACC_STEP
	ANDQ $-8, CHANNELS
	LEAQ -16(CHANNELS), LAST
	XORQ CHANNEL, CHANNEL
	CMPQ CHANNEL, LAST
	JGT  eight

sixteen:
	LOAD_WEIGHTS16
	FIRST_PIXEL

	PCALIGN $32

loop_16:
	NINE_TAPS16
	VMOVDQU   LO, (ACC)
	VMOVDQU   HI, 32(ACC)
	NEXT_PIXEL
	JNZ       loop_16

	ADDQ $320, W
	ADDQ $16, CHANNEL
	CMPQ CHANNEL, LAST
	JLE  sixteen

eight:
	CMPQ    CHANNEL, CHANNELS
	JGE     done
	VMOVDQU (W), Y6
	VMOVDQU 64(W), Y8
	VMOVDQU 128(W), Y10
	VMOVDQU 192(W), Y12
	VMOVDQU 256(W), Y14
	FIRST_PIXEL

loop_8:
	PAIR8((P0), (P0)(TAP*1), Y6, LO)
	ADD_PAIR8((P0)(TAP*2), (P1), Y8)
	ADD_PAIR8((P1)(TAP*1), (P1)(TAP*2), Y10)
	ADD_PAIR8((P2), (P2)(TAP*1), Y12)
	VPMOVSXBD (P2)(TAP*2), Y2
	VPMADDWD  Y14, Y2, Y2
	VPADDD    Y2, LO, LO
	VMOVDQU   LO, (ACC)
	NEXT_PIXEL
	JNZ       loop_8

done:
	VZEROUPPER
	RET
