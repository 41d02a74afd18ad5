//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 32 and at least 32.
//
//go:noescape
func sumS8SIMD(src *int8, n int) int32

func sumS8(src []int8) int32 {
	n := len(src) &^ 31
	if level == Ref || n == 0 {
		return sumS8Ref(src)
	}
	return sumS8SIMD(&src[0], n) + sumS8Ref(src[n:])
}
