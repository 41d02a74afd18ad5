// The end of a layer, for stems that set HI, ZERO_POINTS and LEAST to the numbers of
// registers that hold the upper bound before the zero point is added, the zero
// point as int16, and the lower bound as int8.
//
// The sums Vt…Vt+3 of 16 columns, already float32 and scaled, to int8 in Vt:
// limited above, rounded, narrowed with the zero point added between, and limited
// below.
#define NARROW(t0, t1, t2, t3) \
	FMINNM_4S(t0, t0, HI)  \
	FMINNM_4S(t1, t1, HI)  \
	FMINNM_4S(t2, t2, HI)  \
	FMINNM_4S(t3, t3, HI)  \
	FCVTNS_4S(t0, t0)      \
	FCVTNS_4S(t1, t1)      \
	FCVTNS_4S(t2, t2)      \
	FCVTNS_4S(t3, t3)      \
	SQXTN_4H(t0, t0)       \
	SQXTN2_8H(t0, t1)      \
	SQXTN_4H(t2, t2)       \
	SQXTN2_8H(t2, t3)      \
	SQADD_8H(t0, t0, ZERO_POINTS) \
	SQADD_8H(t2, t2, ZERO_POINTS) \
	SQXTN_8B(t0, t0)       \
	SQXTN2_16B(t0, t2)     \
	SMAX_16B(t0, t0, LEAST)
