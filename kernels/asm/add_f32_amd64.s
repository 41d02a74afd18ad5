//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

// The sum of two float32 slices:
//
//	for i := range n {
//		dst[i] = a[i] + b[i]
//	}
//
// The caller guarantees n ≥ 8 and n%8 == 0; dst may be a or b. Clobbers AX, CX,
// DX, SI, DI, R8, Y0-Y3.

#define DST DI
#define A SI
#define B R8

#define EIGHT(at, y) \
	VMOVUPS (32*at)(A)(I*4), y    \
	VADDPS  (32*at)(B)(I*4), y, y \
	VMOVUPS y, (32*at)(DST)(I*4)

// func addF32SIMD(dst, a, b *float32, n int)
TEXT ·addF32SIMD(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DST
	MOVQ a+8(FP), A
	MOVQ b+16(FP), B
	MOVQ n+24(FP), N
	ELEMENTWISE
