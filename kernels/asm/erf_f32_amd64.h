// ErfF32 step by step, for stems that set CONST to the address of erfVectors.
// Both polynomials are computed and the right one is kept. VMINPS gives its
// second source, Go's first operand, for unordered operands, as the reference
// does for NaN.

#define CONST R8

// offsets of the constants
#define MAGNITUDE 0 // all bits but the sign
#define SPLIT 32
#define LIMIT 64
#define CENTRE 96
#define NEAR 128
#define FAR 352

#define NEAR_STEP(i) \
	VFMADD213PS (NEAR+32*i)(CONST), Y6, Y8 \
	VFMADD213PS (NEAR+32*i)(CONST), Y7, Y9

#define FAR_STEP(i) \
	VFMADD213PS (FAR+32*i)(CONST), Y10, Y0 \
	VFMADD213PS (FAR+32*i)(CONST), Y11, Y1

// Y0 = erf(Y0), Y1 = erf(Y1). Clobbers Y2-Y11.
//
//	Y2, Y3    signs
//	Y4, Y5    magnitudes, then what is near
//	Y6, Y7    squares
//	Y8, Y9    near polynomials
//	Y10, Y11  distances from the centre
//	Y0, Y1    far polynomials
#define ERF \
	VMOVUPS     MAGNITUDE(CONST), Y2        \
	VANDPS      Y0, Y2, Y4                  \
	VANDPS      Y1, Y2, Y5                  \
	VANDNPS     Y1, Y2, Y3                  \
	VANDNPS     Y0, Y2, Y2                  \
	VMULPS      Y4, Y4, Y6                  \
	VMULPS      Y5, Y5, Y7                  \
	VMINPS      LIMIT(CONST), Y4, Y10       \
	VMINPS      LIMIT(CONST), Y5, Y11       \
	VSUBPS      CENTRE(CONST), Y10, Y10     \
	VSUBPS      CENTRE(CONST), Y11, Y11     \
	VMOVUPS     NEAR(CONST), Y8             \
	VMOVAPS     Y8, Y9                      \
	VMOVUPS     FAR(CONST), Y0              \
	VMOVAPS     Y0, Y1                      \
	FAR_STEP(1)                             \
	NEAR_STEP(1)                            \
	FAR_STEP(2)                             \
	FAR_STEP(3)                             \
	NEAR_STEP(2)                            \
	FAR_STEP(4)                             \
	FAR_STEP(5)                             \
	NEAR_STEP(3)                            \
	FAR_STEP(6)                             \
	FAR_STEP(7)                             \
	NEAR_STEP(4)                            \
	FAR_STEP(8)                             \
	FAR_STEP(9)                             \
	NEAR_STEP(5)                            \
	FAR_STEP(10)                            \
	FAR_STEP(11)                            \
	NEAR_STEP(6)                            \
	FAR_STEP(12)                            \
	FAR_STEP(13)                            \
	VFMADD213PS Y4, Y4, Y8                  \
	VFMADD213PS Y5, Y5, Y9                  \
	VCMPPS      $0x11, SPLIT(CONST), Y4, Y4 \
	VCMPPS      $0x11, SPLIT(CONST), Y5, Y5 \
	VBLENDVPS   Y4, Y8, Y0, Y0              \
	VBLENDVPS   Y5, Y9, Y1, Y1              \
	VORPS       Y2, Y0, Y0                  \
	VORPS       Y3, Y1, Y1
