//go:build !purego

#include "textflag.h"

// A row of a 3×3 float32 depthwise convolution, eight channels at a time, down
// the whole row with bias and weights in registers, four pixels together and
// then the rest one by one:
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
// The sum of a pixel is a chain of nine steps, four cycles each: four pixels
// are interleaved so that the chains overlap.
//
// The caller guarantees pixels ≥ 1, channels ≥ 8, and that every tap of every
// pixel lies inside its row. Channels beyond the last multiple of 8 are left
// untouched. Clobbers AX-DX, SI, DI, R8-R13, Y0-Y13.

#define P0 R8          // first tap of the pixel in each row
#define P1 R9
#define P2 R10
#define DST DI
#define W SI
#define TAP AX         // bytes between taps
#define STEP BX        // bytes between pixels of the input
#define DST_STEP CX    // bytes between pixels of dst
#define LEFT DX        // pixels left
#define CHANNEL R11    // byte offset of the block's channels
#define CHANNELS R12   // bytes of the channels that full vectors cover
#define PTR R13

#define BIAS Y13

// Three taps of one pixel.
#define TAPS(p, w0, w1, w2, sum) \
	VFMADD231PS (p), w0, sum        \
	VFMADD231PS (p)(TAP*1), w1, sum \
	VFMADD231PS (p)(TAP*2), w2, sum

// Three taps of four pixels, from Y0 to Y3; p ends at the next pixel.
#define FOUR_TAPS(p, w0, w1, w2) \
	TAPS(p, w0, w1, w2, Y0)   \
	LEAQ (p)(STEP*1), PTR     \
	TAPS(PTR, w0, w1, w2, Y1) \
	ADDQ STEP, PTR            \
	TAPS(PTR, w0, w1, w2, Y2) \
	ADDQ STEP, PTR            \
	TAPS(PTR, w0, w1, w2, Y3) \
	LEAQ (PTR)(STEP*1), p

// func depthwiseF32SIMD(dst, bias, r0, r1, r2 *float32, pixels, pixelStep, tapStep, channels int, w *float32)
TEXT ·depthwiseF32SIMD(SB), NOSPLIT, $0-80
	MOVQ pixelStep+48(FP), STEP
	MOVQ tapStep+56(FP), TAP
	MOVQ channels+64(FP), DST_STEP
	MOVQ w+72(FP), W
	SHLQ $2, STEP
	SHLQ $2, TAP
	SHLQ $2, DST_STEP
	MOVQ DST_STEP, CHANNELS
	ANDQ $-32, CHANNELS
	XORQ CHANNEL, CHANNEL

block:
	VMOVUPS (W), Y4
	VMOVUPS 32(W), Y5
	VMOVUPS 64(W), Y6
	VMOVUPS 96(W), Y7
	VMOVUPS 128(W), Y8
	VMOVUPS 160(W), Y9
	VMOVUPS 192(W), Y10
	VMOVUPS 224(W), Y11
	VMOVUPS 256(W), Y12
	MOVQ    bias+8(FP), PTR
	VMOVUPS (PTR)(CHANNEL*1), BIAS
	MOVQ    r0+16(FP), P0
	MOVQ    r1+24(FP), P1
	MOVQ    r2+32(FP), P2
	ADDQ    CHANNEL, P0
	ADDQ    CHANNEL, P1
	ADDQ    CHANNEL, P2
	MOVQ    dst+0(FP), DST
	ADDQ    CHANNEL, DST
	MOVQ    pixels+40(FP), LEFT
	SUBQ    $4, LEFT
	JLT     rest

	PCALIGN $32

loop_4:
	VMOVAPS BIAS, Y0
	VMOVAPS BIAS, Y1
	VMOVAPS BIAS, Y2
	VMOVAPS BIAS, Y3
	FOUR_TAPS(P0, Y4, Y5, Y6)
	FOUR_TAPS(P1, Y7, Y8, Y9)
	FOUR_TAPS(P2, Y10, Y11, Y12)
	VMOVUPS Y0, (DST)
	ADDQ    DST_STEP, DST
	VMOVUPS Y1, (DST)
	ADDQ    DST_STEP, DST
	VMOVUPS Y2, (DST)
	ADDQ    DST_STEP, DST
	VMOVUPS Y3, (DST)
	ADDQ    DST_STEP, DST
	SUBQ    $4, LEFT
	JGE     loop_4

rest:
	ADDQ $4, LEFT
	JZ   next_block

loop_1:
	VMOVAPS BIAS, Y0
	TAPS(P0, Y4, Y5, Y6, Y0)
	TAPS(P1, Y7, Y8, Y9, Y0)
	TAPS(P2, Y10, Y11, Y12, Y0)
	VMOVUPS Y0, (DST)
	ADDQ    STEP, P0
	ADDQ    STEP, P1
	ADDQ    STEP, P2
	ADDQ    DST_STEP, DST
	DECQ    LEFT
	JNZ     loop_1

next_block:
	ADDQ $288, W
	ADDQ $32, CHANNEL
	CMPQ CHANNEL, CHANNELS
	JLT  block
	VZEROUPPER
	RET
