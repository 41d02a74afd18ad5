//go:build (amd64 || arm64) && !purego

package asm

// n is at least 16.
//
//go:noescape
func maxS8SIMD(dst, src *int8, n int)

func maxS8(dst, src []int8) {
	switch {
	case level > Ref && len(src) >= 16:
		maxS8SIMD(&dst[0], &src[0], len(src))
	default:
		maxS8Ref(dst, src)
	}
}
