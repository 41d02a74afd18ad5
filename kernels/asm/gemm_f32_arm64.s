//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The 6×16 tile of a float32 matrix product, four steps of k at a time, then
// the rest one by one:
//
//	for p := range k {
//		for each group j of four columns {
//			for each row i {
//				acc[i][j] = fma(a[i][p], b[p][j], acc[i][j])
//			}
//		}
//	}
//
// The 24 accumulators leave eight registers: six hold four steps of a row of a
// each, two take turns with the columns of b. As soon as the six rows are done
// with one of these it loads the columns after the next, so that a core that
// executes in order does not wait for them either. Behind the last step of b the last
// one is loaded again, since nothing may be read past the panel.
//
// Rows m..5 repeat row m-1: they load, compute and store the same values, so a
// short tile needs no code of its own. All of start, which may be c, is read before
// any of c is written.
//
// The caller guarantees 1 ≤ m ≤ 6, k ≥ 1, and that every row of a, every step
// of b and every row of c and start lies inside its slice. Clobbers R0-R11, V0-V31.

#define A0 R0
#define A1 R1
#define A2 R2
#define A3 R3
#define A4 R4
#define A5 R5
#define STRIDE R6 // bytes between rows
#define ROWS R7
#define B R8
#define LAST R9 // the last step of b
#define NEXT R10
#define LEFT R11 // steps of k

// next = row, or the row before where the tile has no more rows
#define NEXT_ROW(n, row, next) \
	ADD  STRIDE, row, next   \
	CMP  $n, ROWS            \
	CSEL GT, next, row, next

// The six rows of c or a, from A0 and a distance between rows in elements.
#define SIX_ROWS \
	LSL $2, STRIDE, STRIDE \
	NEXT_ROW(1, A0, A1)    \
	NEXT_ROW(2, A1, A2)    \
	NEXT_ROW(3, A2, A3)    \
	NEXT_ROW(4, A3, A4)    \
	NEXT_ROW(5, A4, A5)

// Six rows of column group j: += element i of the rows of a · vb.
#define COLUMNS(j, b, i) \
	FMLA_4S_ELEM(8+j, b, 0, i)  \
	FMLA_4S_ELEM(12+j, b, 1, i) \
	FMLA_4S_ELEM(16+j, b, 2, i) \
	FMLA_4S_ELEM(20+j, b, 3, i) \
	FMLA_4S_ELEM(24+j, b, 4, i) \
	FMLA_4S_ELEM(28+j, b, 5, i)

// One step of k, element i of the rows of a. V6 and V7 hold columns 0-7 of b
// before, and those of the next step after it.
#define STEP(i) \
	COLUMNS(0, 6, i)     \
	FMOVQ 32(B), F6      \
	ADD   $64, B, NEXT   \
	COLUMNS(1, 7, i)     \
	FMOVQ 48(B), F7      \
	CMP   LAST, NEXT     \
	COLUMNS(2, 6, i)     \
	CSEL  LS, NEXT, B, B \
	FMOVQ (B), F6        \
	COLUMNS(3, 7, i)     \
	FMOVQ 16(B), F7

// func gemmF32NEON(c *float32, ldc int, start *float32, lds int, a *float32, lda int, b *float32, m, k int)
TEXT ·gemmF32NEON(SB), NOSPLIT, $0-72
	MOVD m+56(FP), ROWS
	MOVD b+48(FP), B
	MOVD k+64(FP), LEFT

	MOVD start+16(FP), A0
	MOVD lds+24(FP), STRIDE
	SIX_ROWS
	VLD1 (A0), [V8.S4, V9.S4, V10.S4, V11.S4]
	VLD1 (A1), [V12.S4, V13.S4, V14.S4, V15.S4]
	VLD1 (A2), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1 (A3), [V20.S4, V21.S4, V22.S4, V23.S4]
	VLD1 (A4), [V24.S4, V25.S4, V26.S4, V27.S4]
	VLD1 (A5), [V28.S4, V29.S4, V30.S4, V31.S4]

	MOVD a+32(FP), A0
	MOVD lda+40(FP), STRIDE
	SIX_ROWS

	ADD   LEFT<<6, B, LAST
	SUB   $64, LAST, LAST
	FMOVQ (B), F6
	FMOVQ 16(B), F7

	SUBS $4, LEFT, LEFT
	BLT  rest

	PCALIGN $16

loop_k4:
	FMOVQ.P 16(A0), F0
	FMOVQ.P 16(A1), F1
	FMOVQ.P 16(A2), F2
	FMOVQ.P 16(A3), F3
	FMOVQ.P 16(A4), F4
	FMOVQ.P 16(A5), F5
	STEP(0)
	STEP(1)
	STEP(2)
	STEP(3)
	SUBS    $4, LEFT, LEFT
	BGE     loop_k4

rest:
	ADDS $4, LEFT, LEFT
	BEQ  store

loop_k1:
	FMOVS.P 4(A0), F0
	FMOVS.P 4(A1), F1
	FMOVS.P 4(A2), F2
	FMOVS.P 4(A3), F3
	FMOVS.P 4(A4), F4
	FMOVS.P 4(A5), F5
	STEP(0)
	SUBS    $1, LEFT, LEFT
	BNE     loop_k1

store:
	MOVD c+0(FP), A0
	MOVD ldc+8(FP), STRIDE
	SIX_ROWS
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (A0)
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (A1)
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (A2)
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (A3)
	VST1 [V24.S4, V25.S4, V26.S4, V27.S4], (A4)
	VST1 [V28.S4, V29.S4, V30.S4, V31.S4], (A5)
	RET
