//go:build !purego

#include "textflag.h"

// Rows of int8, 16 columns at a time, interleaved:
//
//	for panel := range panels {
//		for j := range 16 {
//			dst[panel·strideDst + j·step : …] = column j of the rows
//		}
//	}
//
// The caller guarantees panels ≥ 1. Clobbers CX, DX, SI, DI, R8-R11, X0-X5.

#define DST DI
#define SRC SI
#define DST_STRIDE R8
#define SRC_STRIDE R9
#define LEFT CX

// func interleave2S8AVX2(dst *int8, strideDst int, src *int8, strideSrc, panels int)
TEXT ·interleave2S8AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DST
	MOVQ strideDst+8(FP), DST_STRIDE
	MOVQ src+16(FP), SRC
	MOVQ strideSrc+24(FP), SRC_STRIDE
	MOVQ panels+32(FP), LEFT

loop_2:
	VMOVDQU    (SRC), X0
	VMOVDQU    (SRC)(SRC_STRIDE*1), X1
	VPUNPCKLBW X1, X0, X2             // columns 0-7
	VPUNPCKHBW X1, X0, X3             // columns 8-15
	VMOVDQU    X2, (DST)
	VMOVDQU    X3, 16(DST)
	ADDQ       $16, SRC
	ADDQ       DST_STRIDE, DST
	DECQ       LEFT
	JNZ        loop_2
	RET

// func interleave4S8AVX2(dst *int8, strideDst int, src *int8, strideSrc, panels int)
TEXT ·interleave4S8AVX2(SB), NOSPLIT, $0-40
	MOVQ dst+0(FP), DST
	MOVQ strideDst+8(FP), DST_STRIDE
	MOVQ src+16(FP), SRC
	MOVQ strideSrc+24(FP), SRC_STRIDE
	MOVQ panels+32(FP), LEFT
	LEAQ (SRC_STRIDE)(SRC_STRIDE*2), DX

loop_4:
	VMOVDQU    (SRC), X0
	VMOVDQU    (SRC)(SRC_STRIDE*1), X1
	VMOVDQU    (SRC)(SRC_STRIDE*2), X2
	VMOVDQU    (SRC)(DX*1), X3
	VPUNPCKLBW X1, X0, X4              // rows 0 and 1, columns 0-7
	VPUNPCKHBW X1, X0, X0              // columns 8-15
	VPUNPCKLBW X3, X2, X5              // rows 2 and 3
	VPUNPCKHBW X3, X2, X2
	VPUNPCKLWD X5, X4, X1              // columns 0-3
	VPUNPCKHWD X5, X4, X3              // columns 4-7
	VPUNPCKLWD X2, X0, X4              // columns 8-11
	VPUNPCKHWD X2, X0, X5              // columns 12-15
	VMOVDQU    X1, (DST)
	VMOVDQU    X3, 16(DST)
	VMOVDQU    X4, 32(DST)
	VMOVDQU    X5, 48(DST)
	ADDQ       $16, SRC
	ADDQ       DST_STRIDE, DST
	DECQ       LEFT
	JNZ        loop_4
	RET
