package asm

import "math"

// The constants of LogF32: assembly uses the same bits.
const (
	logLowest      = 0x1p-126   // below, x is subnormal
	logScale       = 0x1p23     // makes it normal
	logMantissa    = 0x3f2aaaab // the bits of 2/3
	logLn2         = math.Ln2   // rounded to float32, which is 2⁻²⁸ off
	canonicalNaN32 = 0x7fc00000
)

// logCoefficients approximate (log(1+f) − f)/f² by powers of f, for |f| ≤ 1/3: a
// minimax fit, within 2⁻²⁷ of log(1+f).
var logCoefficients = [...]float32{
	-1.24532267e-01, 1.40735894e-01, -1.22778304e-01, 1.39879420e-01, -1.66743100e-01,
	2.00114980e-01, -2.49999210e-01, 3.33331972e-01, -5.00000000e-01,
}

// LogF32 returns the natural logarithm of x, the one of this module: within 2
// units in the last place of the exact value, for subnormal x too. log(±0) is
// −Inf, log(+Inf) is +Inf; negative numbers and NaN give the NaN 0x7fc00000.
//
//	x = 2ⁿ·(1 + f), 2/3 ≤ 1 + f < 4/3
//	log(x) = (f²·p(f) + f) + n·ln2
//
// p by Horner's rule, and both sums, with fused steps.
func LogF32(x float32) float32 {
	switch {
	case !(x >= 0):
		return math.Float32frombits(canonicalNaN32)
	case x == 0:
		return float32(math.Inf(-1))
	case x > math.MaxFloat32:
		return x
	}
	n := float32(0)
	if x < logLowest {
		x *= logScale
		n = -23
	}
	bits := int32(math.Float32bits(x))
	exponent := (bits - logMantissa) >> 23
	n += float32(exponent)
	f := math.Float32frombits(uint32(bits-exponent<<23)) - 1
	y := FMAF32(hornerF32(f, logCoefficients[:]), float32(f*f), f)
	return FMAF32(n, logLn2, y)
}

// LogOfF32 computes y[i] = [LogF32](x[i]). y is as long as x and may be x.
func LogOfF32(y, x []float32) {
	if len(x) == 0 {
		return
	}
	logOfF32(y[:len(x)], x)
}

func logOfF32Ref(y, x []float32) {
	for i, v := range x {
		y[i] = LogF32(v)
	}
}
