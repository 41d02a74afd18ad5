package asm

import "math"

// FMAF32 returns x·y + z rounded once to float32, as the fused multiply-add
// instructions of AVX2 and NEON do. Every float32 sum of this module is a chain
// of it.
//
// Go has no float32 FMA, and float32(math.FMA(float64...)) rounds twice: for
// x = z = 1+2⁻²³, y = (1−2⁻²³)·2⁻²⁴ it is one bit off. The product of two
// float32 is exact in float64; its sum with z is rounded to odd, so that the
// last rounding, to float32, sees on which side of a tie the exact sum lies
// (Boldo and Melquiond, "Emulation of FMA and correctly rounded sums", 2008).
//
// NaN in gives NaN out; its payload is not defined.
func FMAF32(x, y, z float32) float32 {
	product := float64(x) * float64(y)
	sum := product + float64(z)
	// TwoSum (Knuth): lost is exactly what the addition rounded away.
	back := sum - product
	lost := float64(product-float64(sum-back)) + float64(float64(z)-back)
	if lost != 0 && !math.IsInf(sum, 0) {
		bits := math.Float64bits(sum)
		if bits&1 == 0 {
			if (lost > 0) == (sum > 0) {
				bits++
			} else {
				bits--
			}
			sum = math.Float64frombits(bits)
		}
	}
	return float32(sum)
}
