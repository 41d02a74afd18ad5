//go:build !purego

#include "textflag.h"
#include "exp_f32_amd64.h"

// A row of softmax, sixteen elements at a time in three passes:
//
//	for i := range n {
//		largest = max(largest, src[i])
//	}
//	for i := range n {
//		dst[i] = exp(src[i] - largest)
//		lanes[i%16] += dst[i]
//	}
//	for i := range n {
//		dst[i] /= tree(lanes)
//	}
//
// The last n%16 elements are loaded and stored under a mask, and the exponentials
// of the missing ones are set to +0: no lane is ever -0, so adding it changes
// nothing. They wait in registers for the division.
//
// The order of the first pass differs from the reference's, which shows only
// when the largest is a zero, in its sign; exp(±0) is 1.
//
// A vector is stored after its elements were loaded, and each element once in a
// pass, so dst may be src.
//
// The caller guarantees n ≥ 1. Clobbers AX-DX, SI, DI, R8, Y0-Y15.

#define DST DI
#define SRC SI
#define I AX
#define MAIN BX      // elements in whole steps of sixteen
#define TAIL CX      // elements left
#define MASKS DX     // tailMasks at TAIL

#define LARGEST Y8   // in every lane; then their sum
#define SUM Y8
#define LANES_LO Y9  // lanes 0-7
#define LANES_HI Y10 // lanes 8-15
#define TAIL_LO Y11  // exponentials of the tail
#define TAIL_HI Y12
#define MASK_LO Y13
#define MASK_HI Y14
#define NEG_INF Y15  // -Inf, in the first pass

// x = exp(x - largest); clobbers Y1-Y4.
#define EXP_BELOW(x) \
	VSUBPS LARGEST, x, x   \
	EXP(x, Y1, Y2, Y3, Y4)

// func softmaxF32AVX2(dst, src *float32, n int)
TEXT ·softmaxF32AVX2(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DST
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), TAIL
	LEAQ ·expVectors(SB), CONST
	MOVQ TAIL, MAIN
	ANDQ $-16, MAIN
	SUBQ MAIN, TAIL

	// the masks of the tail: from element 16-TAIL on
	LEAQ    ·tailMasks(SB), MASKS
	MOVQ    TAIL, I
	NEGQ    I
	VMOVUPS 64(MASKS)(I*4), MASK_LO
	VMOVUPS 96(MASKS)(I*4), MASK_HI

	// first pass: the largest
	VPCMPEQD NEG_INF, NEG_INF, NEG_INF
	VPSLLD   $23, NEG_INF, NEG_INF
	VMOVAPS  NEG_INF, Y0
	VMOVAPS  NEG_INF, Y1
	XORQ     I, I
	CMPQ     I, MAIN
	JGE      max_tail

max_16:
	VMAXPS (SRC)(I*4), Y0, Y0
	VMAXPS 32(SRC)(I*4), Y1, Y1
	ADDQ   $16, I
	CMPQ   I, MAIN
	JLT    max_16

max_tail:
	TESTQ      TAIL, TAIL
	JZ         max_lanes
	VMASKMOVPS (SRC)(MAIN*4), MASK_LO, Y2
	VMASKMOVPS 32(SRC)(MAIN*4), MASK_HI, Y3
	VBLENDVPS  MASK_LO, Y2, NEG_INF, Y2
	VBLENDVPS  MASK_HI, Y3, NEG_INF, Y3
	VMAXPS     Y2, Y0, Y0
	VMAXPS     Y3, Y1, Y1

max_lanes:
	VMAXPS       Y1, Y0, Y0
	VEXTRACTF128 $1, Y0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0x4E, X0, X1
	VMAXPS       X1, X0, X0
	VPERMILPS    $0xB1, X0, X1
	VMAXPS       X1, X0, X0
	VBROADCASTSS X0, LARGEST

	// second pass: exponentials and lanes
	VXORPS LANES_LO, LANES_LO, LANES_LO
	VXORPS LANES_HI, LANES_HI, LANES_HI
	XORQ   I, I
	CMPQ   I, MAIN
	JGE    exp_tail

	PCALIGN $32

exp_16:
	VMOVUPS (SRC)(I*4), Y0
	VMOVUPS 32(SRC)(I*4), Y5
	EXP_BELOW(Y0)
	EXP_BELOW(Y5)
	VADDPS  Y0, LANES_LO, LANES_LO
	VADDPS  Y5, LANES_HI, LANES_HI
	VMOVUPS Y0, (DST)(I*4)
	VMOVUPS Y5, 32(DST)(I*4)
	ADDQ    $16, I
	CMPQ    I, MAIN
	JLT     exp_16

exp_tail:
	TESTQ      TAIL, TAIL
	JZ         sum_lanes
	VMASKMOVPS (SRC)(MAIN*4), MASK_LO, TAIL_LO
	VMASKMOVPS 32(SRC)(MAIN*4), MASK_HI, TAIL_HI
	EXP_BELOW(TAIL_LO)
	EXP_BELOW(TAIL_HI)
	VANDPS     MASK_LO, TAIL_LO, TAIL_LO
	VANDPS     MASK_HI, TAIL_HI, TAIL_HI
	VADDPS     TAIL_LO, LANES_LO, LANES_LO
	VADDPS     TAIL_HI, LANES_HI, LANES_HI

sum_lanes:
	VADDPS       LANES_HI, LANES_LO, Y0 // 8 apart
	VEXTRACTF128 $1, Y0, X1
	VADDPS       X1, X0, X0             // 4 apart
	VPERMILPS    $0x4E, X0, X1
	VADDPS       X1, X0, X0             // 2 apart
	VPERMILPS    $0xB1, X0, X1
	VADDPS       X1, X0, X0             // 1 apart
	VBROADCASTSS X0, SUM

	// third pass: the division
	XORQ I, I
	CMPQ I, MAIN
	JGE  div_tail

div_16:
	VMOVUPS (DST)(I*4), Y0
	VMOVUPS 32(DST)(I*4), Y1
	VDIVPS  SUM, Y0, Y0
	VDIVPS  SUM, Y1, Y1
	VMOVUPS Y0, (DST)(I*4)
	VMOVUPS Y1, 32(DST)(I*4)
	ADDQ    $16, I
	CMPQ    I, MAIN
	JLT     div_16

div_tail:
	TESTQ      TAIL, TAIL
	JZ         done
	VDIVPS     SUM, TAIL_LO, TAIL_LO
	VDIVPS     SUM, TAIL_HI, TAIL_HI
	VMASKMOVPS TAIL_LO, MASK_LO, (DST)(MAIN*4)
	VMASKMOVPS TAIL_HI, MASK_HI, 32(DST)(MAIN*4)

done:
	VZEROUPPER
	RET
