//go:build !purego

#include "textflag.h"

// The addition of int8 values to int32 sums, 32 elements at a time, then eight:
//
//	for i := range n {
//		acc[i] += int32(src[i])
//	}
//
// The caller guarantees n ≥ 8, n%8 == 0 and that acc and src do not overlap.
// Clobbers AX, CX, DX, SI, DI, Y0-Y3.

#define ACC DI
#define SRC SI
#define I AX
#define N CX
#define LAST DX // the last element where four vectors may start

// func accumulateS8AVX2(acc *int32, src *int8, n int)
TEXT ·accumulateS8AVX2(SB), NOSPLIT, $0-24
	MOVQ acc+0(FP), ACC
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ -32(N), LAST
	XORQ I, I
	CMPQ I, LAST
	JGT  eights

loop_32:
	VPMOVSXBD (SRC)(I*1), Y0
	VPMOVSXBD 8(SRC)(I*1), Y1
	VPMOVSXBD 16(SRC)(I*1), Y2
	VPMOVSXBD 24(SRC)(I*1), Y3
	VPADDD    (ACC)(I*4), Y0, Y0
	VPADDD    32(ACC)(I*4), Y1, Y1
	VPADDD    64(ACC)(I*4), Y2, Y2
	VPADDD    96(ACC)(I*4), Y3, Y3
	VMOVDQU   Y0, (ACC)(I*4)
	VMOVDQU   Y1, 32(ACC)(I*4)
	VMOVDQU   Y2, 64(ACC)(I*4)
	VMOVDQU   Y3, 96(ACC)(I*4)
	ADDQ      $32, I
	CMPQ      I, LAST
	JLE       loop_32

eights:
	CMPQ I, N
	JGE  done

loop_8:
	VPMOVSXBD (SRC)(I*1), Y0
	VPADDD    (ACC)(I*4), Y0, Y0
	VMOVDQU   Y0, (ACC)(I*4)
	ADDQ      $8, I
	CMPQ      I, N
	JLT       loop_8

done:
	VZEROUPPER
	RET
