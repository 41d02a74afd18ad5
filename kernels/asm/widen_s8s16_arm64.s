//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// int8 to int16, eight elements at a time. The last ones lie partly on elements
// already done, which get the same values again.
//
// n ≥ 8. Clobbers R0-R2, V0.

// func widenS8S16SIMD(dst *int16, src *int8, n int)
TEXT ·widenS8S16SIMD(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

loop:
	VLD1.P 8(R1), [V0.B8]
	SXTL_8H(0, 0)
	SUBS   $8, R2, R2
	VST1.P [V0.H8], 16(R0)
	BEQ    done
	CMP    $8, R2
	BGE    loop

	// fewer than eight left: step back
	SUB $8, R2, R2
	ADD R2, R1, R1
	ADD R2<<1, R0, R0
	MOVD $8, R2
	B   loop

done:
	RET
