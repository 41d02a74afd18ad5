//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

#define DST DI
#define SRC SI
#define SCALE Y15

// float32 values to int8, 32 at a time:
//
//	for i := range n {
//		t = min(max(src[i]/scale, lo), hi)
//		dst[i] = roundToEven(t) + zeroPoint
//	}
//
// VMAXPS and VMINPS give their second source, Go's first operand, for equal and
// for unordered operands: the bound, as the reference does. The clamp leaves
// values that fit, so that no pack saturates. Rounding follows MXCSR: to nearest
// even, Go's setting.
//
// The caller guarantees n ≥ 32 and n%32 == 0. Clobbers CX, SI, DI, Y0-Y3,
// Y11-Y15.

#define LO Y14
#define HI Y13
#define ZERO_POINT Y12 // int16
#define ORDER Y11      // puts the halves that the packs mixed in order

#define QUANTIZE(offset, y) \
	VMOVUPS   offset(SRC), y \
	VDIVPS    SCALE, y, y    \
	VMAXPS    LO, y, y       \
	VMINPS    HI, y, y       \
	VCVTPS2DQ y, y

// func quantizeF32S8SIMD(dst *int8, src *float32, n int, scale, lo, hi float32, zeroPoint int32)
TEXT ·quantizeF32S8SIMD(SB), NOSPLIT, $0-40
	MOVQ         dst+0(FP), DST
	MOVQ         src+8(FP), SRC
	MOVQ         n+16(FP), N
	VBROADCASTSS scale+24(FP), SCALE
	VBROADCASTSS lo+28(FP), LO
	VBROADCASTSS hi+32(FP), HI
	VBROADCASTSS zeroPoint+36(FP), ZERO_POINT
	VPACKSSDW    ZERO_POINT, ZERO_POINT, ZERO_POINT
	VMOVDQU      ·roundS8Order(SB), ORDER

loop_32:
	QUANTIZE(0, Y0)
	QUANTIZE(32, Y1)
	QUANTIZE(64, Y2)
	QUANTIZE(96, Y3)
	VPACKSSDW Y1, Y0, Y0
	VPACKSSDW Y3, Y2, Y2
	VPADDW    ZERO_POINT, Y0, Y0
	VPADDW    ZERO_POINT, Y2, Y2
	VPACKSSWB Y2, Y0, Y0
	VPERMD    Y0, ORDER, Y0
	VMOVDQU   Y0, (DST)
	ADDQ      $128, SRC
	ADDQ      $32, DST
	SUBQ      $32, N
	JNZ       loop_32
	VZEROUPPER
	RET

// int8 values to float32:
//
//	for i := range n {
//		dst[i] = float32(src[i] − zeroPoint)·scale
//	}
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, DI, Y0-Y3,
// Y10, Y15.

#define ZERO Y10 // int32

#define EIGHT(at, y) \
	VPMOVSXBD (8*at)(SRC)(I*1), y  \
	VPSUBD    ZERO, y, y           \
	VCVTDQ2PS y, y                 \
	VMULPS    SCALE, y, y          \
	VMOVUPS   y, (32*at)(DST)(I*4)

// func dequantizeS8F32SIMD(dst *float32, src *int8, n int, scale float32, zeroPoint int32)
TEXT ·dequantizeS8F32SIMD(SB), NOSPLIT, $0-32
	MOVQ         dst+0(FP), DST
	MOVQ         src+8(FP), SRC
	MOVQ         n+16(FP), N
	VBROADCASTSS scale+24(FP), SCALE
	VBROADCASTSS zeroPoint+28(FP), ZERO
	ELEMENTWISE
