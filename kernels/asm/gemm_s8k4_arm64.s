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
// The 24 sums and the six rows of a leave two registers for b, which take turns:
// as soon as the six rows are done with one it loads the columns after the next,
// so that a core that executes in order does not wait for them. The last fours are
// loaded one by one, since nothing may be read past a row.
//
// The caller guarantees 1 ≤ m ≤ 6, k ≥ 4 and k%4 == 0, and that every row of a,
// every step of b and every row of c lies inside its slice. Clobbers R0-R9,
// V0-V31.

// Four columns of all rows; i is the four of a.
#define COLUMNS(at, b, i) \
	SDOT_4S_ELEM(at, b, 24, i)    \
	SDOT_4S_ELEM(at+4, b, 25, i)  \
	SDOT_4S_ELEM(at+8, b, 26, i)  \
	SDOT_4S_ELEM(at+12, b, 27, i) \
	SDOT_4S_ELEM(at+16, b, 28, i) \
	SDOT_4S_ELEM(at+20, b, 29, i)

// All columns of the fours i, the first eight of which are in V30 and V31; b holds
// them at the offset from. LAST_FOUR leaves the registers, FOUR_STEPS has the next
// fours' columns in them.
#define LAST_FOUR(i, from) \
	COLUMNS(0, 30, i)       \
	FMOVQ (from+32)(B), F30 \
	COLUMNS(1, 31, i)       \
	FMOVQ (from+48)(B), F31 \
	COLUMNS(2, 30, i)       \
	COLUMNS(3, 31, i)

#define FOUR_STEPS(i, from) \
	COLUMNS(0, 30, i)       \
	FMOVQ (from+32)(B), F30 \
	COLUMNS(1, 31, i)       \
	FMOVQ (from+48)(B), F31 \
	COLUMNS(2, 30, i)       \
	FMOVQ (from+64)(B), F30 \
	COLUMNS(3, 31, i)       \
	FMOVQ (from+80)(B), F31

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
	FMOVQ   (B), F30
	FMOVQ.P 16(A0), F24
	FMOVQ.P 16(A1), F25
	FMOVQ.P 16(A2), F26
	FMOVQ.P 16(A3), F27
	FMOVQ.P 16(A4), F28
	FMOVQ.P 16(A5), F29
	FMOVQ   16(B), F31
	FOUR_STEPS(0, 0)
	FOUR_STEPS(1, 64)
	FOUR_STEPS(2, 128)
	LAST_FOUR(3, 192)
	ADD     $256, B, B
	SUBS    $16, LEFT, LEFT
	BGE     loop_16

fours:
	ADDS $16, LEFT, LEFT
	BEQ  store

loop_4:
	FMOVQ   (B), F30
	FMOVS.P 4(A0), F24
	FMOVS.P 4(A1), F25
	FMOVS.P 4(A2), F26
	FMOVS.P 4(A3), F27
	FMOVS.P 4(A4), F28
	FMOVS.P 4(A5), F29
	FMOVQ   16(B), F31
	LAST_FOUR(0, 0)
	ADD     $64, B, B
	SUBS    $4, LEFT, LEFT
	BNE     loop_4

store:
	STORE_SUMS
	RET
