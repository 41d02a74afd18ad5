//go:build !purego

package asm

// n is a multiple of 16 and at least 16.
//
//go:noescape
func sumS16AVX2(src *int16, n int) int32

func sumS16(src []int16) int32 {
	var n int // elements that fill vectors
	var sum int32
	if level >= AVX2 && len(src) >= 16 {
		n = len(src) &^ 15
		sum = sumS16AVX2(&src[0], n)
	}
	return sum + sumS16Ref(src[n:])
}
