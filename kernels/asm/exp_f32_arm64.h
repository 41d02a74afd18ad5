// ExpF32 step by step, for stems that load its constants with EXP_CONSTANTS.
//
// Elements below the lowest compute nonsense and are cleared. Rounding to an
// integer loses the sign of a zero, on which at most the sign of a zero r
// depends, and then the result is 1.

#define CONST R8

// The constants, by register number, in the order of expVectors.
#define EXP_LOWEST 20
#define EXP_HIGHEST 21
#define LOG2E 22
#define LN2_HIGH 23 // negated
#define LN2_LOW 24  // negated
#define C0 25
#define C1 26
#define C2 27
#define C3 28
#define C4 29
#define C5 30
#define ONE 31

#define EXP_CONSTANTS \
	MOVD    $·expVectors(SB), CONST \
	FMOVQ.P 32(CONST), F20          \
	FMOVQ.P 32(CONST), F21          \
	FMOVQ.P 32(CONST), F22          \
	FMOVQ.P 32(CONST), F23          \
	FMOVQ.P 32(CONST), F24          \
	FMOVQ.P 32(CONST), F25          \
	FMOVQ.P 32(CONST), F26          \
	FMOVQ.P 32(CONST), F27          \
	FMOVQ.P 32(CONST), F28          \
	FMOVQ.P 32(CONST), F29          \
	FMOVQ.P 32(CONST), F30          \
	FMOVQ.P 32(CONST), F31

// x0 = exp(x0), x1 = exp(x1), by register number. Clobbers of each: low, where x is
// below the lowest; n, int32, then its second half; p; t.
#define EXP2(x0, low0, n0, p0, t0, x1, low1, n1, p1, t1) \
	FCMGT_4S(low0, EXP_LOWEST, x0) \
	FCMGT_4S(low1, EXP_LOWEST, x1) \
	FCMGT_4S(t0, EXP_HIGHEST, x0)  \
	FCMGT_4S(t1, EXP_HIGHEST, x1)  \
	BIF_16B(x0, EXP_HIGHEST, t0)   \
	BIF_16B(x1, EXP_HIGHEST, t1)   \
	FMUL_4S(n0, x0, LOG2E)         \
	FMUL_4S(n1, x1, LOG2E)         \
	FCVTNS_4S(n0, n0)              \
	FCVTNS_4S(n1, n1)              \
	SCVTF_4S(t0, n0)               \
	SCVTF_4S(t1, n1)               \
	FMLA_4S(x0, t0, LN2_HIGH)      \
	FMLA_4S(x1, t1, LN2_HIGH)      \
	FMLA_4S(x0, t0, LN2_LOW)       \
	FMLA_4S(x1, t1, LN2_LOW)       \
	MOV_16B(p0, C1)                \
	MOV_16B(p1, C1)                \
	FMLA_4S(p0, C0, x0)            \
	FMLA_4S(p1, C0, x1)            \
	MOV_16B(t0, C2)                \
	MOV_16B(t1, C2)                \
	FMLA_4S(t0, p0, x0)            \
	FMLA_4S(t1, p1, x1)            \
	MOV_16B(p0, C3)                \
	MOV_16B(p1, C3)                \
	FMLA_4S(p0, t0, x0)            \
	FMLA_4S(p1, t1, x1)            \
	MOV_16B(t0, C4)                \
	MOV_16B(t1, C4)                \
	FMLA_4S(t0, p0, x0)            \
	FMLA_4S(t1, p1, x1)            \
	MOV_16B(p0, C5)                \
	MOV_16B(p1, C5)                \
	FMLA_4S(p0, t0, x0)            \
	FMLA_4S(p1, t1, x1)            \
	FMUL_4S(t0, x0, x0)            \
	FMUL_4S(t1, x1, x1)            \
	FMLA_4S(x0, p0, t0)            \
	FMLA_4S(x1, p1, t1)            \
	FADD_4S(p0, x0, ONE)           \
	FADD_4S(p1, x1, ONE)           \
	SSHR1_4S(t0, n0)               \
	SSHR1_4S(t1, n1)               \
	SUB_4S(n0, n0, t0)             \
	SUB_4S(n1, n1, t1)             \
	SHL23_4S(t0, t0)               \
	SHL23_4S(t1, t1)               \
	SHL23_4S(n0, n0)               \
	SHL23_4S(n1, n1)               \
	ADD_4S(t0, t0, ONE)            \
	ADD_4S(t1, t1, ONE)            \
	ADD_4S(n0, n0, ONE)            \
	ADD_4S(n1, n1, ONE)            \
	FMUL_4S(p0, p0, t0)            \
	FMUL_4S(p1, p1, t1)            \
	FMUL_4S(p0, p0, n0)            \
	FMUL_4S(p1, p1, n1)            \
	BIC_16B(x0, p0, low0)          \
	BIC_16B(x1, p1, low1)
