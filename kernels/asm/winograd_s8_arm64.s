//go:build !purego

#include "textflag.h"
#include "insn_arm64.h"
#include "narrow_s8_arm64.h"

// The transforms of Winograd's F(2×2, 3×3), see WinogradInputS8 and
// WinogradOutputS8.

#define V R0
#define STRIDE_V R1    // bytes between elements of a patch
#define TILE R2        // bytes between patches in v
#define SRC R3
#define PIXEL R4       // bytes between pixels
#define TILES R5
#define CHANNELS R6
#define LEFT R7        // channels left
#define LINE R8        // bytes between lines
#define LINE0 R9
#define LINE1 R10
#define LINE2 R11
#define LINE3 R12
#define AT R13
#define V_TILE R14

// func winogradInputS8SIMD(v *int16, strideV, strideTile int, src *int8, line, tiles, channels, pixelStep int)
//
// Eight channels at a time: V0-V15 are the patch, then the result; V16-V31 are
// Bᵀ·d. channels is a multiple of 16 and at least 16. Clobbers R0-R15, V0-V31.
TEXT ·winogradInputS8SIMD(SB), NOSPLIT, $0-64
	MOVD v+0(FP), V_TILE
	MOVD strideV+8(FP), STRIDE_V
	MOVD strideTile+16(FP), TILE
	MOVD src+24(FP), SRC
	MOVD line+32(FP), LINE
	MOVD tiles+40(FP), TILES
	MOVD channels+48(FP), CHANNELS
	MOVD pixelStep+56(FP), PIXEL
	LSL  $1, STRIDE_V, STRIDE_V
	LSL  $1, TILE, TILE

tile:
	MOVD SRC, LINE0
	ADD  LINE, LINE0, LINE1
	ADD  LINE, LINE1, LINE2
	ADD  LINE, LINE2, LINE3
	MOVD V_TILE, V
	MOVD CHANNELS, LEFT

eight:
	MOVD LINE0, AT
	FMOVD (AT), F0
	ADD   PIXEL, AT, AT
	FMOVD (AT), F1
	ADD   PIXEL, AT, AT
	FMOVD (AT), F2
	ADD   PIXEL, AT, AT
	FMOVD (AT), F3
	MOVD LINE1, AT
	FMOVD (AT), F4
	ADD   PIXEL, AT, AT
	FMOVD (AT), F5
	ADD   PIXEL, AT, AT
	FMOVD (AT), F6
	ADD   PIXEL, AT, AT
	FMOVD (AT), F7
	MOVD LINE2, AT
	FMOVD (AT), F8
	ADD   PIXEL, AT, AT
	FMOVD (AT), F9
	ADD   PIXEL, AT, AT
	FMOVD (AT), F10
	ADD   PIXEL, AT, AT
	FMOVD (AT), F11
	MOVD LINE3, AT
	FMOVD (AT), F12
	ADD   PIXEL, AT, AT
	FMOVD (AT), F13
	ADD   PIXEL, AT, AT
	FMOVD (AT), F14
	ADD   PIXEL, AT, AT
	FMOVD (AT), F15
	SXTL_8H(0, 0)
	SXTL_8H(1, 1)
	SXTL_8H(2, 2)
	SXTL_8H(3, 3)
	SXTL_8H(4, 4)
	SXTL_8H(5, 5)
	SXTL_8H(6, 6)
	SXTL_8H(7, 7)
	SXTL_8H(8, 8)
	SXTL_8H(9, 9)
	SXTL_8H(10, 10)
	SXTL_8H(11, 11)
	SXTL_8H(12, 12)
	SXTL_8H(13, 13)
	SXTL_8H(14, 14)
	SXTL_8H(15, 15)
	SUB_8H(16, 0, 8)
	ADD_8H(20, 4, 8)
	SUB_8H(24, 8, 4)
	SUB_8H(28, 4, 12)
	SUB_8H(17, 1, 9)
	ADD_8H(21, 5, 9)
	SUB_8H(25, 9, 5)
	SUB_8H(29, 5, 13)
	SUB_8H(18, 2, 10)
	ADD_8H(22, 6, 10)
	SUB_8H(26, 10, 6)
	SUB_8H(30, 6, 14)
	SUB_8H(19, 3, 11)
	ADD_8H(23, 7, 11)
	SUB_8H(27, 11, 7)
	SUB_8H(31, 7, 15)
	SUB_8H(0, 16, 18)
	ADD_8H(1, 17, 18)
	SUB_8H(2, 18, 17)
	SUB_8H(3, 17, 19)
	SUB_8H(4, 20, 22)
	ADD_8H(5, 21, 22)
	SUB_8H(6, 22, 21)
	SUB_8H(7, 21, 23)
	SUB_8H(8, 24, 26)
	ADD_8H(9, 25, 26)
	SUB_8H(10, 26, 25)
	SUB_8H(11, 25, 27)
	SUB_8H(12, 28, 30)
	ADD_8H(13, 29, 30)
	SUB_8H(14, 30, 29)
	SUB_8H(15, 29, 31)
	MOVD V, AT
	VST1 [V0.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V1.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V2.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V3.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V4.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V5.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V6.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V7.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V8.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V9.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V10.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V11.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V12.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V13.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V14.H8], (AT)
	ADD  STRIDE_V, AT, AT
	VST1 [V15.H8], (AT)
	ADD  $8, LINE0, LINE0
	ADD  $8, LINE1, LINE1
	ADD  $8, LINE2, LINE2
	ADD  $8, LINE3, LINE3
	ADD  $16, V, V
	SUBS $8, LEFT, LEFT
	BNE  eight

	ADD  PIXEL<<1, SRC, SRC
	ADD  TILE, V_TILE, V_TILE
	SUBS $1, TILES, TILES
	BNE  tile
	RET

