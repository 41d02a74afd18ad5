//go:build !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func rowMagnitudeF32AVX2(src *float32, n int) float32

// n is a multiple of 8 and at least 8.
//
//go:noescape
func magnitudesF32AVX2(dst, src *float32, n int)

func rowMagnitudeF32(src []float32) float32 {
	n := len(src) &^ 7
	if level < AVX2 || n == 0 {
		return rowMagnitudeF32Ref(src)
	}
	return max(rowMagnitudeF32AVX2(&src[0], n), rowMagnitudeF32Ref(src[n:]))
}

func magnitudesF32(dst, src []float32) {
	var n int // elements that fill vectors
	if level >= AVX2 && len(src) >= 8 {
		n = len(src) &^ 7
		magnitudesF32AVX2(&dst[0], &src[0], n)
	}
	magnitudesF32Ref(dst[n:], src[n:])
}
