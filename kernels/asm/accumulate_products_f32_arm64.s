//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The products of two matrices added row after row to one row, eight columns at a
// time, down all rows with the sums in registers:
//
//	for r < rows, i < n:  acc[i] = fma(a[r·lda + i], b[r·ldb + i], acc[i])
//
// n is a multiple of 8 and at least 8; rows is at least 1. Clobbers R0-R9, V0-V5.

#define ACC R0
#define A R1
#define LDA R2 // bytes
#define B R3
#define LDB R4 // bytes
#define ROWS R5
#define N R6
#define ROW_A R7
#define ROW_B R8
#define LEFT R9

// func accumulateProductsF32SIMD(acc, a *float32, lda int, b *float32, ldb, rows, n int)
TEXT ·accumulateProductsF32SIMD(SB), NOSPLIT, $0-56
	MOVD acc+0(FP), ACC
	MOVD a+8(FP), A
	MOVD lda+16(FP), LDA
	MOVD b+24(FP), B
	MOVD ldb+32(FP), LDB
	MOVD rows+40(FP), ROWS
	MOVD n+48(FP), N
	LSL  $2, LDA, LDA
	LSL  $2, LDB, LDB

columns:
	VLD1 (ACC), [V0.S4, V1.S4]
	MOVD A, ROW_A
	MOVD B, ROW_B
	MOVD ROWS, LEFT

row:
	VLD1   (ROW_A), [V2.S4, V3.S4]
	VLD1   (ROW_B), [V4.S4, V5.S4]
	ADD    LDA, ROW_A, ROW_A
	ADD    LDB, ROW_B, ROW_B
	SUBS   $1, LEFT, LEFT
	FMLA_4S(0, 2, 4)
	FMLA_4S(1, 3, 5)
	BNE    row
	VST1.P [V0.S4, V1.S4], 32(ACC)
	ADD    $32, A, A
	ADD    $32, B, B
	SUBS   $8, N, N
	BNE    columns
	RET
