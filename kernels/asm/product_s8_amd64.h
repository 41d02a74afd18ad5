// One panel of an int8 matrix product, six rows at a time: what its kernels
// share. ARGS is a productS8Args; the kernels advance its rows and results.
//
// Rows LEFT..5 of the last tile repeat row LEFT-1, see gemm_rows_amd64.h.

#define ARGS DI
#define B SI
#define STEP AX // byte offset in a row of a
#define END BX  // bytes of a row of a

// A0-A5 = six rows that start at a field of the arguments
#define ROWS_AT(first, stride) \
	MOVQ first(ARGS), A0      \
	MOVQ stride(ARGS), STRIDE \
	SIX_ROWS(0)

#define START_TILE \
	ROWS_AT(productS8Args_a, productS8Args_strideA) \
	MOVQ productS8Args_b(ARGS), B                   \
	MOVQ productS8Args_rowBytes(ARGS), END

#define ADVANCE(pointer, stride) \
	MOVQ stride(ARGS), STRIDE         \
	LEAQ (STRIDE)(STRIDE*2), STRIDE   \
	ADDQ STRIDE, STRIDE               \
	ADDQ STRIDE, pointer(ARGS)

// Goes on with six more rows of a and dst, or falls through.
#define NEXT_TILE(again) \
	ADVANCE(productS8Args_a, productS8Args_strideA) \
	ADVANCE(productS8Args_dst, productS8Args_ldd)   \
	ADDQ $24, productS8Args_rowScale(ARGS)          \
	ADDQ $24, productS8Args_addend(ARGS)            \
	SUBQ $6, LEFT                                   \
	JGT  again
