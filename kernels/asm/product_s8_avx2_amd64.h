// The AVX2 kernels of one panel of an int8 matrix product: six rows of 16 sums in
// Y4-Y15, columns 0-7 and 8-15 of a row side by side; and what becomes of them.

// The sums start as the addends of their rows.

#define START_SUM(row, lo, hi) \
	VPBROADCASTD 4*row(STEP), lo \
	VMOVDQA      lo, hi

#define START_SUMS \
	MOVQ productS8Args_addend(ARGS), STEP \
	START_SUM(0, Y4, Y5)                  \
	START_SUM(1, Y6, Y7)                  \
	START_SUM(2, Y8, Y9)                  \
	START_SUM(3, Y10, Y11)                \
	START_SUM(4, Y12, Y13)                \
	START_SUM(5, Y14, Y15)                \
	XORQ STEP, STEP

// All rows of the tile, one step of k; ROW comes with the form.
#define SIX_PRODUCTS \
	ROW(A0, Y4, Y5)   \
	ROW(A1, Y6, Y7)   \
	ROW(A2, Y8, Y9)   \
	ROW(A3, Y10, Y11) \
	ROW(A4, Y12, Y13) \
	ROW(A5, Y14, Y15)

// The sums as int8. A value below the range of int32 becomes its least one and
// stays below min through the saturating steps; above, HI keeps it in range.
// Rows are stored last to first: those that repeat the last row have the addends
// of other rows, and are overwritten.

#define BIAS SI
#define SCALE AX
#define HI Y0
#define ZERO_POINT Y1 // int16
#define MIN Y2        // int8
#define ORDER Y3      // what VPERMD takes to put the columns of two rows in order

#define ROUND(offset, y) \
	VPADDD    offset(BIAS), y, y  \
	VCVTDQ2PS y, y                \
	VMULPS    offset(SCALE), y, y \
	VMINPS    HI, y, y            \
	VCVTPS2DQ y, y

#define TWO_ROWS(to0, lo0, hi0, x0, to1, lo1, hi1) \
	ROUND(0, lo0)                     \
	ROUND(32, hi0)                    \
	ROUND(0, lo1)                     \
	ROUND(32, hi1)                    \
	VPACKSSDW    hi0, lo0, lo0        \
	VPACKSSDW    hi1, lo1, lo1        \
	VPADDSW      ZERO_POINT, lo0, lo0 \
	VPADDSW      ZERO_POINT, lo1, lo1 \
	VPACKSSWB    lo1, lo0, lo0        \
	VPMAXSB      MIN, lo0, lo0        \
	VPERMD       lo0, ORDER, lo0      \
	VEXTRACTI128 $1, lo0, (to1)       \
	VMOVDQU      x0, (to0)

#define REQUANTIZE_TILE \
	ROWS_AT(productS8Args_dst, productS8Args_ldd)      \
	MOVQ         productS8Args_add(ARGS), BIAS         \
	MOVQ         productS8Args_scale(ARGS), SCALE      \
	VBROADCASTSS productS8Args_hi(ARGS), HI            \
	VPBROADCASTW productS8Args_zeroPoint(ARGS), ZERO_POINT \
	VPBROADCASTB productS8Args_least(ARGS), MIN        \
	VMOVDQU      ·productS8Order(SB), ORDER            \
	TWO_ROWS(A4, Y12, Y13, X12, A5, Y14, Y15)          \
	TWO_ROWS(A2, Y8, Y9, X8, A3, Y10, Y11)             \
	TWO_ROWS(A0, Y4, Y5, X4, A1, Y6, Y7)

// The sums as float32, stored last to first too.

#define ROW_SCALES BX
#define ADD R14
#define ROW_SCALE Y0

#define WORTH(row, to, lo, hi) \
	VBROADCASTSS 4*row(ROW_SCALES), ROW_SCALE \
	VPADDD    (BIAS), lo, lo      \
	VPADDD    32(BIAS), hi, hi    \
	VCVTDQ2PS lo, lo              \
	VCVTDQ2PS hi, hi              \
	VMULPS    (SCALE), lo, lo     \
	VMULPS    32(SCALE), hi, hi   \
	VMULPS    ROW_SCALE, lo, lo   \
	VMULPS    ROW_SCALE, hi, hi   \
	VADDPS    (ADD), lo, lo       \
	VADDPS    32(ADD), hi, hi     \
	VMOVUPS   lo, (to)            \
	VMOVUPS   hi, 32(to)

#define DEQUANTIZE_TILE \
	ROWS_AT(productS8Args_dst, productS8Args_ldd)    \
	MOVQ productS8Args_add(ARGS), BIAS               \
	MOVQ productS8Args_scale(ARGS), SCALE            \
	MOVQ productS8Args_rowScale(ARGS), ROW_SCALES    \
	MOVQ productS8Args_bias(ARGS), ADD               \
	WORTH(5, A5, Y14, Y15)                           \
	WORTH(4, A4, Y12, Y13)                           \
	WORTH(3, A3, Y10, Y11)                           \
	WORTH(2, A2, Y8, Y9)                             \
	WORTH(1, A1, Y6, Y7)                             \
	WORTH(0, A0, Y4, Y5)
