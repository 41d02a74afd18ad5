//go:build !purego

#include "textflag.h"

// The sum of two quantized tensors, sixteen elements at a time, then eight:
//
//	for i := range n {
//		t = float32(a[i]-zeroA)·scaleA + float32(b[i]-zeroB)·scaleB
//		t = min(max(t, lo), hi)
//		dst[i] = roundToEven(t) + zeroPoint
//	}
//
// Both products are rounded before the sum. Clamp, rounding and packing are
// those of requantizeS32S8AVX2. A vector is stored after its operands were
// loaded and no element is done twice, so dst may be a or b.
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, DI, R8,
// Y0-Y3, Y8-Y14.

#define DST DI
#define A SI
#define B R8
#define I AX
#define N CX
#define LAST DX // the last element where a vector of sixteen may start

#define SCALE_A Y8
#define SCALE_B Y9
#define ZERO_A Y10
#define ZERO_B Y11
#define LO Y12
#define HI Y13
#define ZERO_POINT Y14 // int16

// Eight elements from offset on, as int32 before the zero point is added.
#define EIGHT(offset, y, t) \
	VPMOVSXBD offset(A)(I*1), y \
	VPMOVSXBD offset(B)(I*1), t \
	VPSUBD    ZERO_A, y, y      \
	VPSUBD    ZERO_B, t, t      \
	VCVTDQ2PS y, y              \
	VCVTDQ2PS t, t              \
	VMULPS    SCALE_A, y, y     \
	VMULPS    SCALE_B, t, t     \
	VADDPS    t, y, y           \
	VMAXPS    LO, y, y          \
	VMINPS    HI, y, y          \
	VCVTPS2DQ y, y

// func addS8SIMD(dst, a, b *int8, n int, scaleA, scaleB float32, zeroA, zeroB int32, lo, hi float32, zeroPoint int32)
TEXT ·addS8SIMD(SB), NOSPLIT, $0-60
	MOVQ         dst+0(FP), DST
	MOVQ         a+8(FP), A
	MOVQ         b+16(FP), B
	MOVQ         n+24(FP), N
	VBROADCASTSS scaleA+32(FP), SCALE_A
	VBROADCASTSS scaleB+36(FP), SCALE_B
	VBROADCASTSS zeroA+40(FP), ZERO_A
	VBROADCASTSS zeroB+44(FP), ZERO_B
	VBROADCASTSS lo+48(FP), LO
	VBROADCASTSS hi+52(FP), HI
	VBROADCASTSS zeroPoint+56(FP), ZERO_POINT
	VPACKSSDW    ZERO_POINT, ZERO_POINT, ZERO_POINT
	LEAQ         -16(N), LAST
	XORQ         I, I
	CMPQ         I, LAST
	JGT          eight

	PCALIGN $32

loop_16:
	EIGHT(0, Y0, Y1)
	EIGHT(8, Y2, Y3)
	VPACKSSDW    Y2, Y0, Y0         // elements 0-3, 8-11, 4-7, 12-15
	VPERMQ       $0xD8, Y0, Y0      // 0-15
	VPADDW       ZERO_POINT, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPACKSSWB    X1, X0, X0
	VMOVDQU      X0, (DST)(I*1)
	ADDQ         $16, I
	CMPQ         I, LAST
	JLE          loop_16

	CMPQ I, N
	JGE  done

eight:
	EIGHT(0, Y0, Y1)
	VEXTRACTI128 $1, Y0, X1
	VPACKSSDW    X1, X0, X0
	VPADDW       X14, X0, X0
	VPACKSSWB    X0, X0, X0
	VMOVQ        X0, (DST)(I*1)

done:
	VZEROUPPER
	RET
