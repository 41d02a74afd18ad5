//go:build !purego

#include "textflag.h"

// The sum of int16 values in int32, 64 at a time, then sixteen:
//
//	for i := range n {
//		sum += int32(src[i])
//	}
//
// VPMADDWD with ones adds neighbours without loss; the sums wrap modulo 2³², so
// that their order does not matter.
//
// The caller guarantees n ≥ 16 and n%16 == 0. Clobbers AX, CX, DX, SI, Y0-Y4,
// Y15.

#define SRC SI
#define I AX
#define N CX
#define LAST DX  // the last element where four vectors may start

#define SUM Y0
#define ONES Y15 // int16

// func sumS16AVX2(src *int16, n int) int32
TEXT ·sumS16AVX2(SB), NOSPLIT, $0-20
	MOVQ     src+0(FP), SRC
	MOVQ     n+8(FP), N
	VPCMPEQW ONES, ONES, ONES
	VPSRLW   $15, ONES, ONES
	VPXOR    SUM, SUM, SUM
	LEAQ     -64(N), LAST
	XORQ     I, I
	CMPQ     I, LAST
	JGT      sixteens

loop_64:
	VPMADDWD (SRC)(I*2), ONES, Y1
	VPMADDWD 32(SRC)(I*2), ONES, Y2
	VPMADDWD 64(SRC)(I*2), ONES, Y3
	VPMADDWD 96(SRC)(I*2), ONES, Y4
	VPADDD   Y2, Y1, Y1
	VPADDD   Y4, Y3, Y3
	VPADDD   Y3, Y1, Y1
	VPADDD   Y1, SUM, SUM
	ADDQ     $64, I
	CMPQ     I, LAST
	JLE      loop_64

sixteens:
	CMPQ I, N
	JGE  lanes

loop_16:
	VPMADDWD (SRC)(I*2), ONES, Y1
	VPADDD   Y1, SUM, SUM
	ADDQ     $16, I
	CMPQ     I, N
	JLT      loop_16

lanes:
	VEXTRACTI128 $1, SUM, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0x4E, X0, X1   // the upper two lanes
	VPADDD       X1, X0, X0
	VPSHUFD      $0xB1, X0, X1   // the odd lane
	VPADDD       X1, X0, X0
	VMOVD        X0, AX
	MOVL         AX, ret+16(FP)
	VZEROUPPER
	RET
