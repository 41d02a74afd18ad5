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
	sum := sumF64(x, y, z)
	if doubtful(sum) {
		return fmaF32Ref(x, y, z)
	}
	return float32(sum)
}

// sumF64 is x·y + z, rounded to float64. The product is exact, so that it does not
// matter whether the compiler fuses it with the addition.
func sumF64(x, y, z float32) float64 { return float64(x)*float64(y) + float64(z) }

// doubtful tells whether rounding a float64 sum once more, to float32, may differ
// from rounding the exact sum. Of a float64 the conversion drops the low 29 bits:
// where they are not just a half, the exact sum lies on the same side of that half,
// because rounding to float64 does not cross what is a float64 itself. Below 2⁻¹²⁶
// more bits are dropped; a sum of 0 is exact.
func doubtful(sum float64) bool {
	const half, normal = 1 << 28, (1023 - 126) << 20 // the latter of the upper 32 bits
	bits := math.Float64bits(sum)
	return uint32(bits)<<3 == half<<3 || uint32(bits>>32)<<1-1 < normal<<1-1
}

func fmaF32Ref(x, y, z float32) float32 {
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
