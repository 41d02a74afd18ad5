//go:build !purego

#include "textflag.h"

// The lanes of a float32 sum, sixteen elements at a time:
//
//	for i := range n {
//		lanes[i%16] += src[i]
//	}
//
// A lane is one chain of additions, three cycles each: that order is part of the
// result, so no more registers would help.
//
// The caller guarantees n ≥ 16 and n%16 == 0. Clobbers CX, SI, DI, Y0, Y1.

#define LANES DI
#define SRC SI
#define LEFT CX

// func sumF32SIMD(lanes *[sumLanes]float32, src *float32, n int)
TEXT ·sumF32SIMD(SB), NOSPLIT, $0-24
	MOVQ    lanes+0(FP), LANES
	MOVQ    src+8(FP), SRC
	MOVQ    n+16(FP), LEFT
	VMOVUPS (LANES), Y0
	VMOVUPS 32(LANES), Y1

loop_16:
	VADDPS (SRC), Y0, Y0
	VADDPS 32(SRC), Y1, Y1
	ADDQ   $64, SRC
	SUBQ   $16, LEFT
	JNZ    loop_16

	VMOVUPS Y0, (LANES)
	VMOVUPS Y1, 32(LANES)
	VZEROUPPER
	RET
