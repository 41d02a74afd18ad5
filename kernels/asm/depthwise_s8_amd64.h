// The sums of sixteen channels of a 3×3 int8 depthwise convolution: the taps of
// each channel are interleaved in pairs and widened, the weights Y6-Y15 are pairs
// too, and VPMADDWD adds both products.

#define P0 R8  // first tap of the pixel in each row
#define P1 R9
#define P2 R10
#define W SI
#define TAP AX // bytes between taps
#define LO Y0  // sums of channels 0-7
#define HI Y1  // sums of channels 8-15

#define LOAD_WEIGHTS16 \
	VMOVDQU (W), Y6 \
	VMOVDQU 32(W), Y7 \
	VMOVDQU 64(W), Y8 \
	VMOVDQU 96(W), Y9 \
	VMOVDQU 128(W), Y10 \
	VMOVDQU 160(W), Y11 \
	VMOVDQU 192(W), Y12 \
	VMOVDQU 224(W), Y13 \
	VMOVDQU 256(W), Y14 \
	VMOVDQU 288(W), Y15

// Sixteen channels of two taps: (lo, hi) = pairs · weights
#define PAIR16(tap, next, wlo, whi, lo, hi) \
	VMOVDQU    tap, X2       \
	VPUNPCKHBW next, X2, X3  \
	VPUNPCKLBW next, X2, X2  \
	VPMOVSXBW  X2, Y2        \
	VPMOVSXBW  X3, Y3        \
	VPMADDWD   wlo, Y2, lo   \
	VPMADDWD   whi, Y3, hi

#define ADD_PAIR16(tap, next, wlo, whi) \
	PAIR16(tap, next, wlo, whi, Y4, Y5) \
	VPADDD Y4, LO, LO                   \
	VPADDD Y5, HI, HI

// (LO, HI) = all nine taps; the last one alone, as (v, its sign) · (w, 0).
#define NINE_TAPS16 \
	PAIR16((P0), (P0)(TAP*1), Y6, Y7, LO, HI) \
	ADD_PAIR16((P0)(TAP*2), (P1), Y8, Y9) \
	ADD_PAIR16((P1)(TAP*1), (P1)(TAP*2), Y10, Y11) \
	ADD_PAIR16((P2), (P2)(TAP*1), Y12, Y13) \
	VPMOVSXBD (P2)(TAP*2), Y2 \
	VPMOVSXBD 8(P2)(TAP*2), Y3 \
	VPMADDWD  Y14, Y2, Y2 \
	VPMADDWD  Y15, Y3, Y3 \
	VPADDD    Y2, LO, LO \
	VPADDD    Y3, HI, HI
