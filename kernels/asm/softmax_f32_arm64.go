//go:build !purego

package asm

import "math"

// n is a multiple of 8 and at least 8.
//
//go:noescape
func greatestF32NEON(src *float32, n int) float32

//go:noescape
func shiftedExpF32NEON(dst, src *float32, n int, greatest float32)

//go:noescape
func divideF32NEON(x *float32, n int, by float32)

func softmaxF32(dst, src []float32) {
	if level == Ref {
		softmaxF32Ref(dst, src)
		return
	}
	greatest := float32(math.Inf(-1))
	n := len(src) &^ 7
	if n > 0 {
		greatest = greatestF32NEON(&src[0], n)
	}
	for _, v := range src[n:] {
		if v > greatest {
			greatest = v
		}
	}
	shiftedExpF32NEON(&dst[0], &src[0], len(src), greatest)
	divideF32NEON(&dst[0], len(dst), sumF32(dst))
}
