//go:build !purego

package asm

// n is a multiple of 32 and at least 32.
//
//go:noescape
func sumS8AVX2(src *int8, n int) int32

func sumS8(src []int8) int32 {
	n := len(src) &^ 31
	if level < AVX2 || n == 0 {
		return sumS8Ref(src)
	}
	return sumS8AVX2(&src[0], n) + sumS8Ref(src[n:])
}
