// The six rows of a matrix-product tile: their addresses, and what repeats the
// last row where a tile has fewer. Rows ROWS..5 then load, compute and store the
// same values as row ROWS-1, so a short tile needs no code of its own.

#define A0 R0
#define A1 R1
#define A2 R2
#define A3 R3
#define A4 R4
#define A5 R5
#define STRIDE R6 // bytes between rows
#define ROWS R7
#define B R8
#define LEFT R9   // steps of k

// next = row, or the row before where the tile has no more rows
#define NEXT_ROW(n, row, next) \
	ADD  STRIDE, row, next   \
	CMP  $n, ROWS            \
	CSEL GT, next, row, next

#define SIX_ROWS \
	NEXT_ROW(1, A0, A1) \
	NEXT_ROW(2, A1, A2) \
	NEXT_ROW(3, A2, A3) \
	NEXT_ROW(4, A3, A4) \
	NEXT_ROW(5, A4, A5)

#define CLEAR_SUMS \
	VMOVI $0, V0.B16  \
	VMOVI $0, V1.B16  \
	VMOVI $0, V2.B16  \
	VMOVI $0, V3.B16  \
	VMOVI $0, V4.B16  \
	VMOVI $0, V5.B16  \
	VMOVI $0, V6.B16  \
	VMOVI $0, V7.B16  \
	VMOVI $0, V8.B16  \
	VMOVI $0, V9.B16  \
	VMOVI $0, V10.B16 \
	VMOVI $0, V11.B16 \
	VMOVI $0, V12.B16 \
	VMOVI $0, V13.B16 \
	VMOVI $0, V14.B16 \
	VMOVI $0, V15.B16 \
	VMOVI $0, V16.B16 \
	VMOVI $0, V17.B16 \
	VMOVI $0, V18.B16 \
	VMOVI $0, V19.B16 \
	VMOVI $0, V20.B16 \
	VMOVI $0, V21.B16 \
	VMOVI $0, V22.B16 \
	VMOVI $0, V23.B16

// Six rows of c from V0-V23, in the registers of a.
#define STORE_SUMS \
	MOVD c+0(FP), A0                                \
	MOVD ldc+8(FP), STRIDE                          \
	LSL  $2, STRIDE, STRIDE                         \
	SIX_ROWS                                        \
	VST1 [V0.S4, V1.S4, V2.S4, V3.S4], (A0)         \
	VST1 [V4.S4, V5.S4, V6.S4, V7.S4], (A1)         \
	VST1 [V8.S4, V9.S4, V10.S4, V11.S4], (A2)       \
	VST1 [V12.S4, V13.S4, V14.S4, V15.S4], (A3)     \
	VST1 [V16.S4, V17.S4, V18.S4, V19.S4], (A4)     \
	VST1 [V20.S4, V21.S4, V22.S4, V23.S4], (A5)
