//go:build !purego

#include "textflag.h"
#include "go_asm.h"

// Winograd's transform of a row of 4×4 patches, sixteen channels at a time:
//
//	for each tile {
//		for each block of 16 channels {
//			for each row i of Bᵀ·d {
//				t = combination of two rows of d, four columns
//				v[4·i … 4·i+3] = t·B
//			}
//		}
//	}
//
// A row of Bᵀ·d takes two rows of d, a ± b; all values fit int16.
//
// The caller guarantees tiles ≥ 1, channels ≥ 16 and channels%16 == 0, and that
// everything lies inside its slice. Clobbers AX-DX, SI, DI, R8-R15, Y0-Y7.

#define V DI          // of the tile's block, products 0-3 of the row
#define SRC SI        // of the tile's block
#define V_STRIDE AX   // bytes between products
#define V_STRIDE3 BX
#define LINE CX       // bytes between lines
#define PIXEL DX      // bytes between pixels
#define PIXEL3 R8
#define LEFT R9       // channels left
#define TILES R10     // left
#define ROW0 R11      // the two lines of a combination
#define ROW1 R12
#define TILE_V R13
#define TILE_SRC R14
#define TO R15

#define COMBINE(op) \
	VPMOVSXBW (ROW0), Y0            \
	VPMOVSXBW (ROW1), Y4            \
	VPMOVSXBW (ROW0)(PIXEL*1), Y1   \
	VPMOVSXBW (ROW1)(PIXEL*1), Y5   \
	VPMOVSXBW (ROW0)(PIXEL*2), Y2   \
	VPMOVSXBW (ROW1)(PIXEL*2), Y6   \
	VPMOVSXBW (ROW0)(PIXEL3*1), Y3  \
	VPMOVSXBW (ROW1)(PIXEL3*1), Y7  \
	op        Y4, Y0, Y0            \
	op        Y5, Y1, Y1            \
	op        Y6, Y2, Y2            \
	op        Y7, Y3, Y3            \
	VPSUBW    Y2, Y0, Y0 \
	VPADDW    Y2, Y1, Y4 \
	VPSUBW    Y1, Y2, Y5 \
	VPSUBW    Y3, Y1, Y6 \
	VMOVDQU   Y0, (TO)              \
	VMOVDQU   Y4, (TO)(V_STRIDE*1)  \
	VMOVDQU   Y5, (TO)(V_STRIDE*2)  \
	VMOVDQU   Y6, (TO)(V_STRIDE3*1) \
	LEAQ      (TO)(V_STRIDE*4), TO

// func winogradInputS8SIMD(v *int16, strideV, strideTile int, src *int8, line, tiles, channels, pixelStep int)
TEXT ·winogradInputS8SIMD(SB), NOSPLIT, $0-64
	MOVQ v+0(FP), TILE_V
	MOVQ strideV+8(FP), V_STRIDE
	SHLQ $1, V_STRIDE
	LEAQ (V_STRIDE)(V_STRIDE*2), V_STRIDE3
	MOVQ src+24(FP), TILE_SRC
	MOVQ line+32(FP), LINE
	MOVQ tiles+40(FP), TILES
	MOVQ pixelStep+56(FP), PIXEL
	LEAQ (PIXEL)(PIXEL*2), PIXEL3

tile:
	MOVQ TILE_V, V
	MOVQ TILE_SRC, SRC
	MOVQ channels+48(FP), LEFT

block:
	MOVQ V, TO
	MOVQ SRC, ROW0                // d0 - d2
	LEAQ (SRC)(LINE*2), ROW1
	COMBINE(VPSUBW)
	LEAQ (SRC)(LINE*1), ROW0      // d1 + d2
	COMBINE(VPADDW)
	XCHGQ ROW0, ROW1              // d2 - d1
	COMBINE(VPSUBW)
	ADDQ LINE, ROW0               // d1 - d3
	XCHGQ ROW0, ROW1
	COMBINE(VPSUBW)
	ADDQ $16, SRC
	ADDQ $32, V
	SUBQ $16, LEFT
	JG   block

	MOVQ strideTile+16(FP), R15
	LEAQ (TILE_V)(R15*2), TILE_V
	LEAQ (TILE_SRC)(PIXEL*2), TILE_SRC
	DECQ TILES
	JNZ  tile
	VZEROUPPER
	RET

