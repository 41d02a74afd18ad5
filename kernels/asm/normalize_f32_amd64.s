//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

#define SRC SI
#define DST DI
#define SCALE R8
#define OFFSET R9
#define LANES DI
#define MEAN Y14
#define DEVIATION Y15

// The lanes of a sum of squares, sixteen elements at a time:
//
//	for i := range n {
//		lanes[i%16] += (src[i] − mean)²
//	}
//
// The caller guarantees n ≥ 16 and n%16 == 0. Clobbers CX, SI, DI, Y0-Y3, Y14.

// func squaresF32SIMD(lanes *[sumLanes]float32, src *float32, n int, mean float32)
TEXT ·squaresF32SIMD(SB), NOSPLIT, $0-28
	MOVQ         lanes+0(FP), LANES
	MOVQ         src+8(FP), SRC
	MOVQ         n+16(FP), N
	VBROADCASTSS mean+24(FP), MEAN
	VMOVUPS      (LANES), Y0
	VMOVUPS      32(LANES), Y1

loop_16:
	VMOVUPS (SRC), Y2
	VMOVUPS 32(SRC), Y3
	VSUBPS  MEAN, Y2, Y2
	VSUBPS  MEAN, Y3, Y3
	VMULPS  Y2, Y2, Y2
	VMULPS  Y3, Y3, Y3
	VADDPS  Y2, Y0, Y0
	VADDPS  Y3, Y1, Y1
	ADDQ    $64, SRC
	SUBQ    $16, N
	JNZ     loop_16

	VMOVUPS Y0, (LANES)
	VMOVUPS Y1, 32(LANES)
	VZEROUPPER
	RET

// A row, normalised:
//
//	for i := range n {
//		dst[i] = ((src[i] − mean)/deviation)·scale[i] + offset[i]
//	}
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, DI, R8, R9,
// Y0-Y3, Y14, Y15.

#define EIGHT(at, y) \
	VMOVUPS (32*at)(SRC)(I*4), y       \
	VSUBPS  MEAN, y, y                 \
	VDIVPS  DEVIATION, y, y            \
	VMULPS  (32*at)(SCALE)(I*4), y, y  \
	VADDPS  (32*at)(OFFSET)(I*4), y, y \
	VMOVUPS y, (32*at)(DST)(I*4)

// func normalizeF32SIMD(dst, src, scale, offset *float32, n int, mean, deviation float32)
TEXT ·normalizeF32SIMD(SB), NOSPLIT, $0-48
	MOVQ         dst+0(FP), DST
	MOVQ         src+8(FP), SRC
	MOVQ         scale+16(FP), SCALE
	MOVQ         offset+24(FP), OFFSET
	MOVQ         n+32(FP), N
	VBROADCASTSS mean+40(FP), MEAN
	VBROADCASTSS deviation+44(FP), DEVIATION
	ELEMENTWISE
