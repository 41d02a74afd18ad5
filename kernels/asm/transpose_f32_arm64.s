//go:build !purego

#include "textflag.h"

// Eight rows of a float32 matrix to eight columns, four values of each row at a
// time:
//
//	for i < 8, j < cols:  dst[j·ldd + i] = src[i·lds + j]
//
// Pairs of rows are interleaved, then pairs of pairs. cols is a multiple of 4 and
// at least 4. Clobbers R0-R6, V0-V7, V16-V31.

#define DST R0
#define LDD R1 // bytes between columns of src in dst
#define SRC R2
#define LDS R3 // bytes between rows of src
#define COLS R4
#define ROW R5
#define AT R6

// Four rows, n0 to n3, to four columns, d0 to d3.
#define TRANSPOSE(n0, n1, n2, n3, d0, d1, d2, d3) \
	VTRN1 n1.S4, n0.S4, V24.S4  \
	VTRN2 n1.S4, n0.S4, V25.S4  \
	VTRN1 n3.S4, n2.S4, V26.S4  \
	VTRN2 n3.S4, n2.S4, V27.S4  \
	VTRN1 V26.D2, V24.D2, d0.D2 \
	VTRN1 V27.D2, V25.D2, d1.D2 \
	VTRN2 V26.D2, V24.D2, d2.D2 \
	VTRN2 V27.D2, V25.D2, d3.D2

// func transpose8F32SIMD(dst *float32, ldd int, src *float32, lds, cols int)
TEXT ·transpose8F32SIMD(SB), NOSPLIT, $0-40
	MOVD dst+0(FP), DST
	MOVD ldd+8(FP), LDD
	MOVD src+16(FP), SRC
	MOVD lds+24(FP), LDS
	MOVD cols+32(FP), COLS
	LSL  $2, LDD, LDD
	LSL  $2, LDS, LDS

four:
	MOVD SRC, ROW
	VLD1 (ROW), [V0.S4]
	ADD  LDS, ROW, ROW
	VLD1 (ROW), [V1.S4]
	ADD  LDS, ROW, ROW
	VLD1 (ROW), [V2.S4]
	ADD  LDS, ROW, ROW
	VLD1 (ROW), [V3.S4]
	ADD  LDS, ROW, ROW
	VLD1 (ROW), [V4.S4]
	ADD  LDS, ROW, ROW
	VLD1 (ROW), [V5.S4]
	ADD  LDS, ROW, ROW
	VLD1 (ROW), [V6.S4]
	ADD  LDS, ROW, ROW
	VLD1 (ROW), [V7.S4]
	TRANSPOSE(V0, V1, V2, V3, V16, V18, V20, V22)
	TRANSPOSE(V4, V5, V6, V7, V17, V19, V21, V23)
	VST1 [V16.S4, V17.S4], (DST)
	ADD  LDD, DST, AT
	VST1 [V18.S4, V19.S4], (AT)
	ADD  LDD, AT, AT
	VST1 [V20.S4, V21.S4], (AT)
	ADD  LDD, AT, AT
	VST1 [V22.S4, V23.S4], (AT)
	ADD  LDD, AT, DST
	ADD  $16, SRC, SRC
	SUBS $4, COLS, COLS
	BNE  four
	RET
