// The loops of y[i] = f(x[i]), for a stem that defines
//
//	FUNCTION   V0 = f(V0), V1 = f(V1); leaves R0-R7 alone
//
// and loads its arguments first: DST = y, SRC = x, N = number of elements, N ≥ 1,
// and has a frame of 32 bytes. Two vectors at a time, whose chains of dependent
// steps run side by side. The last N%8 elements go through the frame, since
// nothing may be read or written behind them. A vector is stored after its
// elements were loaded, so y may be x.

#define DST R0
#define SRC R1
#define N R2
#define BUFFER R3
#define AT R4
#define LEFT R5
#define VALUE R6

#define UNARY \
	SUBS    $8, N, N                \
	BLT     tail                    \
loop_8:                                 \
	VLD1.P  32(SRC), [V0.S4, V1.S4] \
	FUNCTION                        \
	VST1.P  [V0.S4, V1.S4], 32(DST) \
	SUBS    $8, N, N                \
	BGE     loop_8                  \
tail:                                   \
	ADDS    $8, N, N                \
	BEQ     done                    \
	MOVD    $buffer-32(SP), BUFFER  \
	MOVD    BUFFER, AT              \
	MOVD    N, LEFT                 \
load:                                   \
	MOVWU.P 4(SRC), VALUE           \
	MOVW.P  VALUE, 4(AT)            \
	SUBS    $1, LEFT, LEFT          \
	BNE     load                    \
	VLD1    (BUFFER), [V0.S4, V1.S4] \
	FUNCTION                        \
	VST1    [V0.S4, V1.S4], (BUFFER) \
	MOVD    BUFFER, AT              \
store:                                  \
	MOVWU.P 4(AT), VALUE            \
	MOVW.P  VALUE, 4(DST)           \
	SUBS    $1, N, N                \
	BNE     store                   \
done:                                   \
	RET
