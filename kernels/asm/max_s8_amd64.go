//go:build !purego

package asm

// n is at least 16.
//
//go:noescape
func maxS8AVX2(dst, src *int8, n int)

func maxS8(dst, src []int8) {
	switch {
	case level >= AVX2 && len(src) >= 16:
		maxS8AVX2(&dst[0], &src[0], len(src))
	default:
		maxS8Ref(dst, src)
	}
}
