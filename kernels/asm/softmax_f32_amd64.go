//go:build !purego

package asm

//go:noescape
func softmaxF32AVX2(dst, src *float32, n int)

func softmaxF32(dst, src []float32) {
	switch {
	case level >= AVX2:
		softmaxF32AVX2(&dst[0], &src[0], len(src))
	default:
		softmaxF32Ref(dst, src)
	}
}
