//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// Elementwise arithmetic of rows, eight elements at a time:
//
//	for i := range n {
//		dst[i] = a[i] op b[i]
//	}
//
// n is a multiple of 8 and at least 8. An operand that moves by 0 is one number,
// eight times. Clobbers R0-R5, V0-V3.

#define DST R0
#define A R1
#define B R2
#define STEP_A R3 // bytes
#define STEP_B R4
#define N R5

#define ROW(OP) \
	MOVD   dst+0(FP), DST          \
	MOVD   a+8(FP), A              \
	MOVD   stepA+16(FP), STEP_A    \
	MOVD   b+24(FP), B             \
	MOVD   stepB+32(FP), STEP_B    \
	MOVD   n+40(FP), N             \
loop:                                  \
	VLD1   (A), [V0.S4, V1.S4]     \
	VLD1   (B), [V2.S4, V3.S4]     \
	ADD    STEP_A, A, A            \
	ADD    STEP_B, B, B            \
	OP(0, 0, 2)                    \
	OP(1, 1, 3)                    \
	SUBS   $8, N, N                \
	VST1.P [V0.S4, V1.S4], 32(DST) \
	BNE    loop                    \
	RET

// func addRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·addRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(FADD_4S)

// func subRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·subRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(FSUB_4S)

// func mulRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·mulRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(FMUL_4S)

// func divRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·divRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(FDIV_4S)
