// The loops of y[i] = f(x[i]), for a stem that defines
//
//	FUNCTION   Y0 = f(Y0), Y1 = f(Y1); may clobber Y2-Y13
//
// and loads its arguments first: DST = y, SRC = x, N = number of elements. Two
// vectors at a time, whose chains of dependent steps run side by side; the last
// N%16 elements are loaded and stored under a mask. A vector is stored after its
// elements were loaded, and each element once, so y may be x.
//
// The caller guarantees N ≥ 1. Clobbers I, MASKS, N, Y0-Y15.

#define DST DI
#define SRC SI
#define I AX
#define N CX     // first the last element where two vectors may start, then minus the elements left
#define MASKS DX // the end of the set part of tailMasks

#define MASK_LO Y14
#define MASK_HI Y15

#define UNARY \
	XORQ       I, I                      \
	SUBQ       $16, N                    \
	JLT        tail                      \
loop_16:                                     \
	VMOVUPS    (SRC)(I*4), Y0            \
	VMOVUPS    32(SRC)(I*4), Y1          \
	FUNCTION                             \
	VMOVUPS    Y0, (DST)(I*4)            \
	VMOVUPS    Y1, 32(DST)(I*4)          \
	ADDQ       $16, I                    \
	CMPQ       I, N                      \
	JLE        loop_16                   \
tail:                                        \
	SUBQ       I, N                      \
	ADDQ       $16, N                    \
	NEGQ       N                         \
	JZ         done                      \
	LEAQ       ·tailMasks+64(SB), MASKS  \
	VMOVUPS    (MASKS)(N*4), MASK_LO     \
	VMOVUPS    32(MASKS)(N*4), MASK_HI   \
	VMASKMOVPS (SRC)(I*4), MASK_LO, Y0   \
	VMASKMOVPS 32(SRC)(I*4), MASK_HI, Y1 \
	FUNCTION                             \
	VMASKMOVPS Y0, MASK_LO, (DST)(I*4)   \
	VMASKMOVPS Y1, MASK_HI, 32(DST)(I*4) \
done:                                        \
	VZEROUPPER                           \
	RET
