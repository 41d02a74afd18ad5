//go:build !purego

#include "textflag.h"

// The clamp of a float32 slice in place, 32 elements at a time, then eight:
//
//	for i := range n {
//		x[i] = min(max(x[i], lo), hi)
//	}
//
// VMAXPS and VMINPS give their second source for equal and for unordered
// operands. In Go's order that is the first operand, so the bound goes there:
// NaN becomes lo, and -0 a lower bound of +0, as in the reference.
//
// The caller guarantees n ≥ 8 and n%8 == 0. Clobbers AX, CX, DX, SI, Y0-Y3, Y14,
// Y15.

#define X SI
#define I AX
#define N CX
#define LAST DX // the last element where four vectors may start

#define LO Y14
#define HI Y15

// func clampF32AVX2(x *float32, n int, lo, hi float32)
TEXT ·clampF32AVX2(SB), NOSPLIT, $0-24
	MOVQ         x+0(FP), X
	MOVQ         n+8(FP), N
	VBROADCASTSS lo+16(FP), LO
	VBROADCASTSS hi+20(FP), HI
	LEAQ         -32(N), LAST
	XORQ         I, I
	CMPQ         I, LAST
	JGT          eights

loop_32:
	VMOVUPS (X)(I*4), Y0
	VMOVUPS 32(X)(I*4), Y1
	VMOVUPS 64(X)(I*4), Y2
	VMOVUPS 96(X)(I*4), Y3
	VMAXPS  LO, Y0, Y0
	VMAXPS  LO, Y1, Y1
	VMAXPS  LO, Y2, Y2
	VMAXPS  LO, Y3, Y3
	VMINPS  HI, Y0, Y0
	VMINPS  HI, Y1, Y1
	VMINPS  HI, Y2, Y2
	VMINPS  HI, Y3, Y3
	VMOVUPS Y0, (X)(I*4)
	VMOVUPS Y1, 32(X)(I*4)
	VMOVUPS Y2, 64(X)(I*4)
	VMOVUPS Y3, 96(X)(I*4)
	ADDQ    $32, I
	CMPQ    I, LAST
	JLE     loop_32

eights:
	CMPQ I, N
	JGE  done

loop_8:
	VMOVUPS (X)(I*4), Y0
	VMAXPS  LO, Y0, Y0
	VMINPS  HI, Y0, Y0
	VMOVUPS Y0, (X)(I*4)
	ADDQ    $8, I
	CMPQ    I, N
	JLT     loop_8

done:
	VZEROUPPER
	RET
