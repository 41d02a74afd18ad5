//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// dst = a + b, eight elements at a time:
//
//	for i := range n {
//		dst[i] = a[i] + b[i]
//	}
//
// n is a multiple of 8 and at least 8. Clobbers R0-R3, V0-V3.

// func addF32SIMD(dst, a, b *float32, n int)
TEXT ·addF32SIMD(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD a+8(FP), R1
	MOVD b+16(FP), R2
	MOVD n+24(FP), R3

loop:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	VLD1.P 32(R2), [V2.S4, V3.S4]
	FADD_4S(0, 0, 2)
	FADD_4S(1, 1, 3)
	SUBS   $8, R3, R3
	VST1.P [V0.S4, V1.S4], 32(R0)
	BNE    loop
	RET
