//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "depthwise_s8_amd64.h"

// A row of a 3×3 int8 depthwise convolution with int8 results, sixteen channels at
// a time down the whole row:
//
//	for each block of 16 channels {
//		for x := range pixels {
//			dst[x] = requantize(Σ nine taps · weights + bias)
//		}
//	}
//
// Rounding is that of the int8 products, see product_s8_avx2_amd64.h.
//
// The caller guarantees pixels ≥ 1 and that every tap of every pixel lies inside
// its row; for AVX2, channels%16 == 0.

#define ARGS R13
#define DST DI
#define BIAS R11
#define SCALE R12
#define STEP BX         // bytes between pixels of the input
#define DST_STEP CX     // bytes between pixels of the result
#define PIXELS DX       // left
#define CHANNELS R14    // left
#define BLOCK R15       // first channel of the block

// The rows and the result at the block's channels.
#define FIRST_PIXEL \
	MOVQ depthwiseRowArgs_r0(ARGS), P0         \
	MOVQ depthwiseRowArgs_r1(ARGS), P1         \
	MOVQ depthwiseRowArgs_r2(ARGS), P2         \
	MOVQ depthwiseRowArgs_dst(ARGS), DST       \
	ADDQ BLOCK, P0                             \
	ADDQ BLOCK, P1                             \
	ADDQ BLOCK, P2                             \
	ADDQ BLOCK, DST                            \
	MOVQ depthwiseRowArgs_pixels(ARGS), PIXELS

#define START \
	MOVQ args+0(FP), ARGS                        \
	MOVQ depthwiseRowArgs_pixelStep(ARGS), STEP  \
	MOVQ depthwiseRowArgs_tapStep(ARGS), TAP     \
	MOVQ depthwiseRowArgs_channels(ARGS), CHANNELS \
	MOVQ CHANNELS, DST_STEP                      \
	MOVQ depthwiseRowArgs_w(ARGS), W             \
	MOVQ depthwiseRowArgs_bias(ARGS), BIAS       \
	MOVQ depthwiseRowArgs_scale(ARGS), SCALE     \
	XORQ BLOCK, BLOCK

#define NEXT_PIXEL \
	ADDQ STEP, P0      \
	ADDQ STEP, P1      \
	ADDQ STEP, P2      \
	ADDQ DST_STEP, DST \
	DECQ PIXELS

#define NEXT_BLOCK(weights) \
	ADDQ $weights, W   \
	ADDQ $64, BIAS     \
	ADDQ $64, SCALE    \
	ADDQ $16, BLOCK    \
	SUBQ $16, CHANNELS

#define ROUND_EIGHT(offset, y) \
	VPADDD    offset(BIAS), y, y               \
	VCVTDQ2PS y, y                             \
	VMULPS    offset(SCALE), y, y              \
	VMINPS    depthwiseRowArgs_hi(ARGS), y, y  \
	VCVTPS2DQ y, y

// func depthwiseRowS8AVX2(args *depthwiseRowArgs)
//
// Clobbers AX-DX, SI, DI, R8-R15, Y0-Y15.
TEXT ·depthwiseRowS8AVX2(SB), NOSPLIT, $0-8
	START

sixteen:
	LOAD_WEIGHTS16
	FIRST_PIXEL
	PCALIGN $32

loop_16:
	NINE_TAPS16
	ROUND_EIGHT(0, LO)
	ROUND_EIGHT(32, HI)
	VPACKSSDW    HI, LO, LO                               // channels 0-3, 8-11, 4-7, 12-15
	VPERMQ       $0xD8, LO, LO                            // 0-15
	VPADDSW      depthwiseRowArgs_zeroPoints(ARGS), LO, LO
	VEXTRACTI128 $1, LO, X2
	VPACKSSWB    X2, X0, X0
	VPMAXSB      depthwiseRowArgs_least(ARGS), X0, X0
	VMOVDQU      X0, (DST)
	NEXT_PIXEL
	JNZ          loop_16
	NEXT_BLOCK(320)
	JG           sixteen
	VZEROUPPER
	RET

