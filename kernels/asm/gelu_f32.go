package asm

import "math"

const geluScale = 1 / math.Sqrt2 // rounded to float32 where it multiplies one

// GeluF32 returns the Gaussian error linear unit x·(1 + erf(x/√2))/2 (Hendrycks
// and Gimpel, 2016), with every step rounded:
//
//	(x·0.5)·(ErfF32(x·0.70710677) + 1)
//
// These are the steps of the operations that it fuses, so the result is theirs to
// the bit. Where 1 + erf cancels, for x below −1, the error is relative to x,
// not to the result. −Inf and NaN give NaN.
func GeluF32(x float32) float32 {
	return float32(x*0.5) * float32(ErfF32(float32(x*geluScale))+1)
}

// GeluOfF32 computes y[i] = [GeluF32](x[i]). y is as long as x and may be x.
func GeluOfF32(y, x []float32) {
	if len(x) == 0 {
		return
	}
	geluOfF32(y[:len(x)], x)
}

func geluOfF32Ref(y, x []float32) {
	for i, v := range x {
		y[i] = GeluF32(v)
	}
}
