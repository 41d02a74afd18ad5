//go:build !purego

package asm

// n is at least 8.
//
//go:noescape
func widenS8S16AVX2(dst *int16, src *int8, n int)

func widenS8S16(dst []int16, src []int8) {
	switch {
	case level >= AVX2 && len(src) >= 8:
		widenS8S16AVX2(&dst[0], &src[0], len(src))
	default:
		widenS8S16Ref(dst, src)
	}
}
