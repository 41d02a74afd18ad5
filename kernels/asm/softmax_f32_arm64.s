//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "unary_f32_arm64.h"
#include "exp_f32_arm64.h"

// The passes of a softmax over a row.

// func greatestF32NEON(src *float32, n int) float32
//
// The greatest of n elements, none of them NaN; n is a multiple of 8 and at least
// 8. Which zero wins does not matter. Clobbers R0, R1, V0-V3.
TEXT ·greatestF32NEON(SB), NOSPLIT, $0-20
	MOVD   src+0(FP), R0
	MOVD   n+8(FP), R1
	VLD1   (R0), [V2.S4, V3.S4]

greatest:
	VLD1.P 32(R0), [V0.S4, V1.S4]
	FMAXNM_4S(2, 2, 0)
	FMAXNM_4S(3, 3, 1)
	SUBS   $8, R1, R1
	BNE    greatest
	FMAXNM_4S(2, 2, 3)
	VEXT   $8, V2.B16, V2.B16, V3.B16
	FMAXNM_4S(2, 2, 3)
	VEXT   $4, V2.B16, V2.B16, V3.B16
	FMAXNM_4S(2, 2, 3)
	FMOVS  F2, ret+16(FP)
	RET

#define FUNCTION \
	FSUB_4S(0, 0, 19) \
	FSUB_4S(1, 1, 19) \
	EXP2(0, 2, 4, 6, 8, 1, 3, 5, 7, 9)

// func shiftedExpF32NEON(dst, src *float32, n int, greatest float32)
//
// dst[i] = exp(src[i] − greatest). n ≥ 1. Clobbers R0-R6, R8, V0-V9, V19-V31.
TEXT ·shiftedExpF32NEON(SB), NOSPLIT, $32-28
	MOVD  dst+0(FP), DST
	MOVD  src+8(FP), SRC
	MOVD  n+16(FP), N
	FMOVS greatest+24(FP), F19
	VDUP  V19.S[0], V19.S4
	EXP_CONSTANTS
	UNARY

#undef FUNCTION
#define FUNCTION \
	FDIV_4S(0, 0, 19) \
	FDIV_4S(1, 1, 19)

// func divideF32NEON(x *float32, n int, by float32)
//
// x[i] = x[i]/by. n ≥ 1. Clobbers R0-R6, V0, V1, V19.
TEXT ·divideF32NEON(SB), NOSPLIT, $32-20
	MOVD  x+0(FP), DST
	MOVD  x+0(FP), SRC
	MOVD  n+8(FP), N
	FMOVS by+16(FP), F19
	VDUP  V19.S[0], V19.S4
	UNARY
