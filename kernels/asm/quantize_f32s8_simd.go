//go:build (amd64 || arm64) && !purego

package asm

// n is a multiple of 32 and at least 32.
//
//go:noescape
func quantizeF32S8SIMD(dst *int8, src *float32, n int, scale, lo, hi float32, zeroPoint int32)

// n is a multiple of 8 and at least 8.
//
//go:noescape
func dequantizeS8F32SIMD(dst *float32, src *int8, n int, scale float32, zeroPoint int32)

func quantizeF32S8(dst []int8, src []float32, scale float32, out OutputS8) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 32 {
		n = len(src) &^ 31
		lo, hi := out.bounds()
		quantizeF32S8SIMD(&dst[0], &src[0], n, scale, lo, hi, out.ZeroPoint)
	}
	quantizeF32S8Ref(dst[n:], src[n:], scale, out)
}

func dequantizeS8F32(dst []float32, src []int8, scale float32, zeroPoint int32) {
	var n int // elements that fill vectors
	if level > Ref && len(src) >= 8 {
		n = len(src) &^ 7
		dequantizeS8F32SIMD(&dst[0], &src[0], n, scale, zeroPoint)
	}
	dequantizeS8F32Ref(dst[n:], src[n:], scale, zeroPoint)
}
