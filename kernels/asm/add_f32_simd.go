//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func addF32SIMD(dst, a, b *float32, n int)

func addF32(dst, a, b []float32) {
	var n int // elements that fill vectors
	if level > Ref && len(dst) >= 8 {
		n = len(dst) &^ 7
		addF32SIMD(&dst[0], &a[0], &b[0], n)
	}
	addF32Ref(dst[n:], a[n:], b[n:])
}
