//go:build (amd64 || arm64) && !purego

package asm

// roundS8Order is what VPERMD takes after packing four vectors to one.
//
//lint:ignore U1000 the assembly reads it
var roundS8Order = [8]int32{0, 4, 1, 5, 2, 6, 3, 7}

// n is a multiple of 32 and at least 32.
//
//go:noescape
func roundF32S8SIMD(dst *int8, src *float32, n int, unit, factor float32)

// n is a multiple of 32 and at least 32.
//
//go:noescape
func roundColumnsF32S8SIMD(dst *int8, src, factor *float32, n int)

func roundF32S8(dst []int8, src []float32, unit, factor float32) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 32 {
		n = len(src) &^ 31
		roundF32S8SIMD(&dst[0], &src[0], n, unit, factor)
	}
	roundF32S8Ref(dst[n:], src[n:], unit, factor)
}

func roundColumnsF32S8(dst []int8, src, factor []float32) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 32 {
		n = len(src) &^ 31
		roundColumnsF32S8SIMD(&dst[0], &src[0], &factor[0], n)
	}
	roundColumnsF32S8Ref(dst[n:], src[n:], factor[n:])
}
