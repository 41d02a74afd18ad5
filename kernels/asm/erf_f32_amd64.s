//go:build !purego

#include "textflag.h"
#include "unary_f32_amd64.h"
#include "erf_f32_amd64.h"

// The error function of a float32 slice:
//
//	for i := range n {
//		y[i] = erf(x[i])
//	}
//
// The caller guarantees n ≥ 1; y may be x. Clobbers AX, CX, DX, SI, DI, R8,
// Y0-Y11, Y14, Y15.

#define FUNCTION ERF

// func erfOfF32SIMD(y, x *float32, n int)
TEXT ·erfOfF32SIMD(SB), NOSPLIT, $0-24
	MOVQ y+0(FP), DST
	MOVQ x+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ ·erfVectors(SB), CONST
	UNARY
