package asm

import "math"

const signBitF32 = 1 << 31

// MagnitudeF32 returns the greatest magnitude of the elements, 0 for none. They
// hold no NaN.
func MagnitudeF32(src []float32) float32 {
	return rowMagnitudeF32(src)
}

// Magnitudes compare as their bits do.
func rowMagnitudeF32Ref(src []float32) float32 {
	greatest := uint32(0)
	for _, v := range src {
		greatest = max(greatest, math.Float32bits(v)&^signBitF32)
	}
	return math.Float32frombits(greatest)
}

// MagnitudesF32 is the same for columns, one row at a time:
// dst[i] = max(dst[i], |src[i]|). dst is at least as long as src and holds
// magnitudes.
func MagnitudesF32(dst, src []float32) {
	if len(src) == 0 {
		return
	}
	magnitudesF32(dst[:len(src)], src)
}

func magnitudesF32Ref(dst, src []float32) {
	for i, v := range src {
		dst[i] = math.Float32frombits(max(math.Float32bits(dst[i]), math.Float32bits(v)&^signBitF32))
	}
}
