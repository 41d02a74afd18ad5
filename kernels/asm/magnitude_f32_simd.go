//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func rowMagnitudeF32SIMD(src *float32, n int) float32

// n is a multiple of 8 and at least 8.
//
//go:noescape
func magnitudesF32SIMD(dst, src *float32, n int)

func rowMagnitudeF32(src []float32) float32 {
	n := len(src) &^ 7
	if level == Ref || n == 0 {
		return rowMagnitudeF32Ref(src)
	}
	return max(rowMagnitudeF32SIMD(&src[0], n), rowMagnitudeF32Ref(src[n:]))
}

func magnitudesF32(dst, src []float32) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 8 {
		n = len(src) &^ 7
		magnitudesF32SIMD(&dst[0], &src[0], n)
	}
	magnitudesF32Ref(dst[n:], src[n:])
}
