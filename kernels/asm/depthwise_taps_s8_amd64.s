//go:build !purego

#include "textflag.h"
#include "go_asm.h"

// A row of an int8 depthwise convolution of any kernel, sixteen channels at a
// time:
//
//	for each block of 16 channels {
//		for x := range pixels {
//			sum = bias
//			for each pair of taps {
//				sum += widen(interleave(tap[x], tap'[x])) · w[pair]   // VPMADDWD
//			}
//			dst[x] = requantize(sum)
//		}
//	}
//
// Rounding is that of the int8 products, see product_s8_avx2_amd64.h.
//
// The caller guarantees pixels ≥ 1, pairs ≥ 1, channels ≥ 16 and channels%16 ==
// 0. Clobbers AX-DX, SI, DI, R8-R15, Y0-Y5.

#define ARGS R15
#define DST DI
#define W SI          // weights of the block
#define BIAS R11
#define SCALE R12
#define OFFSET BX     // of the pixel's block from the first one's
#define PIXELS DX     // left
#define CHANNELS R14  // left
#define BLOCK R13     // first channel of the block
#define TAPS AX       // the pair's pointers
#define LEFT CX       // pairs left
#define WEIGHTS R10   // of the pair
#define TAP0 R8
#define TAP1 R9

#define LO Y0         // sums of channels 0-7
#define HI Y1         // sums of channels 8-15

#define ROUND_EIGHT(offset, y) \
	VCVTDQ2PS y, y                              \
	VMULPS    offset(SCALE), y, y               \
	VMINPS    depthwiseTapsArgs_hi(ARGS), y, y  \
	VCVTPS2DQ y, y

// func depthwiseTapsS8SIMD(args *depthwiseTapsArgs)
TEXT ·depthwiseTapsS8SIMD(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), ARGS
	MOVQ depthwiseTapsArgs_w(ARGS), W
	MOVQ depthwiseTapsArgs_bias(ARGS), BIAS
	MOVQ depthwiseTapsArgs_scale(ARGS), SCALE
	MOVQ depthwiseTapsArgs_channels(ARGS), CHANNELS
	XORQ BLOCK, BLOCK

block:
	MOVQ BLOCK, OFFSET
	MOVQ depthwiseTapsArgs_dst(ARGS), DST
	ADDQ BLOCK, DST
	MOVQ depthwiseTapsArgs_pixels(ARGS), PIXELS

pixel:
	VMOVDQU (BIAS), LO
	VMOVDQU 32(BIAS), HI
	LEAQ    depthwiseTapsArgs_taps(ARGS), TAPS
	MOVQ    depthwiseTapsArgs_pairs(ARGS), LEFT
	MOVQ    W, WEIGHTS

pair:
	MOVQ       (TAPS), TAP0
	MOVQ       8(TAPS), TAP1
	VMOVDQU    (TAP0)(OFFSET*1), X2
	VPUNPCKHBW (TAP1)(OFFSET*1), X2, X3
	VPUNPCKLBW (TAP1)(OFFSET*1), X2, X2
	VPMOVSXBW  X2, Y2
	VPMOVSXBW  X3, Y3
	VPMADDWD   (WEIGHTS), Y2, Y2
	VPMADDWD   32(WEIGHTS), Y3, Y3
	VPADDD     Y2, LO, LO
	VPADDD     Y3, HI, HI
	ADDQ       $16, TAPS
	ADDQ       $64, WEIGHTS
	DECQ       LEFT
	JNZ        pair

	ROUND_EIGHT(0, LO)
	ROUND_EIGHT(32, HI)
	VPACKSSDW    HI, LO, LO                                // channels 0-3, 8-11, 4-7, 12-15
	VPERMQ       $0xD8, LO, LO                             // 0-15
	VPADDSW      depthwiseTapsArgs_zeroPoints(ARGS), LO, LO
	VEXTRACTI128 $1, LO, X2
	VPACKSSWB    X2, X0, X0
	VPMAXSB      depthwiseTapsArgs_least(ARGS), X0, X0
	VMOVDQU      X0, (DST)
	ADDQ         depthwiseTapsArgs_dstStep(ARGS), DST
	ADDQ         depthwiseTapsArgs_pixelStep(ARGS), OFFSET
	DECQ         PIXELS
	JNZ          pixel

	MOVQ WEIGHTS, W // those of the next block
	ADDQ $64, BIAS
	ADDQ $64, SCALE
	ADDQ $16, BLOCK
	SUBQ $16, CHANNELS
	JG   block
	VZEROUPPER
	RET
