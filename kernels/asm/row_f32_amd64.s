//go:build !purego

#include "textflag.h"

// Elementwise arithmetic of rows, eight elements at a time:
//
//	for i := range n {
//		dst[i] = a[i] op b[i]
//	}
//
// n is a multiple of 8 and at least 8. An operand that moves by 0 is one number,
// eight times. Clobbers AX-CX, SI, DI, R8, Y0.

#define DST DI
#define A SI
#define B R8
#define STEP_A AX // bytes
#define STEP_B BX
#define N CX

#define ROW(OP) \
	MOVQ dst+0(FP), DST     \
	MOVQ a+8(FP), A         \
	MOVQ stepA+16(FP), STEP_A \
	MOVQ b+24(FP), B        \
	MOVQ stepB+32(FP), STEP_B \
	MOVQ n+40(FP), N        \
loop:                           \
	VMOVUPS (A), Y0         \
	OP   (B), Y0, Y0        \
	VMOVUPS Y0, (DST)       \
	ADDQ STEP_A, A          \
	ADDQ STEP_B, B          \
	ADDQ $32, DST           \
	SUBQ $8, N              \
	JNE  loop               \
	VZEROUPPER              \
	RET

// func addRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·addRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(VADDPS)

// func subRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·subRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(VSUBPS)

// func mulRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·mulRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(VMULPS)

// func divRowF32SIMD(dst, a *float32, stepA int, b *float32, stepB, n int)
TEXT ·divRowF32SIMD(SB), NOSPLIT, $0-48
	ROW(VDIVPS)
