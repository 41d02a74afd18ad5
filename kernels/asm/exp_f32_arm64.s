//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "unary_f32_arm64.h"
#include "exp_f32_arm64.h"

#define FUNCTION EXP2(0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

// func expOfF32SIMD(y, x *float32, n int)
//
// y[i] = exp(x[i]). n ≥ 1. Clobbers R0-R6, R8, V0-V9, V20-V31.
TEXT ·expOfF32SIMD(SB), NOSPLIT, $32-24
	MOVD y+0(FP), DST
	MOVD x+8(FP), SRC
	MOVD n+16(FP), N
	EXP_CONSTANTS
	UNARY
