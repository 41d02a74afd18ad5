//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// Rows of 16 columns to panels, see InterleaveS8: what two, four or eight rows have
// in a column side by side. panels ≥ 1. Clobbers R0-R12, V0-V15.

#define DST R0
#define STRIDE_DST R1
#define SRC R2
#define STRIDE R3
#define PANELS R4
#define ROW R5
#define ROW1 R6
#define ROW2 R7
#define ROW3 R8
#define AT R9

#define ARGUMENTS \
	MOVD dst+0(FP), DST              \
	MOVD strideDst+8(FP), STRIDE_DST \
	MOVD src+16(FP), SRC             \
	MOVD strideSrc+24(FP), STRIDE    \
	MOVD panels+32(FP), PANELS

// func interleave2S8NEON(dst *int8, strideDst int, src *int8, strideSrc, panels int)
TEXT ·interleave2S8NEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	ADD STRIDE, SRC, ROW1

panel2:
	VLD1.P 16(SRC), [V0.B16]
	VLD1.P 16(ROW1), [V1.B16]
	VZIP1  V1.B16, V0.B16, V2.B16
	VZIP2  V1.B16, V0.B16, V3.B16
	VST1   [V2.B16, V3.B16], (DST)
	ADD    STRIDE_DST, DST, DST
	SUBS   $1, PANELS, PANELS
	BNE    panel2
	RET

// func interleave4S8NEON(dst *int8, strideDst int, src *int8, strideSrc, panels int)
TEXT ·interleave4S8NEON(SB), NOSPLIT, $0-40
	ARGUMENTS
	ADD STRIDE, SRC, ROW1
	ADD STRIDE, ROW1, ROW2
	ADD STRIDE, ROW2, ROW3

panel4:
	VLD1.P 16(SRC), [V0.B16]
	VLD1.P 16(ROW1), [V1.B16]
	VLD1.P 16(ROW2), [V2.B16]
	VLD1.P 16(ROW3), [V3.B16]
	VST4   [V0.B16, V1.B16, V2.B16, V3.B16], (DST)
	ADD    STRIDE_DST, DST, DST
	SUBS   $1, PANELS, PANELS
	BNE    panel4
	RET

// func interleave8S8NEON(dst *int8, strideDst int, src *int8, strideSrc, panels int)
//
// Rows 0, 2, 4, 6 and 1, 3, 5, 7 are paired first; the pairs then stand side by
// side like four rows of int16.
TEXT ·interleave8S8NEON(SB), NOSPLIT, $0-40
	ARGUMENTS

panel8:
	MOVD  SRC, ROW
	VLD1  (ROW), [V0.B16]
	ADD   STRIDE, ROW, ROW
	VLD1  (ROW), [V1.B16]
	ADD   STRIDE, ROW, ROW
	VLD1  (ROW), [V2.B16]
	ADD   STRIDE, ROW, ROW
	VLD1  (ROW), [V3.B16]
	ADD   STRIDE, ROW, ROW
	VLD1  (ROW), [V4.B16]
	ADD   STRIDE, ROW, ROW
	VLD1  (ROW), [V5.B16]
	ADD   STRIDE, ROW, ROW
	VLD1  (ROW), [V6.B16]
	ADD   STRIDE, ROW, ROW
	VLD1  (ROW), [V7.B16]
	VZIP1 V1.B16, V0.B16, V8.B16
	VZIP1 V3.B16, V2.B16, V9.B16
	VZIP1 V5.B16, V4.B16, V10.B16
	VZIP1 V7.B16, V6.B16, V11.B16
	VZIP2 V1.B16, V0.B16, V12.B16
	VZIP2 V3.B16, V2.B16, V13.B16
	VZIP2 V5.B16, V4.B16, V14.B16
	VZIP2 V7.B16, V6.B16, V15.B16
	ADD   $64, DST, AT
	VST4  [V8.H8, V9.H8, V10.H8, V11.H8], (DST)
	VST4  [V12.H8, V13.H8, V14.H8, V15.H8], (AT)
	ADD   STRIDE_DST, DST, DST
	ADD   $16, SRC, SRC
	SUBS  $1, PANELS, PANELS
	BNE   panel8
	RET