#define ARGS R0
#define SUMS R1
#define STRIDE R2
#define BIAS R3
#define SCALE R4
#define DST0 R5
#define DST1 R6
#define DST2 R7
#define DST3 R8
#define COUNT R9

#define HI 29
#define ZERO_POINTS 30
#define LEAST 31

// offsets in winogradOutputArgs
#define ARG_SUMS 32
#define ARG_STRIDE 40
#define ARG_BIAS 48
#define ARG_SCALE 56
#define ARG_HI 64
#define ARG_ZERO_POINTS 96
#define ARG_LEAST 128

// func winogradOutputS8SIMD(args *winogradOutputArgs)
//
// Four columns at a time: V0-V15 are the sums, V16-V23 Aᵀ·m, V0-V3 the four
// results. Clobbers R0-R9, R13, V0-V23, V29-V31.
TEXT ·winogradOutputS8SIMD(SB), NOSPLIT, $0-8
	MOVD args+0(FP), ARGS
	MOVD 0(ARGS), DST0
	MOVD 8(ARGS), DST1
	MOVD 16(ARGS), DST2
	MOVD 24(ARGS), DST3
	MOVD ARG_SUMS(ARGS), SUMS
	MOVD ARG_STRIDE(ARGS), STRIDE
	MOVD ARG_BIAS(ARGS), BIAS
	MOVD ARG_SCALE(ARGS), SCALE
	ADD  $ARG_HI, ARGS, AT
	VLD1 (AT), [V29.S4]
	ADD  $ARG_ZERO_POINTS, ARGS, AT
	VLD1 (AT), [V30.H8]
	ADD  $ARG_LEAST, ARGS, AT
	VLD1 (AT), [V31.B16]
	MOVD $4, COUNT

four:
	MOVD SUMS, AT
	VLD1 (AT), [V0.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V1.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V2.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V3.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V4.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V5.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V6.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V7.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V8.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V9.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V10.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V11.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V12.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V13.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V14.S4]
	ADD  STRIDE, AT, AT
	VLD1 (AT), [V15.S4]
	ADD_4S(16, 4, 8)
	ADD_4S(16, 16, 0)
	SUB_4S(20, 4, 8)
	SUB_4S(20, 20, 12)
	ADD_4S(17, 5, 9)
	ADD_4S(17, 17, 1)
	SUB_4S(21, 5, 9)
	SUB_4S(21, 21, 13)
	ADD_4S(18, 6, 10)
	ADD_4S(18, 18, 2)
	SUB_4S(22, 6, 10)
	SUB_4S(22, 22, 14)
	ADD_4S(19, 7, 11)
	ADD_4S(19, 19, 3)
	SUB_4S(23, 7, 11)
	SUB_4S(23, 23, 15)
	ADD_4S(0, 16, 17)
	ADD_4S(0, 0, 18)
	SUB_4S(1, 17, 18)
	SUB_4S(1, 1, 19)
	ADD_4S(2, 20, 21)
	ADD_4S(2, 2, 22)
	SUB_4S(3, 21, 22)
	SUB_4S(3, 3, 23)
	VLD1.P 16(BIAS), [V4.S4]
	VLD1.P 16(SCALE), [V5.S4]
	SSHR2_4S(0, 0)
	SSHR2_4S(1, 1)
	SSHR2_4S(2, 2)
	SSHR2_4S(3, 3)
	ADD_4S(0, 0, 4)
	ADD_4S(1, 1, 4)
	ADD_4S(2, 2, 4)
	ADD_4S(3, 3, 4)
	SCVTF_4S(0, 0)
	SCVTF_4S(1, 1)
	SCVTF_4S(2, 2)
	SCVTF_4S(3, 3)
	FMUL_4S(0, 0, 5)
	FMUL_4S(1, 1, 5)
	FMUL_4S(2, 2, 5)
	FMUL_4S(3, 3, 5)
	NARROW(0, 1, 2, 3)
	VST1.P V0.S[0], 4(DST0)
	VST1.P V0.S[1], 4(DST1)
	VST1.P V0.S[2], 4(DST2)
	VST1.P V0.S[3], 4(DST3)
	ADD    $16, SUMS, SUMS
	SUBS   $1, COUNT, COUNT
	BNE    four
	RET
