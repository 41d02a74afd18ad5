//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The greater of dst and src, sixteen elements at a time. The last ones lie partly
// on elements already done, which stay as they are.
//
// n ≥ 16. Clobbers R0-R2, V0, V1.

// func maxS8SIMD(dst, src *int8, n int)
TEXT ·maxS8SIMD(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

loop:
	VLD1.P 16(R1), [V1.B16]
	VLD1   (R0), [V0.B16]
	SMAX_16B(0, 0, 1)
	SUBS   $16, R2, R2
	VST1.P [V0.B16], 16(R0)
	BEQ    done
	CMP    $16, R2
	BGE    loop

	// fewer than sixteen left: step back
	SUB  $16, R2, R2
	ADD  R2, R1, R1
	ADD  R2, R0, R0
	MOVD $16, R2
	B    loop

done:
	RET
