//go:build !purego

#include "textflag.h"
#include "gemm_rows_amd64.h"

// The 6×16 tile of a float32 matrix product:
//
//	for p := range k {
//		b0, b1 = b[p][0:8], b[p][8:16]
//		for each row i {
//			x = broadcast(a[i][p])
//			acc[i][0] = fma(x, b0, acc[i][0])
//			acc[i][1] = fma(x, b1, acc[i][1])
//		}
//	}
//
// The twelve accumulators start from start: a chain of four cycles each, of which
// two instructions a cycle keep eight busy.
//
// Rows m..5 repeat row m-1; all of start, which may be c, is read before any of c
// is written.
//
// The caller guarantees 1 ≤ m ≤ 6, k ≥ 1, and that every row of a, every step
// of b and every row of c and start lies inside its slice. Clobbers AX-DX, SI, DI, R8-R13,
// Y0-Y15.

#define B SI
#define STEP AX    // byte offset of step p in a row of a
#define END BX     // byte length of a row of a

#define BLO Y0
#define BHI Y1
#define X2 Y2      // broadcast of a row of a; rows take turns
#define X3 Y3

#define ROW(a, x, lo, hi) \
	VBROADCASTSS (a)(STEP*1), x \
	VFMADD231PS  BLO, x, lo     \
	VFMADD231PS  BHI, x, hi

#define LOAD(row, lo, hi) \
	VMOVUPS (row), lo   \
	VMOVUPS 32(row), hi

#define STORE(row, lo, hi) \
	VMOVUPS lo, (row)   \
	VMOVUPS hi, 32(row)

// func gemmF32AVX2(c *float32, ldc int, start *float32, lds int, a *float32, lda int, b *float32, m, k int)
TEXT ·gemmF32AVX2(SB), NOSPLIT, $0-72
	MOVQ m+56(FP), LEFT
	MOVQ b+48(FP), B

	MOVQ start+16(FP), A0
	MOVQ lds+24(FP), STRIDE
	SIX_ROWS(2)
	LOAD(A0, Y4, Y5)
	LOAD(A1, Y6, Y7)
	LOAD(A2, Y8, Y9)
	LOAD(A3, Y10, Y11)
	LOAD(A4, Y12, Y13)
	LOAD(A5, Y14, Y15)

	MOVQ a+32(FP), A0
	MOVQ lda+40(FP), STRIDE
	SIX_ROWS(2)
	MOVQ k+64(FP), END
	SHLQ $2, END
	XORQ STEP, STEP

	PCALIGN $32

loop_k:
	VMOVUPS (B), BLO
	VMOVUPS 32(B), BHI
	ROW(A0, X2, Y4, Y5)
	ROW(A1, X3, Y6, Y7)
	ROW(A2, X2, Y8, Y9)
	ROW(A3, X3, Y10, Y11)
	ROW(A4, X2, Y12, Y13)
	ROW(A5, X3, Y14, Y15)
	ADDQ $64, B
	ADDQ $4, STEP
	CMPQ STEP, END
	JLT  loop_k

	// six rows of c, in the registers of a
	MOVQ c+0(FP), A0
	MOVQ ldc+8(FP), STRIDE
	SIX_ROWS(2)
	STORE(A0, Y4, Y5)
	STORE(A1, Y6, Y7)
	STORE(A2, Y8, Y9)
	STORE(A3, Y10, Y11)
	STORE(A4, Y12, Y13)
	STORE(A5, Y14, Y15)
	VZEROUPPER
	RET
