// The six rows of a matrix-product tile: their addresses, and what repeats the
// last row where a tile has fewer. Rows LEFT..5 then load, compute and store the
// same values as row LEFT-1, so a short tile needs no code of its own.

#define A0 R8
#define A1 R9
#define A2 R10
#define A3 R11
#define A4 R12
#define A5 R13
#define STRIDE DX // bytes between rows
#define LEFT CX   // rows of the tile

// next = row + STRIDE, or row itself where the tile has no more than n rows
#define NEXT_ROW(n, row, next) \
	LEAQ    (row)(STRIDE*1), next \
	CMPQ    LEFT, $n              \
	CMOVQLE row, next

// The six rows from A0 on; STRIDE comes in as elements of 1<<shift bytes.
#define SIX_ROWS(shift) \
	SHLQ $shift, STRIDE \
	NEXT_ROW(1, A0, A1) \
	NEXT_ROW(2, A1, A2) \
	NEXT_ROW(3, A2, A3) \
	NEXT_ROW(4, A3, A4) \
	NEXT_ROW(5, A4, A5)
