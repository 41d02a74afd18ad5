// The loops of an elementwise kernel, for a stem that defines
//
//	EIGHT(at, y)   computes elements I+8·at … I+8·at+7, in register y
//
// and loads its arguments first, N = number of elements among them, N ≥ 8 and
// N%8 == 0. 32 elements at a time, then eight; no element is done twice, so a
// result may lie where an operand does. Clobbers I, LAST, Y0-Y3.

#define I AX
#define N CX
#define LAST DX // the last element where four vectors may start

#define ELEMENTWISE \
	LEAQ -32(N), LAST \
	XORQ I, I         \
	CMPQ I, LAST      \
	JGT  eights       \
loop_32:              \
	EIGHT(0, Y0)      \
	EIGHT(1, Y1)      \
	EIGHT(2, Y2)      \
	EIGHT(3, Y3)      \
	ADDQ $32, I       \
	CMPQ I, LAST      \
	JLE  loop_32      \
eights:               \
	CMPQ I, N         \
	JGE  done         \
loop_8:               \
	EIGHT(0, Y0)      \
	ADDQ $8, I        \
	CMPQ I, N         \
	JLT  loop_8       \
done:                 \
	VZEROUPPER        \
	RET
