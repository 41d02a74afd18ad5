//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// float32 to int8 by a scale and a zero point, and back.

#define SCALE 28
#define LO 29
#define HI 30
#define ZERO_POINT 31

// Four values t: limited to lo…hi, so that NaN becomes lo, and rounded half to
// even, plus the zero point. Clobbers tmp.
#define ROUND(t, tmp) \
	FCMGT_4S(tmp, t, LO)  \
	BIF_16B(t, LO, tmp)   \
	FCMGT_4S(tmp, HI, t)  \
	BIF_16B(t, HI, tmp)   \
	FCVTNS_4S(t, t)       \
	ADD_4S(t, t, ZERO_POINT)

// func quantizeF32S8SIMD(dst *int8, src *float32, n int, scale, lo, hi float32, zeroPoint int32)
//
// n is a multiple of 32 and at least 32. Clobbers R0-R3, V0-V7, V28-V31.
TEXT ·quantizeF32S8SIMD(SB), NOSPLIT, $0-40
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	FMOVS scale+24(FP), F28
	FMOVS lo+28(FP), F29
	FMOVS hi+32(FP), F30
	MOVW  zeroPoint+36(FP), R3
	VDUP  V28.S[0], V28.S4
	VDUP  V29.S[0], V29.S4
	VDUP  V30.S[0], V30.S4
	VDUP  R3, V31.S4

quantize:
	VLD1.P 64(R1), [V0.S4, V1.S4, V2.S4, V3.S4]
	FDIV_4S(0, 0, SCALE)
	FDIV_4S(1, 1, SCALE)
	FDIV_4S(2, 2, SCALE)
	FDIV_4S(3, 3, SCALE)
	ROUND(0, 4)
	ROUND(1, 5)
	ROUND(2, 6)
	ROUND(3, 7)
	VUZP1  V1.H8, V0.H8, V0.H8      // 32 -> 16 bits: the even halves
	VUZP1  V3.H8, V2.H8, V2.H8
	VUZP1  V2.B16, V0.B16, V0.B16   // 16 -> 8 bits
	SUBS   $16, R2, R2
	VST1.P [V0.B16], 16(R0)
	BNE    quantize
	RET

// func dequantizeS8F32SIMD(dst *float32, src *int8, n int, scale float32, zeroPoint int32)
//
// n is a multiple of 8 and at least 8. Clobbers R0-R3, V0-V2, V28, V31.
TEXT ·dequantizeS8F32SIMD(SB), NOSPLIT, $0-32
	MOVD  dst+0(FP), R0
	MOVD  src+8(FP), R1
	MOVD  n+16(FP), R2
	FMOVS scale+24(FP), F28
	MOVW  zeroPoint+28(FP), R3
	VDUP  V28.S[0], V28.S4
	VDUP  R3, V31.S4

dequantize:
	VLD1.P 8(R1), [V2.B8]
	SXTL_8H(2, 2)
	SXTL_4S(0, 2)
	SXTL2_4S(1, 2)
	SUB_4S(0, 0, ZERO_POINT)
	SUB_4S(1, 1, ZERO_POINT)
	SCVTF_4S(0, 0)
	SCVTF_4S(1, 1)
	FMUL_4S(0, 0, SCALE)
	FMUL_4S(1, 1, SCALE)
	SUBS   $8, R2, R2
	VST1.P [V0.S4, V1.S4], 32(R0)
	BNE    dequantize
	RET
