package textmetric

import "math"

// The standard library's exponential and logarithm differ between processors in
// the last bit; scores must not. These are within a few units in the last place.

// ln2High has zeros at its end: its product with an exponent is exact.
const (
	ln2High = 6.93147180369123816490e-01
	ln2Low  = 1.90821492927058770002e-10
)

// log is that of a positive number, by the series of 2·artanh((m−1)/(m+1)).
func log(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	s := (m - 1) / (m + 1)
	s2 := float64(s * s)
	sum := 0.0
	for k := 25; k >= 1; k -= 2 {
		sum = float64(sum*s2) + 1/float64(k)
	}
	return float64(float64(e)*ln2High) + (float64(2*s*sum) + float64(float64(e)*ln2Low))
}

// exp is that of a number not above 0, by its Taylor series within ±ln 2 / 2.
func exp(x float64) float64 {
	if x < -745 {
		return 0
	}
	k := math.Round(x / math.Ln2)
	r := (x - float64(k*ln2High)) - float64(k*ln2Low)
	sum := 1.0
	for n := 16; n >= 1; n-- {
		sum = float64(sum*r/float64(n)) + 1
	}
	return math.Ldexp(sum, int(k))
}
