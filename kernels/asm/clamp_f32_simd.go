//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func clampF32SIMD(x *float32, n int, lo, hi float32)

func clampF32(x []float32, lo, hi float32) {
	var n int // elements that fill vectors
	if level > Ref && len(x) >= 8 {
		n = len(x) &^ 7
		clampF32SIMD(&x[0], n, lo, hi)
	}
	clampF32Ref(x[n:], lo, hi)
}
