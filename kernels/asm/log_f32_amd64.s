//go:build !purego

#include "textflag.h"
#include "unary_f32_amd64.h"

// The natural logarithm of a float32 slice, LogF32 step by step:
//
//	for i := range n {
//		y[i] = log(x[i])
//	}
//
// Elements whose logarithm is no finite number compute nonsense; the right result
// takes its place last.
//
// The caller guarantees n ≥ 1; y may be x. Clobbers AX, CX, DX, SI, DI, R8,
// Y0-Y11, Y14, Y15.

#define CONST R8 // logVectors

// offsets of the constants
#define LOWEST 0
#define SCALE 32
#define MINUS_23 64
#define MANTISSA 96 // int32
#define ONE 128
#define LN2 160
#define POS_INF 192
#define NEG_INF 224
#define NAN 256
#define C0 288

// x = 2ⁿ·(1 + f); clobbers t, u.
#define REDUCE(x, f, n, t, u) \
	VCMPPS    $0x11, LOWEST(CONST), x, t \
	VMULPS    SCALE(CONST), x, f         \
	VBLENDVPS t, f, x, f                 \
	VANDPS    MINUS_23(CONST), t, t      \
	VPSUBD    MANTISSA(CONST), f, n      \
	VPSRAD    $23, n, n                  \
	VCVTDQ2PS n, u                       \
	VPSLLD    $23, n, n                  \
	VPSUBD    n, f, f                    \
	VADDPS    u, t, n                    \
	VSUBPS    ONE(CONST), f, f

#define STEP(i) \
	VFMADD213PS (C0+32*i)(CONST), Y2, Y6 \
	VFMADD213PS (C0+32*i)(CONST), Y3, Y7

// x = what the reference returns for x where that is no finite number, y
// elsewhere; clobbers y, t, u.
#define SPECIAL(x, y, t, u) \
	VMOVUPS   POS_INF(CONST), t       \
	VCMPPS    $0, t, x, u             \
	VBLENDVPS u, t, y, y              \
	VXORPS    u, u, u                 \
	VCMPPS    $0, u, x, t             \
	VBLENDVPS t, NEG_INF(CONST), y, y \
	VCMPPS    $0x19, u, x, t          \
	VBLENDVPS t, NAN(CONST), y, x

//	Y2, Y3  f
//	Y4, Y5  n
//	Y6, Y7  polynomials, then results
#define FUNCTION \
	REDUCE(Y0, Y2, Y4, Y8, Y10)    \
	REDUCE(Y1, Y3, Y5, Y9, Y11)    \
	VMOVUPS     C0(CONST), Y6      \
	VMOVAPS     Y6, Y7             \
	STEP(1)                        \
	STEP(2)                        \
	STEP(3)                        \
	STEP(4)                        \
	STEP(5)                        \
	STEP(6)                        \
	STEP(7)                        \
	STEP(8)                        \
	VMULPS      Y2, Y2, Y8         \
	VMULPS      Y3, Y3, Y9         \
	VFMADD213PS Y2, Y8, Y6         \
	VFMADD213PS Y3, Y9, Y7         \
	VFMADD231PS LN2(CONST), Y4, Y6 \
	VFMADD231PS LN2(CONST), Y5, Y7 \
	SPECIAL(Y0, Y6, Y8, Y10)       \
	SPECIAL(Y1, Y7, Y9, Y11)

// func logOfF32SIMD(y, x *float32, n int)
TEXT ·logOfF32SIMD(SB), NOSPLIT, $0-24
	MOVQ y+0(FP), DST
	MOVQ x+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ ·logVectors(SB), CONST
	UNARY
