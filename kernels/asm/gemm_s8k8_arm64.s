//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "gemm_rows_arm64.h"

// The 6×16 tile of an int8 matrix product, eight steps of k in one instruction:
//
//	for p := 0; p < k; p += 8 {
//		for each pair of rows i {
//			pair = a[i][p:p+8], a[i+1][p:p+8]
//			for each pair of columns j {
//				sum[i:i+2][j:j+2] += pair · b[j:j+2]   // SMMLA: 2×8 by 8×2
//			}
//		}
//	}
//
// The sums of three pairs of rows by eight pairs of columns, V0-V23, lie as 2×2
// blocks until the end. Sixteen steps of a fill six registers; b goes through the
// other two, which take turns: what one holds is multiplied while the other loads.
//
// The caller guarantees 1 ≤ m ≤ 6, k ≥ 8 and k%8 == 0, and that every row of a,
// every step of b and every row of c lies inside its slice. Clobbers R0-R9,
// V0-V31.

// A pair of columns of all rows, whose sums are eight registers apart.
#define COLUMNS(at, b, r0, r1, r2) \
	SMMLA_4S(at, r0, b)    \
	SMMLA_4S(at+8, r1, b)  \
	SMMLA_4S(at+16, r2, b)

// Two pairs of columns; b is then loaded with the pairs after them.
#define TWO_PAIRS(at, r0, r1, r2, next) \
	COLUMNS(at, 30, r0, r1, r2)   \
	FMOVQ (next)(B), F30          \
	COLUMNS(at+1, 31, r0, r1, r2) \
	FMOVQ (next+16)(B), F31

// All columns of eight steps, the first two pairs of which are in V30 and V31; b
// holds them at the offset from. LAST_EIGHT leaves the registers, EIGHT_STEPS has
// the first pairs of the next steps in them.
#define LAST_EIGHT(r0, r1, r2, from) \
	TWO_PAIRS(0, r0, r1, r2, from+32) \
	TWO_PAIRS(2, r0, r1, r2, from+64) \
	TWO_PAIRS(4, r0, r1, r2, from+96) \
	COLUMNS(6, 30, r0, r1, r2)        \
	COLUMNS(7, 31, r0, r1, r2)

#define EIGHT_STEPS(r0, r1, r2, from) \
	TWO_PAIRS(0, r0, r1, r2, from+32) \
	TWO_PAIRS(2, r0, r1, r2, from+64) \
	TWO_PAIRS(4, r0, r1, r2, from+96) \
	TWO_PAIRS(6, r0, r1, r2, from+128)

// Two blocks of 2×2 to four columns of two rows.
#define ROWS_OF(x, y) \
	VZIP1 y.D2, x.D2, V30.D2 \
	VZIP2 y.D2, x.D2, V31.D2 \
	VMOV  V30.B16, x.B16     \
	VMOV  V31.B16, y.B16

// Stores a pair of rows whose blocks were put in order: the first row is in the
// even registers, the second in the odd ones.
#define STORE_PAIR(v0, v1, v2, v3, v4, v5, v6, v7, row0, row1) \
	VST1.P [v0.S4], 16(row0) \
	VST1.P [v2.S4], 16(row0) \
	VST1.P [v4.S4], 16(row0) \
	VST1   [v6.S4], (row0)   \
	VST1.P [v1.S4], 16(row1) \
	VST1.P [v3.S4], 16(row1) \
	VST1.P [v5.S4], 16(row1) \
	VST1   [v7.S4], (row1)

// func gemmS8K8I8MM(c *int32, ldc int, a *int8, lda int, b *int8, m, k int)
TEXT ·gemmS8K8I8MM(SB), NOSPLIT, $0-56
	MOVD m+40(FP), ROWS
	MOVD b+32(FP), B
	MOVD k+48(FP), LEFT
	MOVD a+16(FP), A0
	MOVD lda+24(FP), STRIDE
	SIX_ROWS
	CLEAR_SUMS
	SUBS $16, LEFT, LEFT
	BLT  eight

	PCALIGN $16

loop_16:
	VLD1.P 16(A0), [V24.B16]
	VLD1.P 16(A1), [V30.B16]
	VLD1.P 16(A2), [V25.B16]
	VLD1.P 16(A3), [V31.B16]
	VZIP2  V30.D2, V24.D2, V27.D2 // steps 8-15
	VZIP1  V30.D2, V24.D2, V24.D2 // steps 0-7
	VLD1.P 16(A4), [V26.B16]
	VLD1.P 16(A5), [V30.B16]
	VZIP2  V31.D2, V25.D2, V28.D2
	VZIP1  V31.D2, V25.D2, V25.D2
	FMOVQ  16(B), F31
	VZIP2  V30.D2, V26.D2, V29.D2
	VZIP1  V30.D2, V26.D2, V26.D2
	FMOVQ  (B), F30
	EIGHT_STEPS(24, 25, 26, 0)
	LAST_EIGHT(27, 28, 29, 128)
	ADD    $256, B, B
	SUBS   $16, LEFT, LEFT
	BGE    loop_16

eight:
	ADDS   $16, LEFT, LEFT
	BEQ    store
	FMOVQ  (B), F30
	FMOVQ  16(B), F31
	FMOVD  (A0), F24
	FMOVD  (A2), F25
	FMOVD  (A4), F26
	VLD1   (A1), V24.D[1]
	VLD1   (A3), V25.D[1]
	VLD1   (A5), V26.D[1]
	LAST_EIGHT(24, 25, 26, 0)

store:
	ROWS_OF(V0, V1)
	ROWS_OF(V2, V3)
	ROWS_OF(V4, V5)
	ROWS_OF(V6, V7)
	ROWS_OF(V8, V9)
	ROWS_OF(V10, V11)
	ROWS_OF(V12, V13)
	ROWS_OF(V14, V15)
	ROWS_OF(V16, V17)
	ROWS_OF(V18, V19)
	ROWS_OF(V20, V21)
	ROWS_OF(V22, V23)
	MOVD c+0(FP), A0
	MOVD ldc+8(FP), STRIDE
	LSL  $2, STRIDE, STRIDE
	SIX_ROWS
	STORE_PAIR(V0, V1, V2, V3, V4, V5, V6, V7, A0, A1)
	STORE_PAIR(V8, V9, V10, V11, V12, V13, V14, V15, A2, A3)
	STORE_PAIR(V16, V17, V18, V19, V20, V21, V22, V23, A4, A5)
	RET
