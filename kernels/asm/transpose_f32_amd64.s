//go:build !purego

#include "textflag.h"

// Eight rows of float32 become eight columns, eight elements at a time:
//
//	for j := range cols {
//		for i := range 8 {
//			dst[j·ldd + i] = src[i·lds + j]
//		}
//	}
//
// Four elements of rows i and i+4 share a register, so that a transposition
// within its halves is all there is to do.
//
// The caller guarantees cols ≥ 8 and cols%8 == 0. Clobbers AX-DX, SI, DI,
// R8-R11, Y0-Y7.

#define DST DI
#define DST4 R10   // four rows of dst on
#define SRC SI
#define SRC4 R11   // four rows of src on
#define LDD R8     // bytes between rows
#define LDS R9
#define LDD3 BX    // three rows
#define LDS3 DX
#define LEFT CX

// columns at … at+3 of the eight rows into four rows from d on
#define FOUR(at, d) \
	VMOVUPS     at(SRC), X0                \
	VMOVUPS     at(SRC)(LDS*1), X1         \
	VMOVUPS     at(SRC)(LDS*2), X2         \
	VMOVUPS     at(SRC)(LDS3*1), X3        \
	VINSERTF128 $1, at(SRC4), Y0, Y0       \
	VINSERTF128 $1, at(SRC4)(LDS*1), Y1, Y1 \
	VINSERTF128 $1, at(SRC4)(LDS*2), Y2, Y2 \
	VINSERTF128 $1, at(SRC4)(LDS3*1), Y3, Y3 \
	VUNPCKLPS   Y1, Y0, Y4                 \
	VUNPCKHPS   Y1, Y0, Y5                 \
	VUNPCKLPS   Y3, Y2, Y6                 \
	VUNPCKHPS   Y3, Y2, Y7                 \
	VUNPCKLPD   Y6, Y4, Y0                 \
	VUNPCKHPD   Y6, Y4, Y1                 \
	VUNPCKLPD   Y7, Y5, Y2                 \
	VUNPCKHPD   Y7, Y5, Y3                 \
	VMOVUPS     Y0, (d)                    \
	VMOVUPS     Y1, (d)(LDD*1)             \
	VMOVUPS     Y2, (d)(LDD*2)             \
	VMOVUPS     Y3, (d)(LDD3*1)

// func transpose8F32SIMD(dst *float32, ldd int, src *float32, lds, cols int)
TEXT ·transpose8F32SIMD(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DST
	MOVQ ldd+8(FP), LDD
	MOVQ src+16(FP), SRC
	MOVQ lds+24(FP), LDS
	MOVQ cols+32(FP), LEFT
	SHLQ $2, LDD
	SHLQ $2, LDS
	LEAQ (LDD)(LDD*2), LDD3
	LEAQ (LDS)(LDS*2), LDS3
	LEAQ (DST)(LDD*4), DST4
	LEAQ (SRC)(LDS*4), SRC4
	LEAQ (LDD*8), AX

loop_8:
	FOUR(0, DST)
	FOUR(16, DST4)
	ADDQ $32, SRC
	ADDQ $32, SRC4
	ADDQ AX, DST
	ADDQ AX, DST4
	SUBQ $8, LEFT
	JNZ  loop_8
	VZEROUPPER
	RET
