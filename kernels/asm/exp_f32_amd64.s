//go:build !purego

#include "textflag.h"
#include "unary_f32_amd64.h"
#include "exp_f32_amd64.h"

// The exponential of a float32 slice:
//
//	for i := range n {
//		y[i] = exp(x[i])
//	}
//
// The caller guarantees n ≥ 1; y may be x. Clobbers AX, CX, DX, SI, DI, R8,
// Y0-Y9, Y14, Y15.

#define FUNCTION \
	EXP(Y0, Y2, Y3, Y4, Y5) \
	EXP(Y1, Y6, Y7, Y8, Y9)

// func expOfF32SIMD(y, x *float32, n int)
TEXT ·expOfF32SIMD(SB), NOSPLIT, $0-24
	MOVQ y+0(FP), DST
	MOVQ x+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ ·expVectors(SB), CONST
	UNARY
