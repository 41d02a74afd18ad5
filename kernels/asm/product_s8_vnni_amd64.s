//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "gemm_rows_amd64.h"
#include "product_s8_amd64.h"

// Rows of uint8, four steps of k at a time, any weights:
//
//	for p := 0; p < k; p += 4 {
//		b0 = b[0:64]                                // 16 columns, as fours
//		for each row i {
//			sum[i] += broadcast(a[i][p:p+4]) · b0   // VPDPBUSD: four products, added
//		}
//	}
//
// Clobbers AX-DX, SI, DI, R8-R15, Z0-Z15.

#define SUM0 Z4
#define SUM1 Z5
#define SUM2 Z6
#define SUM3 Z7
#define SUM4 Z8
#define SUM5 Z9

// The sums start as the addends of their rows.
#define START_SUMS \
	MOVQ productS8Args_addend(ARGS), STEP \
	VPBROADCASTD 0(STEP), SUM0            \
	VPBROADCASTD 4(STEP), SUM1            \
	VPBROADCASTD 8(STEP), SUM2            \
	VPBROADCASTD 12(STEP), SUM3           \
	VPBROADCASTD 16(STEP), SUM4           \
	VPBROADCASTD 20(STEP), SUM5           \
	XORQ STEP, STEP

#define LOOP_K \
	VMOVDQU32    (B), Z0            \
	VPBROADCASTD (A0)(STEP*1), Z10  \
	VPBROADCASTD (A1)(STEP*1), Z11  \
	VPBROADCASTD (A2)(STEP*1), Z12  \
	VPBROADCASTD (A3)(STEP*1), Z13  \
	VPBROADCASTD (A4)(STEP*1), Z14  \
	VPBROADCASTD (A5)(STEP*1), Z15  \
	VPDPBUSD     Z0, Z10, SUM0      \
	VPDPBUSD     Z0, Z11, SUM1      \
	VPDPBUSD     Z0, Z12, SUM2      \
	VPDPBUSD     Z0, Z13, SUM3      \
	VPDPBUSD     Z0, Z14, SUM4      \
	VPDPBUSD     Z0, Z15, SUM5      \
	ADDQ $64, B                     \
	ADDQ $4, STEP                   \
	CMPQ STEP, END

// The sums as int8: rounded, then clamped from below as integers, where what was
// too small for int32 has become its least value. Rows are stored last to first:
// those that repeat the last row have the addends of other rows, and are
// overwritten.

#define BIAS Z0
#define SCALE Z1
#define HI Z2
#define LO Z3          // int32, before the zero point is added
#define ZERO_POINT Z10

#define ROUND(sum, to) \
	VPADDD     BIAS, sum, sum       \
	VCVTDQ2PS  sum, sum             \
	VMULPS     SCALE, sum, sum      \
	VMINPS     HI, sum, sum         \
	VCVTPS2DQ  sum, sum             \
	VPMAXSD    LO, sum, sum         \
	VPADDD     ZERO_POINT, sum, sum \
	VPMOVDB    sum, (to)

// func requantizeProductBytesVNNI(args *productS8Args)
TEXT ·requantizeProductBytesVNNI(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), ARGS
	MOVQ productS8Args_rows(ARGS), LEFT

tile:
	START_TILE
	START_SUMS
	PCALIGN $32

loop_k:
	LOOP_K
	JLT loop_k
	NEXT_SEGMENT(loop_k)
	ROWS_AT(productS8Args_dst, productS8Args_ldd)
	MOVQ         productS8Args_add(ARGS), SI
	MOVQ         productS8Args_scale(ARGS), AX
	VMOVDQU32    (SI), BIAS
	VMOVUPS      (AX), SCALE
	VBROADCASTSS productS8Args_hi(ARGS), HI
	VPBROADCASTD productS8Args_lo(ARGS), LO
	VPBROADCASTD productS8Args_zeroPoint(ARGS), ZERO_POINT
	ROUND(SUM5, A5)
	ROUND(SUM4, A4)
	ROUND(SUM3, A3)
	ROUND(SUM2, A2)
	ROUND(SUM1, A1)
	ROUND(SUM0, A0)
	NEXT_TILE(tile)
	VZEROUPPER
	RET

// The sums as float32, stored last to first too.

#define CORRECTION Z0
#define ADD Z2
#define ROW_SCALES BX

#define WORTH(row, sum, to) \
	VPADDD       CORRECTION, sum, sum    \
	VCVTDQ2PS    sum, sum                \
	VMULPS       SCALE, sum, sum         \
	VBROADCASTSS 4*row(ROW_SCALES), Z10  \
	VMULPS       Z10, sum, sum           \
	VADDPS       ADD, sum, sum           \
	VMOVUPS      sum, (to)

// func dequantizeProductBytesVNNI(args *productS8Args)
TEXT ·dequantizeProductBytesVNNI(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), ARGS
	MOVQ productS8Args_rows(ARGS), LEFT

tile:
	START_TILE
	START_SUMS
	PCALIGN $32

loop_k:
	LOOP_K
	JLT loop_k
	NEXT_SEGMENT(loop_k)
	ROWS_AT(productS8Args_dst, productS8Args_ldd)
	MOVQ      productS8Args_add(ARGS), SI
	MOVQ      productS8Args_scale(ARGS), AX
	MOVQ      productS8Args_bias(ARGS), DX
	MOVQ      productS8Args_rowScale(ARGS), ROW_SCALES
	VMOVDQU32 (SI), CORRECTION
	VMOVUPS   (AX), SCALE
	VMOVUPS   (DX), ADD
	WORTH(5, SUM5, A5)
	WORTH(4, SUM4, A4)
	WORTH(3, SUM3, A3)
	WORTH(2, SUM2, A2)
	WORTH(1, SUM1, A1)
	WORTH(0, SUM0, A0)
	NEXT_TILE(tile)
	VZEROUPPER
	RET
