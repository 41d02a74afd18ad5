//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 32 and at least 32.
//
//go:noescape
func flipS8SIMD(dst *byte, src *int8, n int)

func flipS8(dst []byte, src []int8) {
	n := len(src) &^ 31
	if level == Ref || n == 0 {
		flipS8Ref(dst, src)
		return
	}
	flipS8SIMD(&dst[0], &src[0], n)
	flipS8Ref(dst[n:], src[n:])
}
