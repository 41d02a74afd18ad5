//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// acc[i] += int32(src[i]), eight elements at a time.
//
// n is a multiple of 8 and at least 8. Clobbers R0-R2, V0-V2.

// func accumulateS8SIMD(acc *int32, src *int8, n int)
TEXT ·accumulateS8SIMD(SB), NOSPLIT, $0-24
	MOVD acc+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

loop:
	VLD1.P 8(R1), [V2.B8]
	VLD1   (R0), [V0.S4, V1.S4]
	SXTL_8H(2, 2)
	SADDW_4S(0, 0, 2)
	SADDW2_4S(1, 1, 2)
	SUBS   $8, R2, R2
	VST1.P [V0.S4, V1.S4], 32(R0)
	BNE    loop
	RET
