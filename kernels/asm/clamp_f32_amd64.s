//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

// The clamp of a float32 slice in place:
//
//	for i := range n {
//		x[i] = min(max(x[i], lo), hi)
//	}
//
// VMAXPS and VMINPS give their second source for equal and for unordered
// operands. In Go's order that is the first operand, so the bound goes there:
// NaN becomes lo, and -0 a lower bound of +0, as in the reference.
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, Y0-Y3, Y14,
// Y15.

#define X SI

#define LO Y14
#define HI Y15

#define EIGHT(at, y) \
	VMOVUPS (32*at)(X)(I*4), y \
	VMAXPS  LO, y, y           \
	VMINPS  HI, y, y           \
	VMOVUPS y, (32*at)(X)(I*4)

// func clampF32SIMD(x *float32, n int, lo, hi float32)
TEXT ·clampF32SIMD(SB), NOSPLIT, $0-24
	MOVQ         x+0(FP), X
	MOVQ         n+8(FP), N
	VBROADCASTSS lo+16(FP), LO
	VBROADCASTSS hi+20(FP), HI
	ELEMENTWISE
