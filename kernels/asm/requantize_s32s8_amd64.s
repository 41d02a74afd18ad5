//go:build !purego

#include "textflag.h"

// int32 sums to int8 values, sixteen columns at a time, then eight, then four:
//
//	for i := range rows {
//		for j := range cols {
//			t = float32(acc[i][j] + bias[j] + addend[i]) · scale[j]
//			t = min(max(t, lo), hi)
//			dst[i][j] = roundToEven(t) + zeroPoint
//		}
//	}
//
// The clamp leaves values that fit int16, and int8 once the zero point is added,
// so that the saturation of VPACKSSDW and VPACKSSWB never acts. VMAXPS and VMINPS
// give their second source for equal and for unordered operands: the bound, as
// the reference does.
//
// Columns that fill no vector are done by stepping back onto columns already
// done, which get the same values again; only rows of four to seven columns use
// vectors of four.
//
// The caller guarantees rows ≥ 1, cols ≥ 4, that no slice is too short, and that
// dst does not overlap acc. Rounding follows MXCSR: to nearest even, Go's
// setting. Clobbers AX-DX, SI, DI, R8-R13, Y0, Y1, Y12-Y15.

#define DST DI
#define ACC SI
#define BIAS R8
#define SCALE R9
#define COL AX         // column of the next vector
#define COLS BX
#define ROWS CX
#define ADDEND_PTR DX
#define DST_STRIDE R10
#define ACC_STRIDE R11
#define LAST R12       // the last column where a vector of sixteen may start
#define BACK R13       // the last column where a vector of eight or four may start

#define ADDEND Y12
#define LO Y13
#define HI Y14
#define ZERO_POINT Y15 // int16

// Eight columns from offset on, as int32 before the zero point is added.
#define EIGHT(offset, y) \
	VPADDD    offset(ACC)(COL*4), ADDEND, y \
	VPADDD    offset(BIAS)(COL*4), y, y     \
	VCVTDQ2PS y, y                          \
	VMULPS    offset(SCALE)(COL*4), y, y    \
	VMAXPS    LO, y, y                      \
	VMINPS    HI, y, y                      \
	VCVTPS2DQ y, y

// func requantizeS32S8AVX2(dst *int8, ldd int, acc *int32, lda int, addend, bias *int32, scale *float32, rows, cols int, lo, hi float32, zeroPoint int32)
TEXT ·requantizeS32S8AVX2(SB), NOSPLIT, $0-84
	MOVQ         dst+0(FP), DST
	MOVQ         ldd+8(FP), DST_STRIDE
	MOVQ         acc+16(FP), ACC
	MOVQ         lda+24(FP), ACC_STRIDE
	SHLQ         $2, ACC_STRIDE
	MOVQ         addend+32(FP), ADDEND_PTR
	MOVQ         bias+40(FP), BIAS
	MOVQ         scale+48(FP), SCALE
	MOVQ         rows+56(FP), ROWS
	MOVQ         cols+64(FP), COLS
	VBROADCASTSS lo+72(FP), LO
	VBROADCASTSS hi+76(FP), HI
	VBROADCASTSS zeroPoint+80(FP), ZERO_POINT
	VPACKSSDW    ZERO_POINT, ZERO_POINT, ZERO_POINT
	LEAQ         -16(COLS), LAST

	PCALIGN $32

row:
	VPBROADCASTD (ADDEND_PTR), ADDEND
	XORQ         COL, COL
	CMPQ         COL, LAST
	JGT          eights

sixteen:
	EIGHT(0, Y0)
	EIGHT(32, Y1)
	VPACKSSDW    Y1, Y0, Y0         // columns 0-3, 8-11, 4-7, 12-15
	VPERMQ       $0xD8, Y0, Y0      // 0-15
	VPADDW       ZERO_POINT, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPACKSSWB    X1, X0, X0
	VMOVDQU      X0, (DST)(COL*1)
	ADDQ         $16, COL
	CMPQ         COL, LAST
	JLE          sixteen

eights:
	CMPQ COL, COLS
	JGE  next_row
	LEAQ -8(COLS), BACK
	CMPQ BACK, $0
	JLT  fours

eight:
	CMPQ    COL, BACK
	CMOVQGT BACK, COL
	EIGHT(0, Y0)
	VEXTRACTI128 $1, Y0, X1
	VPACKSSDW    X1, X0, X0
	VPADDW       X15, X0, X0
	VPACKSSWB    X0, X0, X0
	VMOVQ        X0, (DST)(COL*1)
	ADDQ         $8, COL
	CMPQ         COL, COLS
	JLT          eight
	JMP          next_row

fours:
	LEAQ -4(COLS), BACK

four:
	CMPQ      COL, BACK
	CMOVQGT   BACK, COL
	VPADDD    (ACC)(COL*4), X12, X0
	VPADDD    (BIAS)(COL*4), X0, X0
	VCVTDQ2PS X0, X0
	VMULPS    (SCALE)(COL*4), X0, X0
	VMAXPS    X13, X0, X0
	VMINPS    X14, X0, X0
	VCVTPS2DQ X0, X0
	VPACKSSDW X0, X0, X0
	VPADDW    X15, X0, X0
	VPACKSSWB X0, X0, X0
	VMOVD     X0, (DST)(COL*1)
	ADDQ      $4, COL
	CMPQ      COL, COLS
	JLT       four

next_row:
	ADDQ DST_STRIDE, DST
	ADDQ ACC_STRIDE, ACC
	ADDQ $4, ADDEND_PTR
	DECQ ROWS
	JNZ  row
	VZEROUPPER
	RET
