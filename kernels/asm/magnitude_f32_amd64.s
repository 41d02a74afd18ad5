//go:build !purego

#include "textflag.h"
#include "elementwise_amd64.h"

// The greatest magnitude, 32 elements at a time in four chains, then eight.
// Clobbers AX, CX, DX, SI, Y0-Y7, Y15.

#define SRC SI
#define DST DI
#define MAGNITUDE Y15 // everything but the sign

#define LOAD_MAGNITUDE \
	VPCMPEQD MAGNITUDE, MAGNITUDE, MAGNITUDE \
	VPSRLD   $1, MAGNITUDE, MAGNITUDE

#define LARGER(offset, x, running) \
	VANDPS offset(SRC)(I*4), MAGNITUDE, x \
	VMAXPS x, running, running

// func rowMagnitudeF32SIMD(src *float32, n int) float32
TEXT ·rowMagnitudeF32SIMD(SB), NOSPLIT, $0-20
	MOVQ   src+0(FP), SRC
	MOVQ   n+8(FP), N
	LOAD_MAGNITUDE
	VXORPS Y4, Y4, Y4
	VXORPS Y5, Y5, Y5
	VXORPS Y6, Y6, Y6
	VXORPS Y7, Y7, Y7
	LEAQ   -32(N), LAST
	XORQ   I, I
	CMPQ   I, LAST
	JGT    eights

loop_32:
	LARGER(0, Y0, Y4)
	LARGER(32, Y1, Y5)
	LARGER(64, Y2, Y6)
	LARGER(96, Y3, Y7)
	ADDQ $32, I
	CMPQ I, LAST
	JLE  loop_32

eights:
	CMPQ I, N
	JGE  lanes

loop_8:
	LARGER(0, Y0, Y4)
	ADDQ $8, I
	CMPQ I, N
	JLT  loop_8

lanes:
	VMAXPS       Y5, Y4, Y4
	VMAXPS       Y7, Y6, Y6
	VMAXPS       Y6, Y4, Y4
	VEXTRACTF128 $1, Y4, X0
	VMAXPS       X0, X4, X4
	VPERMILPS    $0x4E, X4, X0
	VMAXPS       X0, X4, X4
	VPERMILPS    $0xB1, X4, X0
	VMAXPS       X0, X4, X4
	VMOVSS       X4, ret+16(FP)
	VZEROUPPER
	RET

#define EIGHT(at, y) \
	VANDPS  (32*at)(SRC)(I*4), MAGNITUDE, y \
	VMAXPS  (32*at)(DST)(I*4), y, y         \
	VMOVUPS y, (32*at)(DST)(I*4)

// func magnitudesF32SIMD(dst, src *float32, n int)
TEXT ·magnitudesF32SIMD(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DST
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), N
	LOAD_MAGNITUDE
	ELEMENTWISE
