package asm

import "math"

// The constants of ErfF32: assembly uses the same bits.
const (
	erfSplit  = 1.125     // below, the odd polynomial
	erfLimit  = 3.90625   // from here on, the result is 1
	erfCentre = 2.6484375 // erf is within 2⁻³⁰ of a float32 here
)

var (
	// erfNear approximates erf(a)/a − 1 by powers of a², for a ≤ erfSplit: a
	// minimax fit, within 2⁻²⁶ of erf(a).
	erfNear = [...]float32{
		7.02194593e-05, -7.74855085e-04, 5.15750377e-03, -2.68371068e-02,
		1.12831771e-01, -3.76125902e-01, 1.28379166e-01,
	}
	// erfFar approximates erf(a) by powers of a − erfCentre, for a from erfSplit
	// to erfLimit: a minimax fit, within 2⁻²⁵.
	erfFar = [...]float32{
		1.03651678e-06, -7.67971505e-06, -9.28656277e-07, 7.56177615e-05, -1.55741145e-04,
		-1.57229897e-06, 7.03354890e-04, -2.13064975e-03, 3.90085671e-03, -4.93960129e-03,
		4.40728245e-03, -2.68645375e-03, 1.01430900e-03, 9.99819934e-01,
	}
)

// ErfF32 returns the error function of x, the one of this module: within 2 units
// in the last place of the exact value, and not monotone to the last one. NaN
// gives 1 or −1.
//
//	erf(a) = a + a·p(a²)                     for a < 1.125
//	erf(a) = q(min(a, 3.90625) − 2.6484375)  otherwise
//
// with a = |x| and the sign of x; p and q by Horner's rule, and the sum, with
// fused steps.
func ErfF32(x float32) float32 {
	a := magnitudeF32(x)
	if a < erfSplit {
		return withSignF32(FMAF32(hornerF32(float32(a*a), erfNear[:]), a, a), x)
	}
	if !(a < erfLimit) {
		a = erfLimit
	}
	return withSignF32(hornerF32(a-erfCentre, erfFar[:]), x)
}

// ErfOfF32 computes y[i] = [ErfF32](x[i]). y is as long as x and may be x.
func ErfOfF32(y, x []float32) {
	if len(x) == 0 {
		return
	}
	erfOfF32(y[:len(x)], x)
}

func erfOfF32Ref(y, x []float32) {
	for i, v := range x {
		y[i] = ErfF32(v)
	}
}

// magnitudeF32 returns |x|, of NaN too.
func magnitudeF32(x float32) float32 {
	return math.Float32frombits(math.Float32bits(x) &^ (1 << 31))
}

// withSignF32 returns a, whose own sign is +, with the sign of x.
func withSignF32(a, x float32) float32 {
	return math.Float32frombits(math.Float32bits(a) | math.Float32bits(x)&(1<<31))
}
