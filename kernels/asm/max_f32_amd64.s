//go:build !purego

#include "textflag.h"

// The larger of two float32 slices, 32 elements at a time, then eight:
//
//	for i := range n {
//		if src[i] > dst[i] {
//			dst[i] = src[i]
//		}
//	}
//
// VMAXPS gives its second source, Go's first operand, for equal and for
// unordered operands: dst goes there.
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, DI, Y0-Y3.

#define DST DI
#define SRC SI
#define I AX
#define N CX
#define LAST DX // the last element where four vectors may start

// func maxF32AVX2(dst, src *float32, n int)
TEXT ·maxF32AVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DST
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), N
	LEAQ -32(N), LAST
	XORQ I, I
	CMPQ I, LAST
	JGT  eights

loop_32:
	VMOVUPS (SRC)(I*4), Y0
	VMOVUPS 32(SRC)(I*4), Y1
	VMOVUPS 64(SRC)(I*4), Y2
	VMOVUPS 96(SRC)(I*4), Y3
	VMAXPS  (DST)(I*4), Y0, Y0
	VMAXPS  32(DST)(I*4), Y1, Y1
	VMAXPS  64(DST)(I*4), Y2, Y2
	VMAXPS  96(DST)(I*4), Y3, Y3
	VMOVUPS Y0, (DST)(I*4)
	VMOVUPS Y1, 32(DST)(I*4)
	VMOVUPS Y2, 64(DST)(I*4)
	VMOVUPS Y3, 96(DST)(I*4)
	ADDQ    $32, I
	CMPQ    I, LAST
	JLE     loop_32

eights:
	CMPQ I, N
	JGE  done

loop_8:
	VMOVUPS (SRC)(I*4), Y0
	VMAXPS  (DST)(I*4), Y0, Y0
	VMOVUPS Y0, (DST)(I*4)
	ADDQ    $8, I
	CMPQ    I, N
	JLT     loop_8

done:
	VZEROUPPER
	RET
