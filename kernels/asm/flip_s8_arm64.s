//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// dst[i] = src[i] + 128, as unsigned bytes, 32 at a time.
//
// n is a multiple of 32 and at least 32. Clobbers R0-R2, V0-V2.

// func flipS8SIMD(dst *byte, src *int8, n int)
TEXT ·flipS8SIMD(SB), NOSPLIT, $0-24
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	VMOVI $128, V2.B16

loop:
	VLD1.P 32(R1), [V0.B16, V1.B16]
	VEOR   V2.B16, V0.B16, V0.B16
	VEOR   V2.B16, V1.B16, V1.B16
	SUBS   $32, R2, R2
	VST1.P [V0.B16, V1.B16], 32(R0)
	BNE    loop
	RET
