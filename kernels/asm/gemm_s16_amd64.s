//go:build !purego

#include "textflag.h"
#include "gemm_rows_amd64.h"

// The 6×16 tile of a product of int16 values, two steps of k at a time:
//
//	for p := 0; p < k; p += 2 {
//		b0, b1 = b[0:16], b[16:32]                  // columns 0-7 and 8-15, as pairs
//		for each row i {
//			pair = broadcast(a[i][p], a[i][p+1])
//			acc[i][0] += pair · b0                  // VPMADDWD: both products of a pair, added
//			acc[i][1] += pair · b1
//		}
//	}
//
// The caller guarantees 1 ≤ m ≤ 6, k even, and that every row of a, every step
// of b and every row of c lies inside its slice. Clobbers AX-DX, SI, DI, R8-R13,
// Y0-Y15.

#define B SI
#define STEP AX    // byte offset of step p in a row of a
#define END BX     // byte length of a row of a

#define BLO Y0
#define BHI Y1
#define PAIR Y2
#define PROD Y3

#define ROW(a, lo, hi) \
	VPBROADCASTD (a)(STEP*1), PAIR \
	VPMADDWD     BLO, PAIR, PROD   \
	VPADDD       PROD, lo, lo      \
	VPMADDWD     BHI, PAIR, PROD   \
	VPADDD       PROD, hi, hi

#define STORE(row, lo, hi) \
	VMOVDQU lo, (row)   \
	VMOVDQU hi, 32(row)

// func gemmS16SIMD(c *int32, ldc int, a *int16, lda int, b *int16, m, k int)
TEXT ·gemmS16SIMD(SB), NOSPLIT, $0-56
	MOVQ m+40(FP), LEFT
	MOVQ b+32(FP), B

	// six rows of a
	MOVQ a+16(FP), A0
	MOVQ lda+24(FP), STRIDE
	SIX_ROWS(1)

	MOVQ k+48(FP), END
	SHLQ $1, END
	XORQ STEP, STEP

	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	VPXOR Y11, Y11, Y11
	VPXOR Y12, Y12, Y12
	VPXOR Y13, Y13, Y13
	VPXOR Y14, Y14, Y14
	VPXOR Y15, Y15, Y15

	PCALIGN $32

loop_k:
	VMOVDQU (B), BLO         // columns 0-7
	VMOVDQU 32(B), BHI       // columns 8-15
	ROW(A0, Y4, Y5)
	ROW(A1, Y6, Y7)
	ROW(A2, Y8, Y9)
	ROW(A3, Y10, Y11)
	ROW(A4, Y12, Y13)
	ROW(A5, Y14, Y15)
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
