//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

// An adjoint where a value lies within a range:
//
//	for i := range n {
//		dst[i] = dy[i] where y[i] > lo and y[i] < hi, else 0
//	}
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, DI, R8, Y0-Y7.

#define DST DI
#define DY SI
#define Y R8
#define LO Y6
#define HI Y7

// Predicates: 0x1E is greater, 0x11 less; both are false for NaN.
#define EIGHT(at, y) \
	VMOVUPS (32*at)(Y)(I*4), y       \
	VCMPPS  $0x1E, LO, y, Y4         \
	VCMPPS  $0x11, HI, y, Y5         \
	VANDPS  Y4, Y5, Y4               \
	VANDPS  (32*at)(DY)(I*4), Y4, y  \
	VMOVUPS y, (32*at)(DST)(I*4)

// func clampGradF32SIMD(dst, dy, y *float32, n int, lo, hi float32)
TEXT ·clampGradF32SIMD(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DST
	MOVQ         dy+8(FP), DY
	MOVQ         y+16(FP), Y
	MOVQ         n+24(FP), N
	VBROADCASTSS lo+32(FP), LO
	VBROADCASTSS hi+36(FP), HI
	ELEMENTWISE
