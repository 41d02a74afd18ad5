//go:build !purego

#include "textflag.h"

// The sum of two float32 slices, 32 elements at a time, then eight:
//
//	for i := range n {
//		dst[i] = a[i] + b[i]
//	}
//
// Vectors are stored after their operands were loaded and no element is done
// twice, so dst may be a or b.
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, DI, R8,
// Y0-Y3.

#define DST DI
#define A SI
#define B R8
#define I AX
#define N CX
#define LAST DX // the last element where four vectors may start

// func addF32AVX2(dst, a, b *float32, n int)
TEXT ·addF32AVX2(SB), NOSPLIT, $0-32
	MOVQ dst+0(FP), DST
	MOVQ a+8(FP), A
	MOVQ b+16(FP), B
	MOVQ n+24(FP), N
	LEAQ -32(N), LAST
	XORQ I, I
	CMPQ I, LAST
	JGT  eights

loop_32:
	VMOVUPS (A)(I*4), Y0
	VMOVUPS 32(A)(I*4), Y1
	VMOVUPS 64(A)(I*4), Y2
	VMOVUPS 96(A)(I*4), Y3
	VADDPS  (B)(I*4), Y0, Y0
	VADDPS  32(B)(I*4), Y1, Y1
	VADDPS  64(B)(I*4), Y2, Y2
	VADDPS  96(B)(I*4), Y3, Y3
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
	VMOVUPS (A)(I*4), Y0
	VADDPS  (B)(I*4), Y0, Y0
	VMOVUPS Y0, (DST)(I*4)
	ADDQ    $8, I
	CMPQ    I, N
	JLT     loop_8

done:
	VZEROUPPER
	RET
