//go:build !purego

package asm

//go:noescape
func interleave2S8AVX2(dst *int8, strideDst int, src *int8, strideSrc, panels int)

//go:noescape
func interleave4S8AVX2(dst *int8, strideDst int, src *int8, strideSrc, panels int)

func interleaveS8(dst []int8, strideDst int, src []int8, strideSrc, panels, step int) {
	switch {
	case level >= AVX2 && step == 2:
		interleave2S8AVX2(&dst[0], strideDst, &src[0], strideSrc, panels)
	case level >= AVX2 && step == 4:
		interleave4S8AVX2(&dst[0], strideDst, &src[0], strideSrc, panels)
	default:
		interleaveS8Ref(dst, strideDst, src, strideSrc, panels, step)
	}
}
