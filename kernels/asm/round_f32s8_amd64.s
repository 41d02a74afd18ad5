//go:build !purego

#include "textflag.h"

// float32 values to int8, 32 at a time:
//
//	for i := range n {
//		dst[i] = int8(round((src[i]·unit)·factor))
//	}
//
// Rounding follows MXCSR: to nearest even, Go's setting. Nothing is out of the
// range of int8, so the packs do not saturate.
//
// The caller guarantees n ≥ 32 and n%32 == 0. Clobbers CX, SI, DI, R8, Y0-Y3,
// Y13-Y15.

#define DST DI
#define SRC SI
#define LEFT CX
#define FACTORS R8

#define ORDER Y13
#define UNIT Y14
#define FACTOR Y15

#define ROUND(offset, y) \
	VMULPS    offset(SRC), UNIT, y \
	VMULPS    FACTOR, y, y         \
	VCVTPS2DQ y, y

#define ROUND_COLUMNS(offset, y) \
	VMOVUPS   offset(SRC), y        \
	VMULPS    offset(FACTORS), y, y \
	VCVTPS2DQ y, y

// Y0-Y3 = 32 integers; a pack works on halves of 128 bits, VPERMD puts them in
// order.
#define STORE_32 \
	VPACKSSDW Y1, Y0, Y0    \
	VPACKSSDW Y3, Y2, Y2    \
	VPACKSSWB Y2, Y0, Y0    \
	VPERMD    Y0, ORDER, Y0 \
	VMOVDQU   Y0, (DST)     \
	ADDQ      $32, DST      \
	ADDQ      $128, SRC     \
	SUBQ      $32, LEFT

// func roundF32S8SIMD(dst *int8, src *float32, n int, unit, factor float32)
TEXT ·roundF32S8SIMD(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DST
	MOVQ         src+8(FP), SRC
	MOVQ         n+16(FP), LEFT
	VBROADCASTSS unit+24(FP), UNIT
	VBROADCASTSS factor+28(FP), FACTOR
	VMOVDQU      ·roundS8Order(SB), ORDER

loop_32:
	ROUND(0, Y0)
	ROUND(32, Y1)
	ROUND(64, Y2)
	ROUND(96, Y3)
	STORE_32
	JNZ loop_32
	VZEROUPPER
	RET

// func roundColumnsF32S8SIMD(dst *int8, src, factor *float32, n int)
TEXT ·roundColumnsF32S8SIMD(SB), NOSPLIT, $0-32
	MOVQ    dst+0(FP), DST
	MOVQ    src+8(FP), SRC
	MOVQ    factor+16(FP), FACTORS
	MOVQ    n+24(FP), LEFT
	VMOVDQU ·roundS8Order(SB), ORDER

columns_32:
	ROUND_COLUMNS(0, Y0)
	ROUND_COLUMNS(32, Y1)
	ROUND_COLUMNS(64, Y2)
	ROUND_COLUMNS(96, Y3)
	ADDQ $128, FACTORS
	STORE_32
	JNZ  columns_32
	VZEROUPPER
	RET
