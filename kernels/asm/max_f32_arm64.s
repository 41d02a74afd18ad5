//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The greater of dst and src, eight elements at a time. Where src is greater it is
// taken; of equal zeros and beside NaN dst stays.
//
// n is a multiple of 8 and at least 8. Clobbers R0-R2, V0-V5.

// func maxF32SIMD(dst, src *float32, n int)
TEXT ·maxF32SIMD(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2

loop:
	VLD1.P 32(R1), [V2.S4, V3.S4]
	VLD1   (R0), [V0.S4, V1.S4]
	FCMGT_4S(4, 2, 0)
	FCMGT_4S(5, 3, 1)
	BIT_16B(0, 2, 4)
	BIT_16B(1, 3, 5)
	SUBS   $8, R2, R2
	VST1.P [V0.S4, V1.S4], 32(R0)
	BNE    loop
	RET
