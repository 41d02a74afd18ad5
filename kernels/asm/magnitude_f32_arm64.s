//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// Magnitudes compare as their bits do.

// func rowMagnitudeF32SIMD(src *float32, n int) float32
//
// n is a multiple of 8 and at least 8. Clobbers R0-R2, V0-V3, V31.
TEXT ·rowMagnitudeF32SIMD(SB), NOSPLIT, $0-20
	MOVD  src+0(FP), R0
	MOVD  n+8(FP), R1
	MOVD  $0x7fffffff, R2
	VDUP  R2, V31.S4
	VMOVI $0, V2.B16
	VMOVI $0, V3.B16

row:
	VLD1.P 32(R0), [V0.S4, V1.S4]
	AND_16B(0, 0, 31)
	AND_16B(1, 1, 31)
	UMAX_4S(2, 2, 0)
	UMAX_4S(3, 3, 1)
	SUBS   $8, R1, R1
	BNE    row
	UMAX_4S(2, 2, 3)
	VEXT   $8, V2.B16, V2.B16, V3.B16
	UMAX_4S(2, 2, 3)
	VEXT   $4, V2.B16, V2.B16, V3.B16
	UMAX_4S(2, 2, 3)
	FMOVS  F2, ret+16(FP)
	RET

// func magnitudesF32SIMD(dst, src *float32, n int)
//
// n is a multiple of 8 and at least 8. Clobbers R0-R3, V0-V3, V31.
TEXT ·magnitudesF32SIMD(SB), NOSPLIT, $0-24
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD n+16(FP), R2
	MOVD $0x7fffffff, R3
	VDUP R3, V31.S4

columns:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	VLD1   (R0), [V2.S4, V3.S4]
	AND_16B(0, 0, 31)
	AND_16B(1, 1, 31)
	UMAX_4S(2, 2, 0)
	UMAX_4S(3, 3, 1)
	SUBS   $8, R2, R2
	VST1.P [V2.S4, V3.S4], 32(R0)
	BNE    columns
	RET
