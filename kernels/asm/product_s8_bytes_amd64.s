//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "gemm_rows_amd64.h"
#include "product_s8_amd64.h"
#include "product_s8_avx2_amd64.h"

// Rows of uint8, four steps of k at a time, for weights of which two that share
// a step never exceed 128 together:
//
//	for p := 0; p < k; p += 4 {
//		b0, b1 = b[0:32], b[32:64]                  // columns 0-7 and 8-15, as fours
//		for each row i {
//			four = broadcast(a[i][p:p+4])
//			sum[i][0] += four · b0                  // VPMADDUBSW: pairs, added in 16 bits:
//			sum[i][1] += four · b1                  // 255·128 fits; VPMADDWD: pairs of pairs
//		}
//	}
//
// Clobbers AX-DX, SI, DI, R8-R15, Y0-Y15.

#define BLO Y0
#define BHI Y1
#define FOUR Y2
#define PROD Y3
#define ONES ·productS8Ones(SB)

#define ROW(a, lo, hi) \
	VPBROADCASTD (a)(STEP*1), FOUR \
	VPMADDUBSW   BLO, FOUR, PROD   \
	VPMADDWD     ONES, PROD, PROD  \
	VPADDD       PROD, lo, lo      \
	VPMADDUBSW   BHI, FOUR, PROD   \
	VPMADDWD     ONES, PROD, PROD  \
	VPADDD       PROD, hi, hi

#define LOOP_K \
	VMOVDQU (B), BLO   \
	VMOVDQU 32(B), BHI \
	SIX_PRODUCTS       \
	ADDQ $64, B        \
	ADDQ $4, STEP      \
	CMPQ STEP, END

// func requantizeProductBytesAVX2(args *productS8Args)
TEXT ·requantizeProductBytesAVX2(SB), NOSPLIT, $0-8
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
	REQUANTIZE_TILE
	NEXT_TILE(tile)
	VZEROUPPER
	RET

// func dequantizeProductBytesAVX2(args *productS8Args)
TEXT ·dequantizeProductBytesAVX2(SB), NOSPLIT, $0-8
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
	DEQUANTIZE_TILE
	NEXT_TILE(tile)
	VZEROUPPER
	RET
