//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "narrow_s8_arm64.h"

// A row of an int8 depthwise convolution of any kernel, 16 channels at a time:
//
//	for each block of 16 channels {
//		for x := range pixels {
//			sum = bias
//			for each pair of taps {
//				sum += tap[x]·w + tap'[x]·w'    int8 widened to int16, SMLAL to int32
//			}
//			dst[x] = requantize(sum)
//		}
//	}
//
// Clobbers R0-R16, V0-V11, V16-V23, V29-V31.

#define ARGS R0
#define DST R1
#define OFFSET R2   // of the pixel in every tap's row
#define LEFT R3     // pixels left
#define W R4        // weights of the block
#define CHANNEL R5  // first of the block
#define LIST R6     // the next tap's row
#define COUNT R7    // pairs of taps left
#define AT R8
#define WEIGHT R9   // the next pair's weights
#define BIAS R10
#define SCALE R11
#define STEP R12
#define DST_STEP R13
#define CHANNELS R14
#define TMP R15

#define HI 29
#define ZERO_POINTS 30
#define LEAST 31

// offsets in depthwiseTapsArgs
#define ARG_DST 0
#define ARG_TAPS 8
#define ARG_PAIRS 408
#define ARG_PIXELS 416
#define ARG_PIXEL_STEP 424
#define ARG_DST_STEP 432
#define ARG_CHANNELS 440
#define ARG_W 448
#define ARG_BIAS 456
#define ARG_SCALE 464
#define ARG_HI 472
#define ARG_ZERO_POINTS 504
#define ARG_LEAST 536

// V0-V3 += the 16 values at LIST's next row · weights of 8 channels each
#define ONE_TAP(lo, hi) \
	MOVD.P 8(LIST), AT    \
	ADD    OFFSET, AT, AT \
	VLD1   (AT), [V4.B16] \
	SXTL_8H(5, 4)         \
	SXTL2_8H(6, 4)        \
	SMLAL_4S(0, 5, lo)    \
	SMLAL2_4S(1, 5, lo)   \
	SMLAL_4S(2, 6, hi)    \
	SMLAL2_4S(3, 6, hi)

// func depthwiseTapsS8SIMD(args *depthwiseTapsArgs)
TEXT ·depthwiseTapsS8SIMD(SB), NOSPLIT, $0-8
	MOVD args+0(FP), ARGS
	MOVD ARG_PIXEL_STEP(ARGS), STEP
	MOVD ARG_DST_STEP(ARGS), DST_STEP
	MOVD ARG_CHANNELS(ARGS), CHANNELS
	MOVD ARG_W(ARGS), W
	MOVD ARG_BIAS(ARGS), BIAS
	MOVD ARG_SCALE(ARGS), SCALE
	ADD  $ARG_HI, ARGS, TMP
	VLD1 (TMP), [V29.S4]
	ADD  $ARG_ZERO_POINTS, ARGS, TMP
	VLD1 (TMP), [V30.H8]
	ADD  $ARG_LEAST, ARGS, TMP
	VLD1 (TMP), [V31.B16]
	MOVD $0, CHANNEL

block:
	MOVD   ARG_DST(ARGS), DST
	MOVD   ARG_PIXELS(ARGS), LEFT
	ADD    CHANNEL, DST, DST
	MOVD   CHANNEL, OFFSET
	VLD1.P 64(BIAS), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(SCALE), [V20.S4, V21.S4, V22.S4, V23.S4]

pixel:
	MOV_16B(0, 16)
	MOV_16B(1, 17)
	MOV_16B(2, 18)
	MOV_16B(3, 19)
	ADD  $ARG_TAPS, ARGS, LIST
	MOVD ARG_PAIRS(ARGS), COUNT
	MOVD W, WEIGHT

pair:
	VLD2.P 32(WEIGHT), [V8.H8, V9.H8]
	VLD2.P 32(WEIGHT), [V10.H8, V11.H8]
	ONE_TAP(8, 10)
	ONE_TAP(9, 11)
	SUBS   $1, COUNT, COUNT
	BNE    pair

	SCVTF_4S(0, 0)
	SCVTF_4S(1, 1)
	SCVTF_4S(2, 2)
	SCVTF_4S(3, 3)
	FMUL_4S(0, 0, 20)
	FMUL_4S(1, 1, 21)
	FMUL_4S(2, 2, 22)
	FMUL_4S(3, 3, 23)
	NARROW(0, 1, 2, 3)
	VST1 [V0.B16], (DST)
	ADD  DST_STEP, DST, DST
	ADD  STEP, OFFSET, OFFSET
	SUBS $1, LEFT, LEFT
	BNE  pixel

	MOVD WEIGHT, W
	ADD  $16, CHANNEL, CHANNEL
	CMP  CHANNELS, CHANNEL
	BLT  block
	RET
