//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The 16 lanes of a sum, four in a register:
//
//	for i := range n {
//		lanes[i%16] += src[i]
//	}
//
// n is a multiple of 16 and at least 16; lanes is overwritten. Clobbers R0-R2,
// V0-V3, V16-V19.

// func sumF32SIMD(lanes *[16]float32, src *float32, n int)
TEXT ·sumF32SIMD(SB), NOSPLIT, $0-24
	MOVD  lanes+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	VMOVI $0, V16.B16
	VMOVI $0, V17.B16
	VMOVI $0, V18.B16
	VMOVI $0, V19.B16

loop:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	SUBS   $16, R2, R2
	FADD_4S(16, 16, 0)
	FADD_4S(17, 17, 1)
	FADD_4S(18, 18, 2)
	FADD_4S(19, 19, 3)
	BNE    loop
	VST1   [V16.S4, V17.S4, V18.S4, V19.S4], (R0)
	RET
