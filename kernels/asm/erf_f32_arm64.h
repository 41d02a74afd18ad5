// ErfF32 step by step, for stems that set CONST to the address of erfVectors. Both
// polynomials are computed and the right one is kept.

#define CONST R8

// offsets of the constants
#define MAGNITUDE 0 // all bits but the sign
#define SPLIT 32
#define LIMIT 64
#define CENTRE 96
#define NEAR 128
#define FAR 352

// V0 = erf(V0), V1 = erf(V1). Clobbers V2-V15.
//
//	V2, V3    signs
//	V4, V5    magnitudes, then what is kept
//	V6, V7    squares
//	V8, V9    near polynomials, in turns with V12, V13
//	V10, V11  distances from the centre, then near results
//	V0, V1    far polynomials, in turns with V14, V15
#define ERF \
	FMOVQ MAGNITUDE(CONST), F12 \
	FMOVQ LIMIT(CONST), F13 \
	FMOVQ CENTRE(CONST), F14 \
	AND_16B(4, 0, 12) \
	AND_16B(5, 1, 12) \
	BIC_16B(2, 0, 12) \
	BIC_16B(3, 1, 12) \
	FCMGT_4S(10, 13, 4) \
	FCMGT_4S(11, 13, 5) \
	BSL_16B(10, 4, 13) \
	BSL_16B(11, 5, 13) \
	FMUL_4S(6, 4, 4) \
	FMUL_4S(7, 5, 5) \
	FSUB_4S(10, 10, 14) \
	FSUB_4S(11, 11, 14) \
	FMOVQ NEAR(CONST), F8 \
	MOV_16B(9, 8) \
	FMOVQ FAR(CONST), F0 \
	MOV_16B(1, 0) \
	FMOVQ (FAR+32*1)(CONST), F14 \
	FMOVQ (FAR+32*1)(CONST), F15 \
	FMLA_4S(14, 0, 10) \
	FMLA_4S(15, 1, 11) \
	FMOVQ (FAR+32*2)(CONST), F0 \
	FMOVQ (FAR+32*2)(CONST), F1 \
	FMLA_4S(0, 14, 10) \
	FMLA_4S(1, 15, 11) \
	FMOVQ (NEAR+32*1)(CONST), F12 \
	FMOVQ (NEAR+32*1)(CONST), F13 \
	FMLA_4S(12, 8, 6) \
	FMLA_4S(13, 9, 7) \
	FMOVQ (FAR+32*3)(CONST), F14 \
	FMOVQ (FAR+32*3)(CONST), F15 \
	FMLA_4S(14, 0, 10) \
	FMLA_4S(15, 1, 11) \
	FMOVQ (FAR+32*4)(CONST), F0 \
	FMOVQ (FAR+32*4)(CONST), F1 \
	FMLA_4S(0, 14, 10) \
	FMLA_4S(1, 15, 11) \
	FMOVQ (NEAR+32*2)(CONST), F8 \
	FMOVQ (NEAR+32*2)(CONST), F9 \
	FMLA_4S(8, 12, 6) \
	FMLA_4S(9, 13, 7) \
	FMOVQ (FAR+32*5)(CONST), F14 \
	FMOVQ (FAR+32*5)(CONST), F15 \
	FMLA_4S(14, 0, 10) \
	FMLA_4S(15, 1, 11) \
	FMOVQ (FAR+32*6)(CONST), F0 \
	FMOVQ (FAR+32*6)(CONST), F1 \
	FMLA_4S(0, 14, 10) \
	FMLA_4S(1, 15, 11) \
	FMOVQ (NEAR+32*3)(CONST), F12 \
	FMOVQ (NEAR+32*3)(CONST), F13 \
	FMLA_4S(12, 8, 6) \
	FMLA_4S(13, 9, 7) \
	FMOVQ (FAR+32*7)(CONST), F14 \
	FMOVQ (FAR+32*7)(CONST), F15 \
	FMLA_4S(14, 0, 10) \
	FMLA_4S(15, 1, 11) \
	FMOVQ (FAR+32*8)(CONST), F0 \
	FMOVQ (FAR+32*8)(CONST), F1 \
	FMLA_4S(0, 14, 10) \
	FMLA_4S(1, 15, 11) \
	FMOVQ (NEAR+32*4)(CONST), F8 \
	FMOVQ (NEAR+32*4)(CONST), F9 \
	FMLA_4S(8, 12, 6) \
	FMLA_4S(9, 13, 7) \
	FMOVQ (FAR+32*9)(CONST), F14 \
	FMOVQ (FAR+32*9)(CONST), F15 \
	FMLA_4S(14, 0, 10) \
	FMLA_4S(15, 1, 11) \
	FMOVQ (FAR+32*10)(CONST), F0 \
	FMOVQ (FAR+32*10)(CONST), F1 \
	FMLA_4S(0, 14, 10) \
	FMLA_4S(1, 15, 11) \
	FMOVQ (NEAR+32*5)(CONST), F12 \
	FMOVQ (NEAR+32*5)(CONST), F13 \
	FMLA_4S(12, 8, 6) \
	FMLA_4S(13, 9, 7) \
	FMOVQ (FAR+32*11)(CONST), F14 \
	FMOVQ (FAR+32*11)(CONST), F15 \
	FMLA_4S(14, 0, 10) \
	FMLA_4S(15, 1, 11) \
	FMOVQ (FAR+32*12)(CONST), F0 \
	FMOVQ (FAR+32*12)(CONST), F1 \
	FMLA_4S(0, 14, 10) \
	FMLA_4S(1, 15, 11) \
	FMOVQ (NEAR+32*6)(CONST), F8 \
	FMOVQ (NEAR+32*6)(CONST), F9 \
	FMLA_4S(8, 12, 6) \
	FMLA_4S(9, 13, 7) \
	FMOVQ (FAR+32*13)(CONST), F14 \
	FMOVQ (FAR+32*13)(CONST), F15 \
	FMLA_4S(14, 0, 10) \
	FMLA_4S(15, 1, 11) \
	MOV_16B(10, 4) \
	MOV_16B(11, 5) \
	FMLA_4S(10, 8, 4) \
	FMLA_4S(11, 9, 5) \
	FMOVQ SPLIT(CONST), F12 \
	FCMGT_4S(4, 12, 4) \
	FCMGT_4S(5, 12, 5) \
	BSL_16B(4, 10, 14) \
	BSL_16B(5, 11, 15) \
	ORR_16B(0, 4, 2) \
	ORR_16B(1, 5, 3)
