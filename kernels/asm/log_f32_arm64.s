//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "unary_f32_arm64.h"

#define CONST R8

// The constants, by register number, in the order of logVectors.
#define LOWEST 14
#define SCALE 15
#define MINUS_23 16
#define MANTISSA 17
#define ONE 18
#define LN2 19
#define INFINITY 20
#define MINUS_INFINITY 21
#define NAN 22
#define C0 23
#define C1 24
#define C2 25
#define C3 26
#define C4 27
#define C5 28
#define C6 29
#define C7 30
#define C8 31

// x = log(x) of two vectors, by register number. Clobbers of each:
//
//	t  conditions
//	n  exponent
//	f  mantissa less 1, then the result
//	p  x as it is normal, then the polynomial, in turns with q
//
// The general result is computed for all elements; infinities, zeros, negative
// numbers and NaN get theirs last.
#define LOG2(x0, t0, n0, f0, p0, q0, x1, t1, n1, f1, p1, q1) \
	FCMGT_4S(t0, LOWEST, x0) \
	FCMGT_4S(t1, LOWEST, x1) \
	FMUL_4S(f0, x0, SCALE) \
	FMUL_4S(f1, x1, SCALE) \
	MOV_16B(p0, x0) \
	MOV_16B(p1, x1) \
	BIT_16B(p0, f0, t0) \
	BIT_16B(p1, f1, t1) \
	AND_16B(n0, MINUS_23, t0) \
	AND_16B(n1, MINUS_23, t1) \
	SUB_4S(q0, p0, MANTISSA) \
	SUB_4S(q1, p1, MANTISSA) \
	SSHR23_4S(q0, q0) \
	SSHR23_4S(q1, q1) \
	SHL23_4S(f0, q0) \
	SHL23_4S(f1, q1) \
	SUB_4S(f0, p0, f0) \
	SUB_4S(f1, p1, f1) \
	FSUB_4S(f0, f0, ONE) \
	FSUB_4S(f1, f1, ONE) \
	SCVTF_4S(q0, q0) \
	SCVTF_4S(q1, q1) \
	FADD_4S(n0, n0, q0) \
	FADD_4S(n1, n1, q1) \
	MOV_16B(q0, C1) \
	MOV_16B(q1, C1) \
	FMLA_4S(q0, C0, f0) \
	FMLA_4S(q1, C0, f1) \
	MOV_16B(p0, C2) \
	MOV_16B(p1, C2) \
	FMLA_4S(p0, q0, f0) \
	FMLA_4S(p1, q1, f1) \
	MOV_16B(q0, C3) \
	MOV_16B(q1, C3) \
	FMLA_4S(q0, p0, f0) \
	FMLA_4S(q1, p1, f1) \
	MOV_16B(p0, C4) \
	MOV_16B(p1, C4) \
	FMLA_4S(p0, q0, f0) \
	FMLA_4S(p1, q1, f1) \
	MOV_16B(q0, C5) \
	MOV_16B(q1, C5) \
	FMLA_4S(q0, p0, f0) \
	FMLA_4S(q1, p1, f1) \
	MOV_16B(p0, C6) \
	MOV_16B(p1, C6) \
	FMLA_4S(p0, q0, f0) \
	FMLA_4S(p1, q1, f1) \
	MOV_16B(q0, C7) \
	MOV_16B(q1, C7) \
	FMLA_4S(q0, p0, f0) \
	FMLA_4S(q1, p1, f1) \
	MOV_16B(p0, C8) \
	MOV_16B(p1, C8) \
	FMLA_4S(p0, q0, f0) \
	FMLA_4S(p1, q1, f1) \
	FMUL_4S(q0, f0, f0) \
	FMUL_4S(q1, f1, f1) \
	FMLA_4S(f0, p0, q0) \
	FMLA_4S(f1, p1, q1) \
	FMLA_4S(f0, n0, LN2) \
	FMLA_4S(f1, n1, LN2) \
	FCMGT_4S(t0, INFINITY, x0) \
	FCMGT_4S(t1, INFINITY, x1) \
	BIF_16B(f0, x0, t0) \
	BIF_16B(f1, x1, t1) \
	FCMEQ0_4S(t0, x0) \
	FCMEQ0_4S(t1, x1) \
	BIT_16B(f0, MINUS_INFINITY, t0) \
	BIT_16B(f1, MINUS_INFINITY, t1) \
	FCMGE0_4S(t0, x0) \
	FCMGE0_4S(t1, x1) \
	BIF_16B(f0, NAN, t0) \
	BIF_16B(f1, NAN, t1) \
	MOV_16B(x0, f0) \
	MOV_16B(x1, f1)

#define FUNCTION LOG2(0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11)

// func logOfF32SIMD(y, x *float32, n int)
//
// y[i] = log(x[i]). n ≥ 1. Clobbers R0-R6, R8, V0-V11, V14-V31.
TEXT ·logOfF32SIMD(SB), NOSPLIT, $32-24
	MOVD y+0(FP), DST
	MOVD x+8(FP), SRC
	MOVD n+16(FP), N
	MOVD $·logVectors(SB), CONST
	FMOVQ.P 32(CONST), F14
	FMOVQ.P 32(CONST), F15
	FMOVQ.P 32(CONST), F16
	FMOVQ.P 32(CONST), F17
	FMOVQ.P 32(CONST), F18
	FMOVQ.P 32(CONST), F19
	FMOVQ.P 32(CONST), F20
	FMOVQ.P 32(CONST), F21
	FMOVQ.P 32(CONST), F22
	FMOVQ.P 32(CONST), F23
	FMOVQ.P 32(CONST), F24
	FMOVQ.P 32(CONST), F25
	FMOVQ.P 32(CONST), F26
	FMOVQ.P 32(CONST), F27
	FMOVQ.P 32(CONST), F28
	FMOVQ.P 32(CONST), F29
	FMOVQ.P 32(CONST), F30
	FMOVQ.P 32(CONST), F31
	UNARY
