//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"

// A row of a float32 depthwise convolution of any kernel, eight channels at a time,
// two pixels together:
//
//	for each block of 8 channels {
//		for x := range pixels {
//			sum = bias
//			for t := range taps {
//				sum = fma(taps[t][x], w[t], sum)
//			}
//			dst[x] = sum
//		}
//	}
//
// The chains of two pixels run side by side. A last single pixel is computed twice,
// since nothing may be read behind it. Clobbers R0-R16, V0-V9, V30, V31.

#define ARGS R0
#define DST R1
#define OFFSET R2    // of the pixel in every tap's row
#define STEP R3      // bytes between pixels of the input
#define DST_STEP R4  // bytes between pixels of dst
#define LEFT R5      // pixels left
#define W R6         // weights of the block
#define CHANNEL R7   // byte offset of the block's channels
#define CHANNELS R8
#define OTHER R9     // bytes to the second pixel of two: STEP or 0
#define DST_OTHER R10
#define LIST R11     // the next tap's row
#define COUNT R12    // taps left
#define AT R13
#define NEXT R14
#define WEIGHT R15   // the next tap's weights
#define BIAS R16

// offsets in depthwiseTapsF32Args
#define ARG_DST 0
#define ARG_TAPS 8
#define ARG_COUNT 400
#define ARG_PIXELS 408
#define ARG_PIXEL_STEP 416
#define ARG_DST_STEP 424
#define ARG_CHANNELS 432
#define ARG_W 440
#define ARG_BIAS 448

// func depthwiseTapsF32SIMD(args *depthwiseTapsF32Args)
TEXT ·depthwiseTapsF32SIMD(SB), NOSPLIT, $0-8
	MOVD args+0(FP), ARGS
	MOVD ARG_PIXEL_STEP(ARGS), STEP
	MOVD ARG_DST_STEP(ARGS), DST_STEP
	MOVD ARG_CHANNELS(ARGS), CHANNELS
	MOVD ARG_W(ARGS), W
	MOVD $0, CHANNEL

block:
	MOVD ARG_DST(ARGS), DST
	MOVD ARG_BIAS(ARGS), BIAS
	MOVD ARG_PIXELS(ARGS), LEFT
	ADD  CHANNEL, DST, DST
	ADD  CHANNEL, BIAS, BIAS
	MOVD CHANNEL, OFFSET
	VLD1 (BIAS), [V30.S4, V31.S4]
	MOVD STEP, OTHER
	MOVD DST_STEP, DST_OTHER

pixel:
	CMP  $1, LEFT
	BNE  pair
	MOVD $0, OTHER     // the last one alone
	MOVD $0, DST_OTHER

pair:
	MOV_16B(0, 30)
	MOV_16B(1, 31)
	MOV_16B(2, 30)
	MOV_16B(3, 31)
	ADD  $ARG_TAPS, ARGS, LIST
	MOVD ARG_COUNT(ARGS), COUNT
	MOVD W, WEIGHT

tap:
	MOVD.P 8(LIST), AT
	VLD1.P 32(WEIGHT), [V8.S4, V9.S4]
	ADD    OFFSET, AT, AT
	ADD    OTHER, AT, NEXT
	VLD1   (AT), [V4.S4, V5.S4]
	VLD1   (NEXT), [V6.S4, V7.S4]
	SUBS   $1, COUNT, COUNT
	FMLA_4S(0, 4, 8)
	FMLA_4S(1, 5, 9)
	FMLA_4S(2, 6, 8)
	FMLA_4S(3, 7, 9)
	BNE    tap

	ADD  DST_OTHER, DST, NEXT
	VST1 [V0.S4, V1.S4], (DST)
	VST1 [V2.S4, V3.S4], (NEXT)
	ADD  DST_STEP<<1, DST, DST
	ADD  STEP<<1, OFFSET, OFFSET
	SUBS $2, LEFT, LEFT
	BGT  pixel

	MOVD WEIGHT, W
	ADD  $32, CHANNEL, CHANNEL
	CMP  CHANNELS, CHANNEL
	BLT  block
	RET
