//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "unary_f32_arm64.h"
#include "exp_f32_arm64.h"

#define NEAR R7 // address of tanhVectors

// offsets of the constants
#define MAGNITUDE 0 // all bits but the sign
#define SPLIT 32
#define TWO 64
#define COEFFICIENTS 96

// Both forms are computed and the right one is kept.
//
//	V14, V15  magnitudes
//	V16, V17  signs
//	V0, V1    the form with the exponential
//	V6, V7    the polynomial
#define FUNCTION \
	FMOVQ MAGNITUDE(NEAR), F18 \
	AND_16B(14, 0, 18) \
	AND_16B(15, 1, 18) \
	BIC_16B(16, 0, 18) \
	BIC_16B(17, 1, 18) \
	FADD_4S(0, 14, 14) \
	FADD_4S(1, 15, 15) \
	EXP2(0, 2, 4, 6, 8, 1, 3, 5, 7, 9) \
	FMOVQ TWO(NEAR), F18 \
	FADD_4S(0, 0, ONE) \
	FADD_4S(1, 1, ONE) \
	FDIV_4S(0, 18, 0) \
	FDIV_4S(1, 18, 1) \
	FSUB_4S(0, ONE, 0) \
	FSUB_4S(1, ONE, 1) \
	FMUL_4S(2, 14, 14) \
	FMUL_4S(3, 15, 15) \
	FMOVQ COEFFICIENTS(NEAR), F4 \
	MOV_16B(5, 4) \
	FMOVQ (COEFFICIENTS+32*1)(NEAR), F6 \
	MOV_16B(7, 6) \
	FMLA_4S(6, 4, 2) \
	FMLA_4S(7, 5, 3) \
	FMOVQ (COEFFICIENTS+32*2)(NEAR), F4 \
	MOV_16B(5, 4) \
	FMLA_4S(4, 6, 2) \
	FMLA_4S(5, 7, 3) \
	FMOVQ (COEFFICIENTS+32*3)(NEAR), F6 \
	MOV_16B(7, 6) \
	FMLA_4S(6, 4, 2) \
	FMLA_4S(7, 5, 3) \
	FMOVQ (COEFFICIENTS+32*4)(NEAR), F4 \
	MOV_16B(5, 4) \
	FMLA_4S(4, 6, 2) \
	FMLA_4S(5, 7, 3) \
	FMUL_4S(4, 4, 2) \
	FMUL_4S(5, 5, 3) \
	MOV_16B(6, 14) \
	MOV_16B(7, 15) \
	FMLA_4S(6, 4, 14) \
	FMLA_4S(7, 5, 15) \
	FMOVQ SPLIT(NEAR), F18 \
	FCMGT_4S(8, 18, 14) \
	FCMGT_4S(9, 18, 15) \
	BSL_16B(8, 6, 0) \
	BSL_16B(9, 7, 1) \
	ORR_16B(0, 8, 16) \
	ORR_16B(1, 9, 17)

// func tanhOfF32SIMD(y, x *float32, n int)
//
// y[i] = tanh(x[i]). n ≥ 1. Clobbers R0-R8, V0-V9, V14-V18, V20-V31.
TEXT ·tanhOfF32SIMD(SB), NOSPLIT, $32-24
	MOVD y+0(FP), DST
	MOVD x+8(FP), SRC
	MOVD n+16(FP), N
	MOVD $·tanhVectors(SB), NEAR
	EXP_CONSTANTS
	UNARY
