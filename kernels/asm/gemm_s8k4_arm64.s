//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "gemm_rows_arm64.h"

// The 6×16 tile of an int8 matrix product, sixteen steps of k at a time, four of
// them in one instruction:
//
//	for p := 0; p < k; p += 16 {
//		for each four q of the sixteen {
//			b0, b1, b2, b3 = b[0:64]              // 16 columns, as fours
//			for each row i {
//				sum[i][0:4] += b · a[i][p+4·q:]   // SDOT by element
//			}
//		}
//	}
//
// The 24 sums and the six rows of a leave two registers for b, which hold eight
// columns and then the other eight. The last fours are loaded one by one, since
// nothing may be read past a row.
//
// The caller guarantees 1 ≤ m ≤ 6, k ≥ 4 and k%4 == 0, and that every row of a,
// every step of b and every row of c lies inside its slice. Clobbers R0-R9,
// V0-V31.

// Columns 0-7, or 8-15, of all rows; i is the four of a.
#define EIGHT_COLUMNS(at, i) \
	VLD1.P 32(B), [V30.B16, V31.B16] \
	SDOT_4S_ELEM(at, 30, 24, i)      \
	SDOT_4S_ELEM(at+4, 30, 25, i)    \
	SDOT_4S_ELEM(at+8, 30, 26, i)    \
	SDOT_4S_ELEM(at+12, 30, 27, i)   \
	SDOT_4S_ELEM(at+16, 30, 28, i)   \
	SDOT_4S_ELEM(at+20, 30, 29, i)   \
	SDOT_4S_ELEM(at+1, 31, 24, i)    \
	SDOT_4S_ELEM(at+5, 31, 25, i)    \
	SDOT_4S_ELEM(at+9, 31, 26, i)    \
	SDOT_4S_ELEM(at+13, 31, 27, i)   \
	SDOT_4S_ELEM(at+17, 31, 28, i)   \
	SDOT_4S_ELEM(at+21, 31, 29, i)

#define FOUR_STEPS(i) \
	EIGHT_COLUMNS(0, i) \
	EIGHT_COLUMNS(2, i)

// func gemmS8K4DotProd(c *int32, ldc int, a *int8, lda int, b *int8, m, k int)
TEXT ·gemmS8K4DotProd(SB), NOSPLIT, $0-56
	MOVD m+40(FP), ROWS
	MOVD b+32(FP), B
	MOVD k+48(FP), LEFT
	MOVD a+16(FP), A0
	MOVD lda+24(FP), STRIDE
	SIX_ROWS
	CLEAR_SUMS
	SUBS $16, LEFT, LEFT
	BLT  fours

	PCALIGN $16

loop_16:
	VLD1.P 16(A0), [V24.B16]
	VLD1.P 16(A1), [V25.B16]
	VLD1.P 16(A2), [V26.B16]
	VLD1.P 16(A3), [V27.B16]
	VLD1.P 16(A4), [V28.B16]
	VLD1.P 16(A5), [V29.B16]
	FOUR_STEPS(0)
	FOUR_STEPS(1)
	FOUR_STEPS(2)
	FOUR_STEPS(3)
	SUBS   $16, LEFT, LEFT
	BGE    loop_16

fours:
	ADDS $16, LEFT, LEFT
	BEQ  store

loop_4:
	FMOVS.P 4(A0), F24
	FMOVS.P 4(A1), F25
	FMOVS.P 4(A2), F26
	FMOVS.P 4(A3), F27
	FMOVS.P 4(A4), F28
	FMOVS.P 4(A5), F29
	FOUR_STEPS(0)
	SUBS    $4, LEFT, LEFT
	BNE     loop_4

store:
	STORE_SUMS
	RET
