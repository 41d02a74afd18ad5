//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The 6×16 tile of an int8 matrix product without the instructions for it, two
// rows by eight columns at a time, sixteen steps of k:
//
//	for p := 0; p < k; p += 16 {
//		for each row i {
//			for each column j {
//				eight = a[i][p:p+8] · b[j][p:p+8]        // SMULL, in int16
//				eight += a[i][p+8:p+16] · b[j][p+8:p+16] // SMLAL: 2·128·127 fits
//				sum[i][j] += eight                       // SADALP: neighbours to int32
//			}
//		}
//	}
//
// A sum lies in four parts until the end. Two columns of b fill a register, so a
// holds its eight values in both halves. Four columns of b and the products of
// two rows by four columns are in registers at a time: while eight products are
// added to or added up, what the next eight are made of is loaded, so that a core
// that executes in order does not wait for it. Behind the last sixteen steps the
// same ones are loaded again, since nothing may be read past a row or a panel.
//
// Rows m..5 are left out, but for the second of a pair: it repeats the first.
//
// The caller guarantees 1 ≤ m ≤ 6, k ≥ 8 and k%8 == 0, that no value of b is
// −128, and that every row of a, every step of b and every row of c lies inside
// its slice. Clobbers R0-R13, V0-V31.

#define A0 R0
#define A1 R1
#define A0_MORE R2  // eight values further
#define A1_MORE R3
#define B R4
#define LEFT R5     // steps of k
#define STEP R6     // to the next sixteen values of a row: 16 or 0
#define SIXTEEN R7
#define HALF R8     // bytes to the eight columns, in an octet of b
#define ROWS R9     // left
#define A_PAIR R10  // the pair of rows
#define C_PAIR R11
#define A_STRIDE R12
#define C_STRIDE R13
#define C0 R0       // the rows of c, once those of a are done
#define C1 R1

// The products of rows a0 and a1 with four columns, in V8-V11 and V12-V15.
#define MULTIPLY(a0, a1, b01, b23) \
	SMULL_8H(8, b01, a0)   \
	SMULL2_8H(9, b01, a0)  \
	SMULL_8H(12, b01, a1)  \
	SMULL2_8H(13, b01, a1) \
	SMULL_8H(10, b23, a0)  \
	SMULL2_8H(11, b23, a0) \
	SMULL_8H(14, b23, a1)  \
	SMULL2_8H(15, b23, a1)

// Sixteen values of both rows and of four columns.
#define LOAD_16 \
	FMOVQ (B), F4            \
	FMOVQ 16(B), F5          \
	VLD1R (A0), [V0.D2]      \
	VLD1R (A1), [V2.D2]      \
	FMOVQ 128(B), F6         \
	FMOVQ 144(B), F7         \
	VLD1R (A0_MORE), [V1.D2] \
	VLD1R (A1_MORE), [V3.D2]

// Those of other eight values, added to them.
#define MULTIPLY_MORE(a0, a1, b01, b23) \
	SMLAL_8H(8, b01, a0)   \
	SMLAL2_8H(9, b01, a0)  \
	SMLAL_8H(12, b01, a1)  \
	SMLAL2_8H(13, b01, a1) \
	SMLAL_8H(10, b23, a0)  \
	SMLAL2_8H(11, b23, a0) \
	SMLAL_8H(14, b23, a1)  \
	SMLAL2_8H(15, b23, a1)

#define ADD_UP(sum0, sum1) \
	SADALP_4S(sum0, 8)    \
	SADALP_4S(sum0+1, 9)  \
	SADALP_4S(sum1, 12)   \
	SADALP_4S(sum1+1, 13) \
	SADALP_4S(sum0+2, 10) \
	SADALP_4S(sum0+3, 11) \
	SADALP_4S(sum1+2, 14) \
	SADALP_4S(sum1+3, 15)

// The sums of four columns from their parts.
#define JOIN(c0, c1, c2, c3) \
	VADDP c1.S4, c0.S4, c0.S4 \
	VADDP c3.S4, c2.S4, c2.S4 \
	VADDP c2.S4, c0.S4, c0.S4

// func gemmS8K8NEON(c *int32, ldc int, a *int8, lda int, b *int8, m, k int)
TEXT ·gemmS8K8NEON(SB), NOSPLIT, $0-56
	MOVD c+0(FP), C_PAIR
	MOVD ldc+8(FP), C_STRIDE
	MOVD a+16(FP), A_PAIR
	MOVD lda+24(FP), A_STRIDE
	MOVD m+40(FP), ROWS
	LSL  $2, C_STRIDE, C_STRIDE
	MOVD $16, SIXTEEN
	MOVD $0, HALF

eight_columns:
	MOVD b+32(FP), B
	ADD  HALF, B, B
	MOVD A_PAIR, A0
	ADD  A_STRIDE, A_PAIR, A1
	CMP  $1, ROWS
	CSEL GT, A1, A0, A1

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

	MOVD k+48(FP), LEFT
	SUBS $16, LEFT, LEFT
	BLT  last_eight

	ADD $8, A0, A0_MORE
	ADD $8, A1, A1_MORE
	LOAD_16

	PCALIGN $16

loop_16:
	MULTIPLY(0, 2, 4, 5)
	MULTIPLY_MORE(1, 3, 6, 7)
	FMOVQ 32(B), F4
	FMOVQ 48(B), F5
	FMOVQ 160(B), F6
	FMOVQ 176(B), F7
	SUBS  $16, LEFT, LEFT
	CSEL  GE, SIXTEEN, ZR, STEP
	ADD   STEP, A0, A0
	ADD   STEP, A0_MORE, A0_MORE
	ADD   STEP, A1, A1
	ADD   STEP, A1_MORE, A1_MORE
	ADD   STEP<<4, B, B
	ADD_UP(16, 24)
	MULTIPLY(0, 2, 4, 5)
	MULTIPLY_MORE(1, 3, 6, 7)
	LOAD_16
	ADD_UP(20, 28)
	BGE   loop_16

	// behind the last sixteen
	ADD $16, A0, A0
	ADD $16, A1, A1
	ADD $256, B, B

last_eight:
	TBZ   $3, LEFT, store
	VLD1R (A0), [V0.D2]
	VLD1R (A1), [V2.D2]
	FMOVQ (B), F4
	FMOVQ 16(B), F5
	FMOVQ 32(B), F6
	FMOVQ 48(B), F7
	MULTIPLY(0, 2, 4, 5)
	ADD_UP(16, 24)
	MULTIPLY(0, 2, 6, 7)
	ADD_UP(20, 28)

store:
	JOIN(V16, V17, V18, V19)
	JOIN(V20, V21, V22, V23)
	JOIN(V24, V25, V26, V27)
	JOIN(V28, V29, V30, V31)
	ADD   HALF>>1, C_PAIR, C0
	ADD   C_STRIDE, C0, C1
	CMP   $1, ROWS
	CSEL  GT, C1, C0, C1
	FMOVQ F16, (C0)
	FMOVQ F20, 16(C0)
	FMOVQ F24, (C1)
	FMOVQ F28, 16(C1)

	// the other half of the columns, then the next pair of rows
	EOR  $64, HALF, HALF
	CBNZ HALF, eight_columns
	ADD  A_STRIDE<<1, A_PAIR, A_PAIR
	ADD  C_STRIDE<<1, C_PAIR, C_PAIR
	SUBS $2, ROWS, ROWS
	BGT  eight_columns
	RET
