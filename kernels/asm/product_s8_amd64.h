// One panel of an int8 matrix product, six rows at a time: what its kernels
// share. ARGS is a productS8Args; the kernels advance its rows and results.
//
// Rows LEFT..5 of the last tile of dst repeat row LEFT-1, see gemm_rows_amd64.h;
// those of a repeat it because the offsets do.

#define ARGS DI
#define B SI
#define STEP AX     // byte offset in a segment of a row of a
#define END BX      // bytes of a segment
#define PITCH DX    // bytes from segment to segment
#define SEGMENTS R15 // left

// A0-A5 = six rows that start at a field of the arguments
#define ROWS_AT(first, stride) \
	MOVQ first(ARGS), A0      \
	MOVQ stride(ARGS), STRIDE \
	SIX_ROWS(0)

#define ROW_OF_A(i, row) \
	MOVLQSX 4*i(B), row                \
	ADDQ    productS8Args_a(ARGS), row

#define START_TILE \
	MOVQ productS8Args_offsets(ARGS), B         \
	ROW_OF_A(0, A0)                             \
	ROW_OF_A(1, A1)                             \
	ROW_OF_A(2, A2)                             \
	ROW_OF_A(3, A3)                             \
	ROW_OF_A(4, A4)                             \
	ROW_OF_A(5, A5)                             \
	MOVQ productS8Args_b(ARGS), B               \
	MOVQ productS8Args_depth(ARGS), END         \
	MOVQ productS8Args_pitch(ARGS), PITCH       \
	MOVQ productS8Args_segments(ARGS), SEGMENTS

// Goes on with the next segment, or falls through.
#define NEXT_SEGMENT(again) \
	XORQ STEP, STEP  \
	ADDQ PITCH, A0   \
	ADDQ PITCH, A1   \
	ADDQ PITCH, A2   \
	ADDQ PITCH, A3   \
	ADDQ PITCH, A4   \
	ADDQ PITCH, A5   \
	DECQ SEGMENTS    \
	JNZ  again

// Goes on with six more rows of a and dst, or falls through.
#define NEXT_TILE(again) \
	MOVQ productS8Args_ldd(ARGS), STRIDE    \
	LEAQ (STRIDE)(STRIDE*2), STRIDE         \
	ADDQ STRIDE, STRIDE                     \
	ADDQ STRIDE, productS8Args_dst(ARGS)    \
	ADDQ $24, productS8Args_offsets(ARGS)   \
	ADDQ $24, productS8Args_rowScale(ARGS)  \
	ADDQ $24, productS8Args_addend(ARGS)    \
	SUBQ $6, LEFT                           \
	JGT  again
