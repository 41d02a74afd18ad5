//go:build (amd64 || arm64) && !purego

package asm

// channels is at least 8; those beyond the last multiple of 8 are left out.
//
//go:noescape
func depthwiseF32SIMD(dst, bias, r0, r1, r2 *float32, pixels, pixelStep, tapStep, channels int, w *float32)

func depthwiseF32(dst, bias, r0, r1, r2 []float32, pixels, pixelStep, tapStep, channels int, w []float32) {
	switch {
	case level > Ref && channels >= 8:
		depthwiseF32SIMD(&dst[0], &bias[0], &r0[0], &r1[0], &r2[0], pixels, pixelStep, tapStep, channels, &w[0])
		if channels%8 != 0 {
			depthwiseF32From(channels&^7, dst, bias, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
		}
	default:
		depthwiseF32Portable(dst, bias, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
	}
}
