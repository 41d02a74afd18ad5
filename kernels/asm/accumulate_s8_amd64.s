//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

// The addition of int8 values to int32 sums:
//
//	for i := range n {
//		acc[i] += int32(src[i])
//	}
//
// The caller guarantees n ≥ 8, n%8 == 0 and that acc and src do not overlap.
// Clobbers AX, CX, DX, SI, DI, Y0-Y3.

#define ACC DI
#define SRC SI

#define EIGHT(at, y) \
	VPMOVSXBD (8*at)(SRC)(I*1), y     \ // int8 -> int32
	VPADDD    (32*at)(ACC)(I*4), y, y \
	VMOVDQU   y, (32*at)(ACC)(I*4)

// func accumulateS8SIMD(acc *int32, src *int8, n int)
TEXT ·accumulateS8SIMD(SB), NOSPLIT, $0-24
	MOVQ acc+0(FP), ACC
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), N
	ELEMENTWISE
