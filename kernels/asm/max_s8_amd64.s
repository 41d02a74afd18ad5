//go:build !purego

#include "textflag.h"

// The larger of two int8 slices, 64 elements at a time, then sixteen:
//
//	for i := range n {
//		dst[i] = max(dst[i], src[i])
//	}
//
// Elements that fill no vector are done by stepping back onto elements already
// done, which a second time changes nothing.
//
// The caller guarantees n ≥ 16. Clobbers AX, CX, DX, SI, DI, Y0, Y1.

#define DST DI
#define SRC SI
#define I AX
#define N CX
#define LAST DX // the last element where a step may start

// func maxS8SIMD(dst, src *int8, n int)
TEXT ·maxS8SIMD(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DST
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ -64(N), LAST
	XORQ I, I
	CMPQ I, LAST
	JGT  sixteens

loop_64:
	VMOVDQU (SRC)(I*1), Y0
	VMOVDQU 32(SRC)(I*1), Y1
	VPMAXSB (DST)(I*1), Y0, Y0
	VPMAXSB 32(DST)(I*1), Y1, Y1
	VMOVDQU Y0, (DST)(I*1)
	VMOVDQU Y1, 32(DST)(I*1)
	ADDQ    $64, I
	CMPQ    I, LAST
	JLE     loop_64

sixteens:
	LEAQ -16(N), LAST
	CMPQ I, N
	JGE  done

loop_16:
	CMPQ    I, LAST
	CMOVQGT LAST, I
	VMOVDQU (SRC)(I*1), X0
	VPMAXSB (DST)(I*1), X0, X0
	VMOVDQU X0, (DST)(I*1)
	ADDQ    $16, I
	CMPQ    I, N
	JLT     loop_16

done:
	VZEROUPPER
	RET
