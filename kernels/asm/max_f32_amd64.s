//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

// The larger of two float32 slices:
//
//	for i := range n {
//		if src[i] > dst[i] {
//			dst[i] = src[i]
//		}
//	}
//
// VMAXPS gives its second source, Go's first operand, for equal and for
// unordered operands: dst goes there.
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, DI, Y0-Y3.

#define DST DI
#define SRC SI

#define EIGHT(at, y) \
	VMOVUPS (32*at)(SRC)(I*4), y    \
	VMAXPS  (32*at)(DST)(I*4), y, y \
	VMOVUPS y, (32*at)(DST)(I*4)

// func maxF32SIMD(dst, src *float32, n int)
TEXT ·maxF32SIMD(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DST
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), N
	ELEMENTWISE