// The transform back, columns 0-7 and then 8-15 of the 16 sums:
//
//	for each column of m {
//		s0 = m0 + m1 + m2
//		s1 = m1 - m2 - m3
//	}
//	y00, y01 = s00 + s01 + s02, s01 - s02 - s03     and the same of s1
//
// and rounding, as that of the int8 products: see product_s8_avx2_amd64.h.
//
// Clobbers AX-DX, SI, DI, R8-R12, Y0-Y15.

#define ARGS DI
#define SUMS SI       // m0 of the half
#define STRIDE AX     // bytes between sums
#define STRIDE3 BX
#define M1 CX
#define M2 DX
#define M3 R8
#define BIAS R9
#define SCALE R10

// s0, s1 of one column of m. Clobbers Y12, Y13.
#define LOAD_COLUMN(m0, m1, m2, m3, s0, s1) \
	VMOVDQU m1, Y12         \
	VMOVDQU m2, Y13         \
	VPADDD  m0, Y12, s0     \
	VPADDD  Y13, s0, s0     \
	VPSUBD  Y13, Y12, s1    \
	VPSUBD  m3, s1, s1

// The half of the columns at offset: y00, y01, y10, y11 in the given registers.
#define HALF(offset, y00, y01, y10, y11) \
	LOAD_COLUMN(offset(SUMS), offset(M1), offset(M2), offset(M3), Y0, Y4)                                                             \
	LOAD_COLUMN(offset(SUMS)(STRIDE*1), offset(M1)(STRIDE*1), offset(M2)(STRIDE*1), offset(M3)(STRIDE*1), Y1, Y5)                     \
	LOAD_COLUMN(offset(SUMS)(STRIDE*2), offset(M1)(STRIDE*2), offset(M2)(STRIDE*2), offset(M3)(STRIDE*2), Y2, Y6)                     \
	LOAD_COLUMN(offset(SUMS)(STRIDE3*1), offset(M1)(STRIDE3*1), offset(M2)(STRIDE3*1), offset(M3)(STRIDE3*1), Y3, Y7)                 \
	VPADDD  Y1, Y0, y00      \
	VPADDD  Y2, y00, y00     \
	VPSUBD  Y2, Y1, y01      \
	VPSUBD  Y3, y01, y01     \
	VPADDD  Y5, Y4, y10      \
	VPADDD  Y6, y10, y10     \
	VPSUBD  Y6, Y5, y11      \
	VPSUBD  Y7, y11, y11     \
	ROUND(offset, y00)       \
	ROUND(offset, y01)       \
	ROUND(offset, y10)       \
	ROUND(offset, y11)

#define ROUND(offset, y) \
	VPSRAD    $2, y, y                           \
	VPADDD    offset(BIAS), y, y                 \
	VCVTDQ2PS y, y                               \
	VMULPS    offset(SCALE), y, y                \
	VMINPS    winogradOutputArgs_hi(ARGS), y, y  \
	VCVTPS2DQ y, y

// lo, hi = columns 0-7 and 8-15 of one result
#define STORE(i, lo, xlo, hi, xhi) \
	MOVQ         winogradOutputArgs_dst+8*i(ARGS), R11      \
	VPACKSSDW    hi, lo, lo \
	VPERMQ       $0xD8, lo, lo \
	VPADDSW      winogradOutputArgs_zeroPoints(ARGS), lo, lo \
	VEXTRACTI128 $1, lo, xhi                                \
	VPACKSSWB    xhi, xlo, xlo                              \
	VPMAXSB      winogradOutputArgs_least(ARGS), xlo, xlo   \
	VMOVDQU      xlo, (R11)

// func winogradOutputS8SIMD(args *winogradOutputArgs)
TEXT ·winogradOutputS8SIMD(SB), NOSPLIT, $0-8
	MOVQ args+0(FP), ARGS
	MOVQ winogradOutputArgs_sums(ARGS), SUMS
	MOVQ winogradOutputArgs_stride(ARGS), STRIDE
	MOVQ winogradOutputArgs_bias(ARGS), BIAS
	MOVQ winogradOutputArgs_scale(ARGS), SCALE
	LEAQ (STRIDE)(STRIDE*2), STRIDE3
	LEAQ (SUMS)(STRIDE*4), M1
	LEAQ (M1)(STRIDE*4), M2
	LEAQ (M2)(STRIDE*4), M3
	HALF(0, Y8, Y9, Y10, Y11)
	HALF(32, Y14, Y15, Y12, Y13)
	STORE(0, Y8, X8, Y14, X14)
	STORE(1, Y9, X9, Y15, X15)
	STORE(2, Y10, X10, Y12, X12)
	STORE(3, Y11, X11, Y13, X13)
	VZEROUPPER
	RET
