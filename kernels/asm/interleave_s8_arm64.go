//go:build !purego

package asm

//go:noescape
func interleave2S8NEON(dst *int8, strideDst int, src *int8, strideSrc, panels int)

//go:noescape
func interleave4S8NEON(dst *int8, strideDst int, src *int8, strideSrc, panels int)

//go:noescape
func interleave8S8NEON(dst *int8, strideDst int, src *int8, strideSrc, panels int)

func interleaveS8(dst []int8, strideDst int, src []int8, strideSrc, panels, step int) {
	switch {
	case level == Ref:
		interleaveS8Ref(dst, strideDst, src, strideSrc, panels, step)
	case step == 2:
		interleave2S8NEON(&dst[0], strideDst, &src[0], strideSrc, panels)
	case step == 4:
		interleave4S8NEON(&dst[0], strideDst, &src[0], strideSrc, panels)
	default:
		interleave8S8NEON(&dst[0], strideDst, &src[0], strideSrc, panels)
	}
}
