package kernels

import "math"

// The functions of float64. Networks do not use them; models from outside may.
// The standard library's differ between architectures, so these are built from
// operations that are exact or correctly rounded everywhere, to within a few
// units in the last place.

const (
	ln2High = 6.93147180369123816490e-01 // the first 33 bits of ln 2
	ln2Low  = 1.90821492927058770002e-10 // ln 2 − ln2High
)

// Exp64 returns eˣ: 2ⁿ·eʳ with |r| ≤ ln(2)/2, eʳ by its power series.
func Exp64(x float64) float64 {
	switch {
	case math.IsNaN(x):
		return x
	case x > 710:
		return math.Inf(1)
	case x < -746:
		return 0
	}
	n := math.RoundToEven(float64(x * math.Log2E))
	r := math.FMA(-n, ln2Low, math.FMA(-n, ln2High, x))
	sum := 1.0
	for k := 14.0; k > 0; k-- {
		sum = math.FMA(float64(sum*r), 1/k, 1)
	}
	return math.Ldexp(sum, int(n))
}

// Log64 returns the natural logarithm: e·ln 2 + 2·artanh((m − 1)/(m + 1)) for
// x = m·2ᵉ, artanh by its power series.
func Log64(x float64) float64 {
	switch {
	case math.IsNaN(x) || x < 0:
		return math.NaN()
	case x == 0:
		return math.Inf(-1)
	case math.IsInf(x, 1):
		return x
	}
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = 2*m, e-1
	}
	s := (m - 1) / (m + 1)
	square, sum := float64(s*s), 0.0
	for k := 21.0; k > 1; k -= 2 {
		sum = math.FMA(sum, square, 1/k)
	}
	artanh := math.FMA(float64(float64(sum*square)*s), 1, s)
	n := float64(e)
	return math.FMA(n, ln2High, math.FMA(n, ln2Low, 2*artanh))
}

// Tanh64 returns the hyperbolic tangent: near 0 by its continued fraction.
func Tanh64(x float64) float64 {
	switch magnitude := math.Abs(x); {
	case math.IsNaN(x):
		return x
	case magnitude > 20:
		return math.Copysign(1, x)
	case magnitude > 1:
		e := Exp64(-2 * magnitude)
		return math.Copysign((1-e)/(1+e), x)
	}
	square, fraction := float64(x*x), 27.0
	for k := 25.0; k > 0; k -= 2 {
		fraction = k + float64(square/fraction)
	}
	return x / fraction
}

// Erf64 returns the error function: 2/√π·e^(−x²)·Σ 2ⁿx²ⁿ⁺¹/(2n + 1)!!, all of
// whose terms have one sign.
func Erf64(x float64) float64 {
	if math.IsNaN(x) {
		return x
	}
	if math.Abs(x) > 6 {
		return math.Copysign(1, x)
	}
	square := float64(x * x)
	term, sum := x, x
	for n := 3.0; math.Abs(term) > 1e-18*math.Abs(sum); n += 2 {
		term = float64(term*square) * 2 / n
		sum += term
	}
	return float64(float64(2/math.SqrtPi*sum) * Exp64(-square))
}

// Pow64 returns aᵇ: for whole b up to 2²⁰ by repeated multiplication, else
// e^(b·ln a), which is not a number for a below 0.
func Pow64(a, b float64) float64 {
	if b == math.Trunc(b) && math.Abs(b) <= 1<<20 {
		power, base := 1.0, a
		for n := uint(math.Abs(b)); n > 0; n >>= 1 {
			if n&1 == 1 {
				power *= base
			}
			base *= base
		}
		if b < 0 {
			return 1 / power
		}
		return power
	}
	if a == 0 && b > 0 {
		return 0
	}
	return Exp64(b * Log64(a))
}

// Sigmoid64 returns 1/(1 + e⁻ˣ).
func Sigmoid64(x float64) float64 { return 1 / (1 + Exp64(-x)) }

// FloorF32, CeilF32 and RoundF32 (half to even) are exact.
func FloorF32(x float32) float32 { return float32(math.Floor(float64(x))) }
func CeilF32(x float32) float32  { return float32(math.Ceil(float64(x))) }
func RoundF32(x float32) float32 { return float32(math.RoundToEven(float64(x))) }
