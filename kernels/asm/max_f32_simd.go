//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 8 and at least 8.
//
//go:noescape
func maxF32SIMD(dst, src *float32, n int)

func maxF32(dst, src []float32) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 8 {
		n = len(src) &^ 7
		maxF32SIMD(&dst[0], &src[0], n)
	}
	maxF32Ref(dst[n:], src[n:])
}
