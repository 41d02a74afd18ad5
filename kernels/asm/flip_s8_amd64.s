//go:build !purego

#include "textflag.h"

// int8 values as unsigned ones, 32 at a time:
//
//	for i := range n {
//		dst[i] = byte(src[i]) ^ 0x80
//	}
//
// The caller guarantees n ≥ 32 and n%32 == 0. A vector is stored after it was
// loaded, so dst may be src. Clobbers CX, SI, DI, Y0, Y1.

#define DST DI
#define SRC SI
#define LEFT CX
#define SIGN Y1 // 0x80 in every byte

// func flipS8SIMD(dst *byte, src *int8, n int)
TEXT ·flipS8SIMD(SB), NOSPLIT, $0-24
	MOVQ dst+0(FP), DST
	MOVQ src+8(FP), SRC
	MOVQ n+16(FP), LEFT
	VPCMPEQD  SIGN, SIGN, SIGN
	VPSLLW    $15, SIGN, SIGN   // 0x8000
	VPACKSSWB SIGN, SIGN, SIGN  // saturates to 0x80

loop_32:
	VPXOR   (SRC), SIGN, Y0
	VMOVDQU Y0, (DST)
	ADDQ    $32, SRC
	ADDQ    $32, DST
	SUBQ    $32, LEFT
	JNZ     loop_32
	VZEROUPPER
	RET
