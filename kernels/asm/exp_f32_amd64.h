// ExpF32 step by step, for stems that set CONST to the address of expVectors.
//
// VMINPS gives its second source, Go's first operand, for unordered operands, as
// the reference does for NaN. Elements below the lowest compute nonsense and are
// masked. Rounding to an integer follows MXCSR: to nearest even, Go's setting; it
// loses the sign of a zero, on which at most the sign of a zero r depends, and
// then the result is 1.

#define CONST R8

// offsets of the constants
#define EXP_LOWEST 0
#define EXP_HIGHEST 32
#define LOG2E 64
#define LN2_HIGH 96  // negated
#define LN2_LOW 128  // negated
#define C0 160
#define C1 192
#define C2 224
#define C3 256
#define C4 288
#define C5 320
#define ONE 352

// x = exp(x). Clobbers low, where x is below the lowest; n, int32, then its
// second half; p; t.
#define EXP(x, low, n, p, t) \
	VCMPPS      $0x11, EXP_LOWEST(CONST), x, low \
	VMINPS      EXP_HIGHEST(CONST), x, x         \
	VMULPS      LOG2E(CONST), x, n               \
	VCVTPS2DQ   n, n                             \
	VCVTDQ2PS   n, t                             \
	VFMADD231PS LN2_HIGH(CONST), t, x            \
	VFMADD231PS LN2_LOW(CONST), t, x             \
	VMOVUPS     C0(CONST), p                     \
	VFMADD213PS C1(CONST), x, p                  \
	VFMADD213PS C2(CONST), x, p                  \
	VFMADD213PS C3(CONST), x, p                  \
	VFMADD213PS C4(CONST), x, p                  \
	VFMADD213PS C5(CONST), x, p                  \
	VMULPS      x, x, t                          \
	VFMADD213PS x, t, p                          \
	VADDPS      ONE(CONST), p, p                 \
	VPSRAD      $1, n, t                         \
	VPSUBD      t, n, n                          \
	VPSLLD      $23, t, t                        \
	VPSLLD      $23, n, n                        \
	VPADDD      ONE(CONST), t, t                 \
	VPADDD      ONE(CONST), n, n                 \
	VMULPS      t, p, p                          \
	VMULPS      n, p, p                          \
	VANDNPS     p, low, x
