package asm

import "math"

// The constants of ExpF32: assembly uses the same bits.
const (
	expLowest  = -87.33654 // below, the result is 0
	expHighest = 88.72283  // above, the result is that of expHighest
	expLog2E   = 1.44269504
	expLn2High = 0.693359375    // 355/512, exact in 10 bits
	expLn2Low  = -2.12194440e-4 // ln 2 − 355/512
)

// expCoefficients approximate (eʳ − 1 − r)/r² for |r| ≤ ln(2)/2, highest power
// first (Cephes expf).
var expCoefficients = [...]float32{
	1.9875691500e-4, 1.3981999507e-3, 8.3334519073e-3,
	4.1665795894e-2, 1.6666665459e-1, 5.0000001201e-1,
}

// ExpF32 returns eˣ, the one exponential of this module: within 2 units in the
// last place of the exact value. Results that would be subnormal are 0.
//
//	n = roundToEven(x·log2e);  r = x − n·ln2, in two fused steps
//	eˣ = 2ⁿ·(1 + r + r²·p(r)), p by Horner's rule with fused steps
func ExpF32(x float32) float32 {
	if x < expLowest {
		return 0
	}
	if !(x < expHighest) {
		x = expHighest
	}
	n := float32(math.RoundToEven(float64(float32(x * expLog2E))))
	r := FMAF32(n, -expLn2High, x)
	r = FMAF32(n, -expLn2Low, r)
	p := expCoefficients[0]
	for _, c := range expCoefficients[1:] {
		p = FMAF32(p, r, c)
	}
	p = FMAF32(p, float32(r*r), r)
	p += 1
	// 2ⁿ in two factors: n can be 128, which is no float32 exponent.
	half := int32(n) >> 1
	return float32(float32(p*power2(half)) * power2(int32(n)-half))
}

// power2 returns 2ⁿ for −126 ≤ n ≤ 127.
func power2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// ExpOfF32 computes y[i] = [ExpF32](x[i]). y is as long as x and may be x.
func ExpOfF32(y, x []float32) {
	if len(x) == 0 {
		return
	}
	expOfF32(y[:len(x)], x)
}

func expOfF32Ref(y, x []float32) {
	for i, v := range x {
		y[i] = ExpF32(v)
	}
}
