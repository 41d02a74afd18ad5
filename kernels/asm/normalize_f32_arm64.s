//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// func squaresF32SIMD(lanes *[16]float32, src *float32, n int, mean float32)
//
// lanes[i%16] += (src[i] − mean)², each step rounded; lanes is overwritten. n is a
// multiple of 16 and at least 16. Clobbers R0-R2, V0-V3, V16-V19, V31.
TEXT ·squaresF32SIMD(SB), NOSPLIT, $0-28
	MOVD  lanes+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	FMOVS mean+24(FP), F31
	VDUP  V31.S[0], V31.S4
	VMOVI $0, V16.B16
	VMOVI $0, V17.B16
	VMOVI $0, V18.B16
	VMOVI $0, V19.B16

squares:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FSUB_4S(0, 0, 31)
	FSUB_4S(1, 1, 31)
	FSUB_4S(2, 2, 31)
	FSUB_4S(3, 3, 31)
	FMUL_4S(0, 0, 0)
	FMUL_4S(1, 1, 1)
	FMUL_4S(2, 2, 2)
	FMUL_4S(3, 3, 3)
	FADD_4S(16, 16, 0)
	FADD_4S(17, 17, 1)
	FADD_4S(18, 18, 2)
	FADD_4S(19, 19, 3)
	SUBS   $16, R2, R2
	BNE    squares
	VST1   [V16.S4, V17.S4, V18.S4, V19.S4], (R0)
	RET

// func normalizeF32SIMD(dst, src, scale, offset *float32, n int, mean, deviation float32)
//
// dst[i] = ((src[i] − mean)/deviation)·scale[i] + offset[i], each step rounded. n
// is a multiple of 8 and at least 8. Clobbers R0-R4, V0-V5, V30, V31.
TEXT ·normalizeF32SIMD(SB), NOSPLIT, $0-48
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  scale+16(FP), R2
	MOVD  offset+24(FP), R3
	MOVD  n+32(FP), R4
	FMOVS mean+40(FP), F30
	FMOVS deviation+44(FP), F31
	VDUP  V30.S[0], V30.S4
	VDUP  V31.S[0], V31.S4

normalize:
	VLD1.P 32(R1), [V0.S4, V1.S4]
	FSUB_4S(0, 0, 30)
	FSUB_4S(1, 1, 30)
	FDIV_4S(0, 0, 31)
	FDIV_4S(1, 1, 31)
	VLD1.P 32(R2), [V2.S4, V3.S4]
	VLD1.P 32(R3), [V4.S4, V5.S4]
	FMUL_4S(0, 0, 2)
	FMUL_4S(1, 1, 3)
	FADD_4S(0, 0, 4)
	FADD_4S(1, 1, 5)
	SUBS   $8, R4, R4
	VST1.P [V0.S4, V1.S4], 32(R0)
	BNE    normalize
	RET
