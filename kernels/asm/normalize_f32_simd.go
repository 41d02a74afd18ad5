//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 16 and at least 16.
//
//go:noescape
func squaresF32SIMD(lanes *[sumLanes]float32, src *float32, n int, mean float32)

// n is a multiple of 8 and at least 8.
//
//go:noescape
func normalizeF32SIMD(dst, src, scale, offset *float32, n int, mean, deviation float32)

func squaresF32(src []float32, mean float32) float32 {
	if level == Ref || len(src) < sumLanes {
		return squaresF32Ref(src, mean)
	}
	var lanes [sumLanes]float32
	n := len(src) &^ (sumLanes - 1)
	squaresF32SIMD(&lanes, &src[0], n, mean)
	addSquares(&lanes, src[n:], mean)
	return sumTree(&lanes)
}

func normalizeF32(dst, src, scale, offset []float32, mean, deviation float32) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 8 {
		n = len(src) &^ 7
		normalizeF32SIMD(&dst[0], &src[0], &scale[0], &offset[0], n, mean, deviation)
	}
	normalizeF32Ref(dst[n:], src[n:], scale[n:], offset[n:], mean, deviation)
}
