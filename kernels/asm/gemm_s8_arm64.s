//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The 6×16 tile of an int8 matrix product, four steps of k at a time, each two
// steps from one load of b:
//
//	for p := 0; p < k; p += 2 {
//		even, odd = widen(deinterleave(b[0:32]))    // 16 columns at k = p, at k = p+1
//		for each row i {
//			acc[i] += a[i][p] · even                // SMLAL, four columns an instruction
//		}
//		for each row i {
//			acc[i] += a[i][p+1] · odd
//		}
//	}
//
// The 24 accumulators leave eight registers: three hold four steps of the six
// rows of a, five hold b. The odd columns are widened between the products of
// the even ones, and the next b is loaded and widened between the products of
// the odd ones, so that a core that executes in order does not wait for them.
// Behind the last b the last one is loaded again, since nothing may be read past
// the panel.
//
// Rows m..5 repeat row m-1: they load, compute and store the same values, so a
// short tile needs no code of its own.
//
// The caller guarantees 1 ≤ m ≤ 6, k even, and that every row of a, every step
// of b and every row of c lies inside its slice. Clobbers R0-R11, V0-V31.

#define A0 R0
#define A1 R1
#define A2 R2
#define A3 R3
#define A4 R4
#define A5 R5
#define STRIDE R6 // bytes between rows
#define ROWS R7
#define B R8
#define LAST R9 // the last two steps of b
#define NEXT R10
#define LEFT R11 // steps of k

// b, by register number: columns 0-7 and 8-15 as int16. LD2 leaves its int8 in
// V3 and V4.
#define EVEN_LO 3
#define EVEN_HI 7
#define ODD_LO 5
#define ODD_HI 6

// next = row, or the row before where the tile has no more rows
#define NEXT_ROW(n, row, next) \
	ADD  STRIDE, row, next   \
	CMP  $n, ROWS            \
	CSEL GT, next, row, next

// acc..acc+3 += element i of va · 16 columns
#define ROW(acc, lo, hi, a, i) \
	SMLAL_4S_ELEM(acc, lo, a, i)    \
	SMLAL2_4S_ELEM(acc+1, lo, a, i) \
	SMLAL_4S_ELEM(acc+2, hi, a, i)  \
	SMLAL2_4S_ELEM(acc+3, hi, a, i)

// Two steps of k, elements i and i+1 of a row; V0, V1 and V2 hold two rows each.
#define TWO_STEPS(i) \
	ROW(8, EVEN_LO, EVEN_HI, 0, i)    \
	SXTL_8H(ODD_LO, 4)                \
	ROW(12, EVEN_LO, EVEN_HI, 0, i+4) \
	SXTL2_8H(ODD_HI, 4)               \
	ROW(16, EVEN_LO, EVEN_HI, 1, i)   \
	ADD  $32, B, NEXT                 \
	ROW(20, EVEN_LO, EVEN_HI, 1, i+4) \
	CMP  LAST, NEXT                   \
	ROW(24, EVEN_LO, EVEN_HI, 2, i)   \
	CSEL LS, NEXT, B, B               \
	ROW(28, EVEN_LO, EVEN_HI, 2, i+4) \
	VLD2 (B), [V3.B16, V4.B16]        \
	ROW(8, ODD_LO, ODD_HI, 0, i+1)    \
	ROW(12, ODD_LO, ODD_HI, 0, i+5)   \
	ROW(16, ODD_LO, ODD_HI, 1, i+1)   \
	ROW(20, ODD_LO, ODD_HI, 1, i+5)   \
	SXTL2_8H(EVEN_HI, 3)              \
	ROW(24, ODD_LO, ODD_HI, 2, i+1)   \
	SXTL_8H(EVEN_LO, 3)               \
	ROW(28, ODD_LO, ODD_HI, 2, i+5)

// func gemmS8NEON(c *int32, ldc int, a *int16, lda int, b *int8, m, k int)
TEXT ·gemmS8NEON(SB), NOSPLIT, $0-56
	MOVD m+40(FP), ROWS
	MOVD b+32(FP), B
	MOVD k+48(FP), LEFT

	// six rows of a
	MOVD a+16(FP), A0
	MOVD lda+24(FP), STRIDE
	LSL  $1, STRIDE, STRIDE
	NEXT_ROW(1, A0, A1)
	NEXT_ROW(2, A1, A2)
	NEXT_ROW(3, A2, A3)
	NEXT_ROW(4, A3, A4)
	NEXT_ROW(5, A4, A5)

	// the first two steps of b
	ADD  LEFT<<4, B, LAST
	SUB  $32, LAST, LAST
	VLD2 (B), [V3.B16, V4.B16]
	SXTL2_8H(EVEN_HI, 3)
	SXTL_8H(EVEN_LO, 3)

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

	SUBS $4, LEFT, LEFT
	BLT  last_two

	PCALIGN $16

loop_k:
	FMOVD.P 8(A0), F0
	FMOVD.P 8(A2), F1
	VLD1.P  8(A1), V0.D[1]
	FMOVD.P 8(A4), F2
	VLD1.P  8(A3), V1.D[1]
	VLD1.P  8(A5), V2.D[1]
	TWO_STEPS(0)
	TWO_STEPS(2)
	SUBS    $4, LEFT, LEFT
	BGE     loop_k

last_two:
	TBZ   $1, LEFT, store
	FMOVS (A0), F0
	FMOVS (A2), F1
	VLD1  (A1), V0.S[2]
	FMOVS (A4), F2
	VLD1  (A3), V1.S[2]
	VLD1  (A5), V2.S[2]
	TWO_STEPS(0)

store:
	// six rows of c, in the registers of a
	MOVD c+0(FP), A0
	MOVD ldc+8(FP), STRIDE
	LSL  $2, STRIDE, STRIDE
	NEXT_ROW(1, A0, A1)
	NEXT_ROW(2, A1, A2)
	NEXT_ROW(3, A2, A3)
	NEXT_ROW(4, A3, A4)
	NEXT_ROW(5, A4, A5)
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (A0)
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (A1)
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (A2)
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (A3)
	VST1 [V24.S4, V25.S4, V26.S4, V27.S4], (A4)
	VST1 [V28.S4, V29.S4, V30.S4, V31.S4], (A5)
	RET
