//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// int32 sums to int8 values, sixteen columns at a time, then four:
//
//	for i := range rows {
//		for j := range cols {
//			t = float32(acc[i][j] + bias[j] + addend[i]) · scale[j]
//			t = min(max(t, lo), hi)
//			dst[i][j] = roundToEven(t) + zeroPoint
//		}
//	}
//
// The clamp leaves values that fit int8 once the zero point is added, so that
// narrowing takes the low bytes. Where cols is no multiple of four the last four
// columns of a row lie partly on columns already done, which get the same values
// again.
//
// The caller guarantees rows ≥ 1, cols ≥ 4, that no slice is too short, and that
// dst does not overlap acc. Clobbers R0-R12, V0-V7, V16-V23.

#define DST R0
#define ACC R1
#define BIAS R2
#define SCALE R3
#define LEFT R4 // columns of this row
#define DST_ROW R5
#define ACC_ROW R6
#define DST_STRIDE R7
#define ACC_STRIDE R8
#define ADDEND R9
#define ROWS R10
#define COLS R11
#define BACK R12

// Registers of the whole call, by number: V16 addend, V17 lo, V18 hi, V19 zero
// point.
#define LO 17
#define HI 18

// func requantizeS32S8NEON(dst *int8, ldd int, acc *int32, lda int, addend, bias *int32, scale *float32, rows, cols int, lo, hi float32, zeroPoint int32)
TEXT ·requantizeS32S8NEON(SB), NOSPLIT, $0-84
	MOVD  dst+0(FP), DST_ROW
	MOVD  ldd+8(FP), DST_STRIDE
	MOVD  acc+16(FP), ACC_ROW
	MOVD  lda+24(FP), ACC_STRIDE
	MOVD  addend+32(FP), ADDEND
	MOVD  rows+56(FP), ROWS
	MOVD  cols+64(FP), COLS
	FMOVS lo+72(FP), F17
	FMOVS hi+76(FP), F18
	MOVW  zeroPoint+80(FP), R12
	VDUP  V17.S[0], V17.S4
	VDUP  V18.S[0], V18.S4
	VDUP  R12, V19.S4

row:
	MOVD    DST_ROW, DST
	MOVD    ACC_ROW, ACC
	MOVD    bias+40(FP), BIAS
	MOVD    scale+48(FP), SCALE
	VLD1R.P 4(ADDEND), [V16.S4]
	SUBS    $16, COLS, LEFT
	BLT     fours

sixteen:
	VLD1.P 64(ACC), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(BIAS), [V4.S4, V5.S4, V6.S4, V7.S4]
	VLD1.P 64(SCALE), [V20.S4, V21.S4, V22.S4, V23.S4]
	VADD   V4.S4, V0.S4, V0.S4
	VADD   V5.S4, V1.S4, V1.S4
	VADD   V6.S4, V2.S4, V2.S4
	VADD   V7.S4, V3.S4, V3.S4
	VADD   V16.S4, V0.S4, V0.S4
	VADD   V16.S4, V1.S4, V1.S4
	VADD   V16.S4, V2.S4, V2.S4
	VADD   V16.S4, V3.S4, V3.S4
	SCVTF_4S(0, 0)
	SCVTF_4S(1, 1)
	SCVTF_4S(2, 2)
	SCVTF_4S(3, 3)
	FMUL_4S(0, 0, 20)
	FMUL_4S(1, 1, 21)
	FMUL_4S(2, 2, 22)
	FMUL_4S(3, 3, 23)
	FMAXNM_4S(0, 0, LO)
	FMAXNM_4S(1, 1, LO)
	FMAXNM_4S(2, 2, LO)
	FMAXNM_4S(3, 3, LO)
	FMINNM_4S(0, 0, HI)
	FMINNM_4S(1, 1, HI)
	FMINNM_4S(2, 2, HI)
	FMINNM_4S(3, 3, HI)
	FCVTNS_4S(0, 0)
	FCVTNS_4S(1, 1)
	FCVTNS_4S(2, 2)
	FCVTNS_4S(3, 3)
	VADD   V19.S4, V0.S4, V0.S4
	VADD   V19.S4, V1.S4, V1.S4
	VADD   V19.S4, V2.S4, V2.S4
	VADD   V19.S4, V3.S4, V3.S4
	VUZP1  V1.H8, V0.H8, V0.H8                         // 32 -> 16 bits: the even halves
	VUZP1  V3.H8, V2.H8, V2.H8
	VUZP1  V2.B16, V0.B16, V0.B16                      // 16 -> 8 bits
	VST1.P [V0.B16], 16(DST)
	SUBS   $16, LEFT, LEFT
	BGE    sixteen

fours:
	ADDS $16, LEFT, LEFT
	BEQ  next_row

four:
	// fewer than four left: step back onto columns already done
	SUBS $4, LEFT, BACK
	BGE  whole
	ADD  BACK<<2, ACC, ACC
	ADD  BACK<<2, BIAS, BIAS
	ADD  BACK<<2, SCALE, SCALE
	ADD  BACK, DST, DST
	MOVD $0, BACK

whole:
	VLD1.P  16(ACC), [V0.S4]
	VLD1.P  16(BIAS), [V4.S4]
	VLD1.P  16(SCALE), [V20.S4]
	VADD    V4.S4, V0.S4, V0.S4
	VADD    V16.S4, V0.S4, V0.S4
	SCVTF_4S(0, 0)
	FMUL_4S(0, 0, 20)
	FMAXNM_4S(0, 0, LO)
	FMINNM_4S(0, 0, HI)
	FCVTNS_4S(0, 0)
	VADD    V19.S4, V0.S4, V0.S4
	VUZP1   V0.H8, V0.H8, V0.H8
	VUZP1   V0.B16, V0.B16, V0.B16
	FMOVS.P F0, 4(DST)
	MOVD    BACK, LEFT
	CBNZ    LEFT, four

next_row:
	ADD  DST_STRIDE, DST_ROW, DST_ROW
	ADD  ACC_STRIDE<<2, ACC_ROW, ACC_ROW
	SUBS $1, ROWS, ROWS
	BNE  row
	RET
