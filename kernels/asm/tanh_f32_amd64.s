//go:build !purego

#include "textflag.h"
#include "unary_f32_amd64.h"
#include "exp_f32_amd64.h"

// The hyperbolic tangent of a float32 slice, TanhF32 step by step:
//
//	for i := range n {
//		y[i] = tanh(x[i])
//	}
//
// Both formulas are computed and the right one is kept.
//
// The caller guarantees n ≥ 1; y may be x. Clobbers AX, CX, DX, SI, DI, R8, R9,
// Y0-Y9, Y14, Y15.

#define TANH_CONST R9 // tanhVectors

// offsets of its constants
#define MAGNITUDE 0 // all bits but the sign
#define SPLIT 32
#define TWO 64
#define NEAR 96

#define SIGN Y2
#define A Y3
#define SQUARE Y4
#define P Y5

// x = tanh(x). Clobbers Y2-Y9.
#define TANH(x) \
	VMOVUPS     MAGNITUDE(TANH_CONST), SIGN       \
	VANDPS      x, SIGN, A                        \
	VANDNPS     x, SIGN, SIGN                     \
	VMULPS      A, A, SQUARE                      \
	VMOVUPS     NEAR(TANH_CONST), P               \
	VFMADD213PS (NEAR+32)(TANH_CONST), SQUARE, P  \
	VFMADD213PS (NEAR+64)(TANH_CONST), SQUARE, P  \
	VFMADD213PS (NEAR+96)(TANH_CONST), SQUARE, P  \
	VFMADD213PS (NEAR+128)(TANH_CONST), SQUARE, P \
	VMULPS      SQUARE, P, P                      \
	VFMADD213PS A, A, P                           \
	VADDPS      A, A, x                           \
	EXP(x, Y6, Y7, Y8, Y9)                        \
	VMOVUPS     ONE(CONST), Y6                    \
	VADDPS      Y6, x, x                          \
	VMOVUPS     TWO(TANH_CONST), Y7               \
	VDIVPS      x, Y7, x                          \
	VSUBPS      x, Y6, x                          \
	VCMPPS      $0x11, SPLIT(TANH_CONST), A, A    \
	VBLENDVPS   A, P, x, x                        \
	VORPS       SIGN, x, x

#define FUNCTION \
	TANH(Y0) \
	TANH(Y1)

// func tanhOfF32SIMD(y, x *float32, n int)
TEXT ·tanhOfF32SIMD(SB), NOSPLIT, $0-24
	MOVQ y+0(FP), DST
	MOVQ x+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ ·expVectors(SB), CONST
	LEAQ ·tanhVectors(SB), TANH_CONST
	UNARY
