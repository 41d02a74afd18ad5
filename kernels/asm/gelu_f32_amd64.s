//go:build !purego

#include "textflag.h"
#include "unary_f32_amd64.h"
#include "erf_f32_amd64.h"

// The Gaussian error linear unit of a float32 slice, GeluF32 step by step:
//
//	for i := range n {
//		y[i] = (x[i] * 0.5) * (erf(x[i]*scale) + 1)
//	}
//
// The caller guarantees n ≥ 1; y may be x. Clobbers AX, CX, DX, SI, DI, R8, R9,
// Y0-Y15.

#define GELU_CONST R9 // geluVectors

// offsets of its constants
#define SCALE 0
#define HALF 32
#define ONE 64

#define FUNCTION \
	VMULPS HALF(GELU_CONST), Y0, Y12 \
	VMULPS HALF(GELU_CONST), Y1, Y13 \
	VMULPS SCALE(GELU_CONST), Y0, Y0 \
	VMULPS SCALE(GELU_CONST), Y1, Y1 \
	ERF                              \
	VADDPS ONE(GELU_CONST), Y0, Y0   \
	VADDPS ONE(GELU_CONST), Y1, Y1   \
	VMULPS Y12, Y0, Y0               \
	VMULPS Y13, Y1, Y1

// func geluOfF32SIMD(y, x *float32, n int)
TEXT ·geluOfF32SIMD(SB), NOSPLIT, $0-24
	MOVQ y+0(FP), DST
	MOVQ x+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ ·erfVectors(SB), CONST
	LEAQ ·geluVectors(SB), GELU_CONST
	UNARY
