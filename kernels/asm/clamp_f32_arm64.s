//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// Every element limited to lo…hi, in place, eight at a time. Comparisons and
// selections instead of FMAX and FMIN, which treat NaN and the sign of zero in
// another way than the reference.
//
// n is a multiple of 8 and at least 8. Clobbers R0, R1, V0-V3, V30, V31.

#define LO 30
#define HI 31

// func clampF32SIMD(x *float32, n int, lo, hi float32)
TEXT ·clampF32SIMD(SB), NOSPLIT, $0-24
	MOVD  x+0(FP), R0
	MOVD  n+8(FP), R1
	FMOVS lo+16(FP), F30
	FMOVS hi+20(FP), F31
	VDUP  V30.S[0], V30.S4
	VDUP  V31.S[0], V31.S4

loop:
	VLD1   (R0), [V0.S4, V1.S4]
	FCMGT_4S(2, 0, LO)
	FCMGT_4S(3, 1, LO)
	BIF_16B(0, LO, 2)
	BIF_16B(1, LO, 3)
	FCMGT_4S(2, HI, 0)
	FCMGT_4S(3, HI, 1)
	BIF_16B(0, HI, 2)
	BIF_16B(1, HI, 3)
	SUBS   $8, R1, R1
	VST1.P [V0.S4, V1.S4], 32(R0)
	BNE    loop
	RET
