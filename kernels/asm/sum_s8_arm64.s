//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The sum of n int8 values, 32 at a time, in eight lanes of int32.
//
// n is a multiple of 32 and at least 32. Clobbers R0, R1, V0-V5.

// func sumS8SIMD(src *int8, n int) int32
TEXT ·sumS8SIMD(SB), NOSPLIT, $0-20
	MOVD  src+0(FP), R0
	MOVD  n+8(FP), R1
	VMOVI $0, V4.B16
	VMOVI $0, V5.B16

loop:
	VLD1.P 32(R0), [V0.B16, V1.B16]
	SADDLP_8H(2, 0)
	SADDLP_8H(3, 1)
	SADALP_4S(4, 2)
	SADALP_4S(5, 3)
	SUBS   $32, R1, R1
	BNE    loop
	ADD_4S(4, 4, 5)
	VADDV  V4.S4, V4
	FMOVS  F4, ret+16(FP)
	RET
