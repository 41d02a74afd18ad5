//go:build !purego

#include "textflag.h"

// The sum of int8 values in int32, 32 at a time:
//
//	for i := range n {
//		sum += int32(src[i])
//	}
//
// VPSADBW adds eight unsigned bytes: the values are summed with 128 more each,
// and 128·n is taken off at the end.
//
// The caller guarantees n ≥ 32 and n%32 == 0. Clobbers AX, CX, DX, SI, Y0-Y3.

#define SRC SI
#define LEFT CX
#define N DX

#define SUM Y0  // four int64
#define ZERO Y2
#define SIGN Y3 // 0x80 in every byte

// func sumS8SIMD(src *int8, n int) int32
TEXT ·sumS8SIMD(SB), NOSPLIT, $0-20
	MOVQ      src+0(FP), SRC
	MOVQ      n+8(FP), N
	MOVQ      N, LEFT
	VPXOR     SUM, SUM, SUM
	VPXOR     ZERO, ZERO, ZERO
	VPCMPEQD  SIGN, SIGN, SIGN
	VPSLLW    $15, SIGN, SIGN
	VPACKSSWB SIGN, SIGN, SIGN

loop_32:
	VPXOR   (SRC), SIGN, Y1
	VPSADBW ZERO, Y1, Y1
	VPADDQ  Y1, SUM, SUM
	ADDQ    $32, SRC
	SUBQ    $32, LEFT
	JNZ     loop_32

	VEXTRACTI128 $1, SUM, X1
	VPADDQ       X1, X0, X0
	VPSHUFD      $0x4E, X0, X1 // the upper sum
	VPADDQ       X1, X0, X0
	VMOVQ        X0, AX
	SHLQ         $7, N
	SUBQ         N, AX
	MOVL         AX, ret+16(FP)
	VZEROUPPER
	RET
