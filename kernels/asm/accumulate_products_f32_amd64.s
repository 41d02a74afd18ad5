//go:build !purego

#include "textflag.h"

// Products of two matrices, element by element, summed over the rows:
//
//	for i := range n {
//		for r := range rows {
//			acc[i] = fma(a[r·lda + i], b[r·ldb + i], acc[i])
//		}
//	}
//
// 32 columns at a time, whose four chains hide a part of each other's latency;
// then eight. The caller guarantees n ≥ 8, n%8 == 0 and rows ≥ 1. Clobbers
// AX-DX, SI, DI, R8-R12, Y0-Y7.

#define ACC DI
#define A SI       // of the columns at hand
#define B BX
#define LDA R8     // bytes between rows
#define LDB R9
#define PA R10     // in the row at hand
#define PB R11
#define ROWS R12
#define LEFT CX    // columns
#define R DX       // rows left

#define PRODUCT(at, x, sum) \
	VMOVUPS     at(PA), x      \
	VFMADD231PS at(PB), x, sum

// func accumulateProductsF32SIMD(acc, a *float32, lda int, b *float32, ldb, rows, n int)
TEXT ·accumulateProductsF32SIMD(SB), NOSPLIT, $0-56
	MOVQ acc+0(FP), ACC
	MOVQ a+8(FP), A
	MOVQ lda+16(FP), LDA
	MOVQ b+24(FP), B
	MOVQ ldb+32(FP), LDB
	MOVQ rows+40(FP), ROWS
	MOVQ n+48(FP), LEFT
	SHLQ $2, LDA
	SHLQ $2, LDB
	SUBQ $32, LEFT
	JLT  eights

loop_32:
	VMOVUPS (ACC), Y4
	VMOVUPS 32(ACC), Y5
	VMOVUPS 64(ACC), Y6
	VMOVUPS 96(ACC), Y7
	MOVQ    A, PA
	MOVQ    B, PB
	MOVQ    ROWS, R

	PCALIGN $32

rows_32:
	PRODUCT(0, Y0, Y4)
	PRODUCT(32, Y1, Y5)
	PRODUCT(64, Y2, Y6)
	PRODUCT(96, Y3, Y7)
	ADDQ    LDA, PA
	ADDQ    LDB, PB
	DECQ    R
	JNZ     rows_32
	VMOVUPS Y4, (ACC)
	VMOVUPS Y5, 32(ACC)
	VMOVUPS Y6, 64(ACC)
	VMOVUPS Y7, 96(ACC)
	ADDQ    $128, ACC
	ADDQ    $128, A
	ADDQ    $128, B
	SUBQ    $32, LEFT
	JGE     loop_32

eights:
	ADDQ $32, LEFT
	JZ   done

loop_8:
	VMOVUPS (ACC), Y4
	MOVQ    A, PA
	MOVQ    B, PB
	MOVQ    ROWS, R

rows_8:
	PRODUCT(0, Y0, Y4)
	ADDQ    LDA, PA
	ADDQ    LDB, PB
	DECQ    R
	JNZ     rows_8
	VMOVUPS Y4, (ACC)
	ADDQ    $32, ACC
	ADDQ    $32, A
	ADDQ    $32, B
	SUBQ    $8, LEFT
	JNZ     loop_8

done:
	VZEROUPPER
	RET
