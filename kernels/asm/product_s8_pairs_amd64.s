//go:build !purego

#include "textflag.h"
#include "go_asm.h"
#include "gemm_rows_amd64.h"
#include "product_s8_amd64.h"
#include "product_s8_avx2_amd64.h"

// Rows of int16, two steps of k at a time:
//
//	for p := 0; p < k; p += 2 {
//		b0, b1 = widen(b[0:16]), widen(b[16:32])    // columns 0-7 and 8-15, as pairs
//		for each row i {
//			pair = broadcast(a[i][p], a[i][p+1])
//			sum[i][0] += pair · b0                  // VPMADDWD: both products of a pair, added
//			sum[i][1] += pair · b1
//		}
//	}
//
// Clobbers AX-DX, SI, DI, R8-R15, Y0-Y15.

#define BLO Y0
#define BHI Y1
#define PAIR Y2
#define PROD Y3

#define ROW(a, lo, hi) \
	VPBROADCASTD (a)(STEP*1), PAIR \
	VPMADDWD     BLO, PAIR, PROD   \
	VPADDD       PROD, lo, lo      \
	VPMADDWD     BHI, PAIR, PROD   \
	VPADDD       PROD, hi, hi

#define LOOP_K \
	VPMOVSXBW (B), BLO   \
	VPMOVSXBW 16(B), BHI \
	SIX_PRODUCTS         \
	ADDQ $32, B          \
	ADDQ $4, STEP        \
	CMPQ STEP, END

// func requantizeProductPairsAVX2(args *productS8Args)
TEXT ·requantizeProductPairsAVX2(SB), NOSPLIT, $0-8
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

// func dequantizeProductPairsAVX2(args *productS8Args)
TEXT ·dequantizeProductPairsAVX2(SB), NOSPLIT, $0-8
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