// With VNNI the three rows of a column of taps are interleaved in 32 bits, as
// unsigned bytes, and one instruction adds their three products; where columns of
// neighbouring pixels are the same, two of three are kept from pixel to pixel.

#define SIGNS Z15      // 0x00808080
#define BIASES Z14
#define SCALES Z13
#define HIGHEST Z12
#define LOWEST Z11
#define ZERO_POINT Z10
#define W0 Z9          // weights of the three columns
#define W1 Z8
#define W2 Z7
#define COLUMN0 Z6
#define COLUMN1 Z5
#define COLUMN2 Z4
#define SUM Z3
#define MASK K1        // the channels of the block

// z = three taps a channel, in the low three bytes; p0-p2 are their addresses.
#define COLUMN(p0, p1, p2, z) \
	VPMOVZXBD.Z p0, MASK, z        \
	VPMOVZXBD.Z p1, MASK, Z0       \
	VPMOVZXBD.Z p2, MASK, Z1       \
	VPSLLD      $8, Z0, Z0         \
	VPSLLD      $16, Z1, Z1        \
	VPTERNLOGD  $0x96, Z0, Z1, z   \
	VPXORD      SIGNS, z, z

#define PIXEL \
	VMOVDQA64  BIASES, SUM          \
	VPDPBUSD   W0, COLUMN0, SUM     \
	VPDPBUSD   W1, COLUMN1, SUM     \
	VPDPBUSD   W2, COLUMN2, SUM     \
	VCVTDQ2PS  SUM, SUM             \
	VMULPS     SCALES, SUM, SUM     \
	VMINPS     HIGHEST, SUM, SUM    \
	VCVTPS2DQ  SUM, SUM             \
	VPMAXSD    LOWEST, SUM, SUM     \
	VPADDD     ZERO_POINT, SUM, SUM \
	VPMOVDB    SUM, X3              \
	VMOVDQU8   X3, MASK, (DST)

// func depthwiseRowS8VNNI(args *depthwiseRowArgs)
//
// Clobbers AX-DX, SI, DI, R8-R15, Z0-Z15, K1.
TEXT ·depthwiseRowS8VNNI(SB), NOSPLIT, $0-8
	START
	MOVL         $0x00808080, R8
	VPBROADCASTD R8, SIGNS
	VBROADCASTSS depthwiseRowArgs_hi(ARGS), HIGHEST
	VPBROADCASTD depthwiseRowArgs_lo(ARGS), LOWEST
	VPBROADCASTD depthwiseRowArgs_zeroPoint(ARGS), ZERO_POINT

block:
	MOVL     $0xFFFF, R8
	CMPQ     CHANNELS, $16
	JGE      whole
	MOVQ     CX, R9
	MOVQ     CHANNELS, CX
	MOVL     $1, R8
	SHLL     CX, R8
	DECL     R8
	MOVQ     R9, CX

whole:
	KMOVW     R8, MASK
	VMOVDQU32 (W), W0
	VMOVDQU32 64(W), W1
	VMOVDQU32 128(W), W2
	VMOVDQU32 (BIAS), BIASES
	VMOVUPS   (SCALE), SCALES
	FIRST_PIXEL
	CMPQ      STEP, TAP
	JNE       apart
	COLUMN((P0), (P1), (P2), COLUMN0)
	COLUMN((P0)(TAP*1), (P1)(TAP*1), (P2)(TAP*1), COLUMN1)
	PCALIGN $32

neighbours:
	COLUMN((P0)(TAP*2), (P1)(TAP*2), (P2)(TAP*2), COLUMN2)
	PIXEL
	VMOVDQA64 COLUMN1, COLUMN0
	VMOVDQA64 COLUMN2, COLUMN1
	NEXT_PIXEL
	JNZ       neighbours
	JMP       next

apart:
	COLUMN((P0), (P1), (P2), COLUMN0)
	COLUMN((P0)(TAP*1), (P1)(TAP*1), (P2)(TAP*1), COLUMN1)
	COLUMN((P0)(TAP*2), (P1)(TAP*2), (P2)(TAP*2), COLUMN2)
	PIXEL
	NEXT_PIXEL
	JNZ apart

next:
	NEXT_BLOCK(192)
	JG block
	VZEROUPPER
	RET
