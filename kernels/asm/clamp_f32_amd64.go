//go:build !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func clampF32AVX2(x *float32, n int, lo, hi float32)

func clampF32(x []float32, lo, hi float32) {
	var n int // elements that fill vectors
	if level >= AVX2 && len(x) >= 8 {
		n = len(x) &^ 7
		clampF32AVX2(&x[0], n, lo, hi)
	}
	clampF32Ref(x[n:], lo, hi)
}
