//go:build (amd64 || arm64) && !purego

package asm

// n is at least 8.
//
//go:noescape
func widenS8S16SIMD(dst *int16, src *int8, n int)

func widenS8S16(dst []int16, src []int8) {
	switch {
	case level > Ref && len(src) >= 8:
		widenS8S16SIMD(&dst[0], &src[0], len(src))
	default:
		widenS8S16Ref(dst, src)
	}
}
