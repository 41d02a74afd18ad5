//go:build !purego

#include "textflag.h"

// int8 to int16, 32 elements at a time, then eight:
//
//	for i := range n {
//		dst[i] = int16(src[i])
//	}
//
// Elements that fill no vector are done by stepping back onto elements already
// done, which get the same values again.
//
// The caller guarantees n ≥ 8 and that dst and src do not overlap. Clobbers AX,
// CX, DX, SI, DI, Y0, Y1.

#define DST DI
#define SRC SI
#define I AX
#define N CX
#define LAST DX // the last element where a vector may start

// func widenS8S16SIMD(dst *int16, src *int8, n int)
TEXT ·widenS8S16SIMD(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DST
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), N
	XORQ I, I
	LEAQ -32(N), LAST
	CMPQ I, LAST
	JGT  eights

loop_32:
	VPMOVSXBW (SRC)(I*1), Y0
	VPMOVSXBW 16(SRC)(I*1), Y1
	VMOVDQU   Y0, (DST)(I*2)
	VMOVDQU   Y1, 32(DST)(I*2)
	ADDQ      $32, I
	CMPQ      I, LAST
	JLE       loop_32

eights:
	LEAQ -8(N), LAST
	CMPQ I, N
	JGE  done

loop_8:
	CMPQ      I, LAST
	CMOVQGT   LAST, I
	VPMOVSXBW (SRC)(I*1), X0
	VMOVDQU   X0, (DST)(I*2)
	ADDQ      $8, I
	CMPQ      I, N
	JLT       loop_8

done:
	VZEROUPPER
	RET
