//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "unary_f32_arm64.h"
#include "erf_f32_arm64.h"

// The constants, by register number, in the order of geluVectors.
#define SCALE 18
#define HALF 19
#define ONE 20

// Clobbers of its own: V16 and V17, which keep half of x.
#define FUNCTION \
	FMUL_4S(16, 0, HALF) \
	FMUL_4S(17, 1, HALF) \
	FMUL_4S(0, 0, SCALE) \
	FMUL_4S(1, 1, SCALE) \
	ERF                  \
	FADD_4S(0, 0, ONE)   \
	FADD_4S(1, 1, ONE)   \
	FMUL_4S(0, 16, 0)    \
	FMUL_4S(1, 17, 1)

// func geluOfF32SIMD(y, x *float32, n int)
//
// y[i] = (x[i]·0.5)·(erf(x[i]/√2) + 1). n ≥ 1. Clobbers R0-R6, R8, V0-V20.
TEXT ·geluOfF32SIMD(SB), NOSPLIT, $32-24
	MOVD  y+0(FP), DST
	MOVD  x+8(FP), SRC
	MOVD  n+16(FP), N
	MOVD  $·geluVectors(SB), CONST
	FMOVQ 0(CONST), F18
	FMOVQ 32(CONST), F19
	FMOVQ 64(CONST), F20
	MOVD  $·erfVectors(SB), CONST
	UNARY
