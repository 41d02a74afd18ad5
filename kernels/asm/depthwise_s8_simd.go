//go:build (amd64 || arm64) && !purego

package asm

// channels is at least 8; those beyond the last multiple of 8 are left out.
//
//go:noescape
func depthwiseS8SIMD(acc *int32, r0, r1, r2 *int8, pixels, pixelStep, tapStep, channels int, w *int16)

func depthwiseS8(acc []int32, r0, r1, r2 []int8, pixels, pixelStep, tapStep, channels int, w []int16) {
	switch {
	case level > Ref && channels >= 8:
		depthwiseS8SIMD(&acc[0], &r0[0], &r1[0], &r2[0], pixels, pixelStep, tapStep, channels, &w[0])
		if channels%8 != 0 {
			depthwiseS8From(channels&^7, acc, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
		}
	default:
		depthwiseS8Portable(acc, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
	}
}
