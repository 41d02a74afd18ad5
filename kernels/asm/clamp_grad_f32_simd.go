//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func clampGradF32SIMD(dst, dy, y *float32, n int, lo, hi float32)

func clampGradF32(dst, dy, y []float32, lo, hi float32) {
	var n int // elements that fill vectors
	if level > Ref && len(dst) >= 8 {
		n = len(dst) &^ 7
		clampGradF32SIMD(&dst[0], &dy[0], &y[0], n, lo, hi)
	}
	clampGradF32Ref(dst[n:], dy[n:], y[n:], lo, hi)
}
