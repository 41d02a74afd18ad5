//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// The sum of two quantized tensors, eight elements at a time:
//
//	t = (a − zeroA)·scaleA + (b − zeroB)·scaleB       each step rounded
//	dst = roundToEven(min(max(t, lo), hi)) + zeroPoint
//
// n is a multiple of 8 and at least 8. Clobbers R0-R4, V0-V7, V25-V31.

#define SCALE_A 25
#define SCALE_B 26
#define ZERO_A 27
#define ZERO_B 28
#define LO 29
#define HI 30
#define ZERO_POINT 31

// The real values of the eight int8 in Vq, in Vq0 and Vq1.
#define REAL(q, q0, q1, zero, scale) \
	SXTL_8H(q, q)      \
	SXTL_4S(q0, q)     \
	SXTL2_4S(q1, q)    \
	SUB_4S(q0, q0, zero) \
	SUB_4S(q1, q1, zero) \
	SCVTF_4S(q0, q0)   \
	SCVTF_4S(q1, q1)   \
	FMUL_4S(q0, q0, scale) \
	FMUL_4S(q1, q1, scale)

#define ROUND(t, tmp) \
	FCMGT_4S(tmp, t, LO) \
	BIF_16B(t, LO, tmp)  \
	FCMGT_4S(tmp, HI, t) \
	BIF_16B(t, HI, tmp)  \
	FCVTNS_4S(t, t)      \
	ADD_4S(t, t, ZERO_POINT)

// func addS8SIMD(dst, a, b *int8, n int, scaleA, scaleB float32, zeroA, zeroB int32, lo, hi float32, zeroPoint int32)
TEXT ·addS8SIMD(SB), NOSPLIT, $0-60
	MOVD  dst+0(FP), R0
	MOVD  a+8(FP), R1
	MOVD  b+16(FP), R2
	MOVD  n+24(FP), R3
	FMOVS scaleA+32(FP), F25
	FMOVS scaleB+36(FP), F26
	VDUP  V25.S[0], V25.S4
	VDUP  V26.S[0], V26.S4
	MOVW  zeroA+40(FP), R4
	VDUP  R4, V27.S4
	MOVW  zeroB+44(FP), R4
	VDUP  R4, V28.S4
	FMOVS lo+48(FP), F29
	FMOVS hi+52(FP), F30
	VDUP  V29.S[0], V29.S4
	VDUP  V30.S[0], V30.S4
	MOVW  zeroPoint+56(FP), R4
	VDUP  R4, V31.S4

loop:
	VLD1.P 8(R1), [V2.B8]
	VLD1.P 8(R2), [V5.B8]
	REAL(2, 0, 1, ZERO_A, SCALE_A)
	REAL(5, 3, 4, ZERO_B, SCALE_B)
	FADD_4S(0, 0, 3)
	FADD_4S(1, 1, 4)
	ROUND(0, 6)
	ROUND(1, 7)
	VUZP1  V1.H8, V0.H8, V0.H8    // 32 -> 16 bits: the even halves
	VUZP1  V0.B16, V0.B16, V0.B16 // 16 -> 8 bits
	SUBS   $8, R3, R3
	VST1.P [V0.B8], 8(R0)
	BNE    loop
	RET
