//go:build !purego

#include "textflag.h"
#include "go_asm.h"

// A row of a float32 depthwise convolution of any kernel, eight channels at a
// time, four pixels side by side:
//
//	for each block of 8 channels {
//		for x := 0; x < pixels; x += 4 {
//			sum[0:4] = bias
//			for each tap {
//				sum[i] = fma(tap[x+i], w[tap], sum[i])
//			}
//			dst[x:x+4] = sum
//		}
//	}
//
// A last group of fewer steps back onto pixels already done, which get the same
// values again; only rows of less than four go one by one.
//
// The caller guarantees pixels ≥ 1, at least one tap, and channels ≥ 8 and
// channels%8 == 0, counted in bytes. Clobbers AX-DX, SI, DI, R8-R15, Y0-Y4.

#define ARGS R15
#define DST DI
#define W SI          // weights of the block
#define STEP R12      // bytes between pixels
#define OFFSET BX     // of the pixel's block from the first one's
#define OFFSET3 R11   // of the pixel three further
#define PIXELS DX     // left
#define BLOCK R13     // first channel of the block, in bytes
#define TAPS AX       // the tap's pointer
#define LEFT CX       // taps left
#define WEIGHTS R10   // of the tap
#define TAP R8
#define DST_STEP R14
#define BIAS R9

#define START_TAPS \
	LEAQ depthwiseTapsF32Args_taps(ARGS), TAPS  \
	MOVQ depthwiseTapsF32Args_count(ARGS), LEFT \
	MOVQ W, WEIGHTS                             \
	MOVQ depthwiseTapsF32Args_bias(ARGS), BIAS  \
	VMOVUPS (BIAS)(BLOCK*1), Y0

// func depthwiseTapsF32SIMD(args *depthwiseTapsF32Args)
TEXT ·depthwiseTapsF32SIMD(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), ARGS
	MOVQ depthwiseTapsF32Args_w(ARGS), W
	MOVQ depthwiseTapsF32Args_pixelStep(ARGS), STEP
	MOVQ depthwiseTapsF32Args_dstStep(ARGS), DST_STEP
	XORQ BLOCK, BLOCK

block:
	MOVQ BLOCK, OFFSET
	MOVQ depthwiseTapsF32Args_dst(ARGS), DST
	ADDQ BLOCK, DST
	MOVQ depthwiseTapsF32Args_pixels(ARGS), PIXELS
	SUBQ $4, PIXELS
	JLT  rest

pixels_4:
	START_TAPS
	VMOVAPS Y0, Y1
	VMOVAPS Y0, Y2
	VMOVAPS Y0, Y3
	LEAQ    (OFFSET)(STEP*2), OFFSET3
	ADDQ    STEP, OFFSET3

tap_4:
	MOVQ        (TAPS), TAP
	VMOVUPS     (WEIGHTS), Y4
	VFMADD231PS (TAP)(OFFSET*1), Y4, Y0
	VFMADD231PS (TAP)(OFFSET3*1), Y4, Y3
	ADDQ        OFFSET, TAP
	VFMADD231PS (TAP)(STEP*1), Y4, Y1
	VFMADD231PS (TAP)(STEP*2), Y4, Y2
	ADDQ        $8, TAPS
	ADDQ        $32, WEIGHTS
	DECQ        LEFT
	JNZ         tap_4

	VMOVUPS Y0, (DST)
	VMOVUPS Y1, (DST)(DST_STEP*1)
	LEAQ    (DST)(DST_STEP*2), DST
	VMOVUPS Y2, (DST)
	VMOVUPS Y3, (DST)(DST_STEP*1)
	LEAQ    (DST)(DST_STEP*2), DST
	LEAQ    (OFFSET)(STEP*4), OFFSET
	SUBQ    $4, PIXELS
	JGE     pixels_4

rest:
	ADDQ $4, PIXELS
	JZ   next_block
	CMPQ depthwiseTapsF32Args_pixels(ARGS), $4
	JLT  pixel

	// back onto pixels already done, to fill a last four
	SUBQ  $4, PIXELS
	MOVQ  PIXELS, LEFT
	IMULQ STEP, LEFT
	ADDQ  LEFT, OFFSET
	MOVQ  PIXELS, LEFT
	IMULQ DST_STEP, LEFT
	ADDQ  LEFT, DST
	XORQ  PIXELS, PIXELS
	JMP   pixels_4

pixel:
	START_TAPS

tap:
	MOVQ        (TAPS), TAP
	VMOVUPS     (WEIGHTS), Y4
	VFMADD231PS (TAP)(OFFSET*1), Y4, Y0
	ADDQ        $8, TAPS
	ADDQ        $32, WEIGHTS
	DECQ        LEFT
	JNZ         tap

	VMOVUPS Y0, (DST)
	ADDQ    DST_STEP, DST
	ADDQ    STEP, OFFSET
	DECQ    PIXELS
	JNZ     pixel

next_block:
	MOVQ WEIGHTS, W // those of the next block
	ADDQ $32, BLOCK
	CMPQ BLOCK, depthwiseTapsF32Args_channels(ARGS)
	JLT  block
	VZEROUPPER
	RET
