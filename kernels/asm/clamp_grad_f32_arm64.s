//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// An adjoint where a value lies within a range, else 0, eight elements at a time.
//
// n is a multiple of 8 and at least 8. Clobbers R0-R3, V0-V7, V30, V31.

#define LO 30
#define HI 31

// func clampGradF32SIMD(dst, dy, y *float32, n int, lo, hi float32)
TEXT ·clampGradF32SIMD(SB), NOSPLIT, $0-40
	MOVD  dst+0(FP), R0
	MOVD  dy+8(FP), R1
	MOVD  y+16(FP), R2
	MOVD  n+24(FP), R3
	FMOVS lo+32(FP), F30
	FMOVS hi+36(FP), F31
	VDUP  V30.S[0], V30.S4
	VDUP  V31.S[0], V31.S4

loop:
	VLD1.P 32(R2), [V2.S4, V3.S4]
	VLD1.P 32(R1), [V0.S4, V1.S4]
	FCMGT_4S(4, 2, LO)
	FCMGT_4S(5, 3, LO)
	FCMGT_4S(6, HI, 2)
	FCMGT_4S(7, HI, 3)
	AND_16B(0, 0, 4)
	AND_16B(1, 1, 5)
	AND_16B(0, 0, 6)
	AND_16B(1, 1, 7)
	SUBS   $8, R3, R3
	VST1.P [V0.S4, V1.S4], 32(R0)
	BNE    loop
	RET
