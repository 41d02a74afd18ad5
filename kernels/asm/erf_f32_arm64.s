//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "unary_f32_arm64.h"
#include "erf_f32_arm64.h"

#define FUNCTION ERF

// func erfOfF32SIMD(y, x *float32, n int)
//
// y[i] = erf(x[i]). n ≥ 1. Clobbers R0-R6, R8, V0-V15.
TEXT ·erfOfF32SIMD(SB), NOSPLIT, $32-24
	MOVD y+0(FP), DST
	MOVD x+8(FP), SRC
	MOVD n+16(FP), N
	MOVD $·erfVectors(SB), CONST
	UNARY
