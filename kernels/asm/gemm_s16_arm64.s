//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The 6×16 tile of an int16 matrix product, two steps of k at a time:
//
//	for p := 0; p < k; p += 2 {
//		even, odd = deinterleave(b[0:64])     // 16 columns at k = p, at k = p+1
//		for each row i {
//			acc[i] += a[i][p] · even + a[i][p+1] · odd   // SMLAL, four columns each
//		}
//	}
//
// The 24 accumulators leave eight registers: three hold two steps of the six rows
// of a, four hold b.
//
// Rows m..5 repeat row m-1: they load, compute and store the same values, so a
// short tile needs no code of its own.
//
// The caller guarantees 1 ≤ m ≤ 6, k even, and that every row of a, every step
// of b and every row of c lies inside its slice. Clobbers R0-R9, V0-V6, V8-V31.

#define A0 R0
#define A1 R1
#define A2 R2
#define A3 R3
#define A4 R4
#define A5 R5
#define STRIDE R6 // bytes between rows
#define ROWS R7
#define B R8
#define LEFT R9   // steps of k

// next = row, or the row before where the tile has no more rows
#define NEXT_ROW(n, row, next) \
	ADD  STRIDE, row, next   \
	CMP  $n, ROWS            \
	CSEL GT, next, row, next

#define SIX_ROWS \
	NEXT_ROW(1, A0, A1) \
	NEXT_ROW(2, A1, A2) \
	NEXT_ROW(3, A2, A3) \
	NEXT_ROW(4, A3, A4) \
	NEXT_ROW(5, A4, A5)

// acc..acc+3 += element i of va · 16 columns
#define ROW(acc, lo, hi, a, i) \
	SMLAL_4S_ELEM(acc, lo, a, i)    \
	SMLAL2_4S_ELEM(acc+1, lo, a, i) \
	SMLAL_4S_ELEM(acc+2, hi, a, i)  \
	SMLAL2_4S_ELEM(acc+3, hi, a, i)

// Six rows times the columns in Vlo and Vhi; V0, V1 and V2 hold two rows each.
#define COLUMNS(lo, hi, i) \
	ROW(8, lo, hi, 0, i)    \
	ROW(12, lo, hi, 0, i+4) \
	ROW(16, lo, hi, 1, i)   \
	ROW(20, lo, hi, 1, i+4) \
	ROW(24, lo, hi, 2, i)   \
	ROW(28, lo, hi, 2, i+4)

// func gemmS16SIMD(c *int32, ldc int, a *int16, lda int, b *int16, m, k int)
TEXT ·gemmS16SIMD(SB), NOSPLIT, $0-56
	MOVD m+40(FP), ROWS
	MOVD b+32(FP), B
	MOVD k+48(FP), LEFT
	MOVD a+16(FP), A0
	MOVD lda+24(FP), STRIDE
	LSL  $1, STRIDE, STRIDE
	SIX_ROWS

	VMOVI $0, V8.B16
	VMOVI $0, V9.B16
	VMOVI $0, V10.B16
	VMOVI $0, V11.B16
	VMOVI $0, V12.B16
	VMOVI $0, V13.B16
	VMOVI $0, V14.B16
	VMOVI $0, V15.B16
	VMOVI $0, V16.B16
	VMOVI $0, V17.B16
	VMOVI $0, V18.B16
	VMOVI $0, V19.B16
	VMOVI $0, V20.B16
	VMOVI $0, V21.B16
	VMOVI $0, V22.B16
	VMOVI $0, V23.B16
	VMOVI $0, V24.B16
	VMOVI $0, V25.B16
	VMOVI $0, V26.B16
	VMOVI $0, V27.B16
	VMOVI $0, V28.B16
	VMOVI $0, V29.B16
	VMOVI $0, V30.B16
	VMOVI $0, V31.B16

	PCALIGN $16

loop_k:
	VLD2.P  32(B), [V3.H8, V4.H8]
	FMOVS.P 4(A0), F0
	FMOVS.P 4(A2), F1
	FMOVS.P 4(A4), F2
	VLD1.P  4(A1), V0.S[2]
	VLD1.P  4(A3), V1.S[2]
	VLD1.P  4(A5), V2.S[2]
	VLD2.P  32(B), [V5.H8, V6.H8]
	COLUMNS(3, 5, 0)
	COLUMNS(4, 6, 1)
	SUBS    $2, LEFT, LEFT
	BNE     loop_k

	// six rows of c, in the registers of a
	MOVD c+0(FP), A0
	MOVD ldc+8(FP), STRIDE
	LSL  $2, STRIDE, STRIDE
	SIX_ROWS
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (A0)
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (A1)
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (A2)
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (A3)
	VST1 [V24.S4, V25.S4, V26.S4, V27.S4], (A4)
	VST1 [V28.S4, V29.S4, V30.S4, V31.S4], (A5)
	RET
