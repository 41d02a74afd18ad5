//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// float32 to int8 by multiplication, 16 at a time. Beside 1.5·2²³ a float32 has no
// fraction: the sum is rounded half to even, and its low byte is the integer.

#define MAGIC 31
#define UNIT 29
#define FACTOR 30

// The low bytes of V0-V3 in V0.
#define NARROW \
	VUZP1 V1.H8, V0.H8, V0.H8    \
	VUZP1 V3.H8, V2.H8, V2.H8    \
	VUZP1 V2.B16, V0.B16, V0.B16

#define ADD_MAGIC \
	FADD_4S(0, 0, MAGIC) \
	FADD_4S(1, 1, MAGIC) \
	FADD_4S(2, 2, MAGIC) \
	FADD_4S(3, 3, MAGIC)

// func roundF32S8SIMD(dst *int8, src *float32, n int, unit, factor float32)
//
// n is a multiple of 32 and at least 32. Clobbers R0-R3, V0-V3, V29-V31.
TEXT ·roundF32S8SIMD(SB), NOSPLIT, $0-32
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	FMOVS unit+24(FP), F29
	FMOVS factor+28(FP), F30
	VDUP  V29.S[0], V29.S4
	VDUP  V30.S[0], V30.S4
	MOVD  $0x4b400000, R3
	VDUP  R3, V31.S4

rows:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FMUL_4S(0, 0, UNIT)
	FMUL_4S(1, 1, UNIT)
	FMUL_4S(2, 2, UNIT)
	FMUL_4S(3, 3, UNIT)
	FMUL_4S(0, 0, FACTOR)
	FMUL_4S(1, 1, FACTOR)
	FMUL_4S(2, 2, FACTOR)
	FMUL_4S(3, 3, FACTOR)
	ADD_MAGIC
	NARROW
	SUBS   $16, R2, R2
	VST1.P [V0.B16], 16(R0)
	BNE    rows
	RET

// func roundColumnsF32S8SIMD(dst *int8, src, factor *float32, n int)
//
// n is a multiple of 32 and at least 32. Clobbers R0-R4, V0-V7, V31.
TEXT ·roundColumnsF32S8SIMD(SB), NOSPLIT, $0-32
	MOVD dst+0(FP), R0
	MOVD src+8(FP), R1
	MOVD factor+16(FP), R3
	MOVD n+24(FP), R2
	MOVD $0x4b400000, R4
	VDUP R4, V31.S4

columns:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	VLD1.P 64(R3), [V4.S4, V5.S4, V6.S4, V7.S4]
	FMUL_4S(0, 0, 4)
	FMUL_4S(1, 1, 5)
	FMUL_4S(2, 2, 6)
	FMUL_4S(3, 3, 7)
	ADD_MAGIC
	NARROW
	SUBS   $16, R2, R2
	VST1.P [V0.B16], 16(R0)
	BNE    columns
	RET
