//go:build !purego

package asm

// n is a multiple of 32 and at least 32.
//
//go:noescape
func flipS8AVX2(dst *byte, src *int8, n int)

func flipS8(dst []byte, src []int8) {
	n := len(src) &^ 31
	if level < AVX2 || n == 0 {
		flipS8Ref(dst, src)
		return
	}
	flipS8AVX2(&dst[0], &src[0], n)
	flipS8Ref(dst[n:], src[n:])
}
