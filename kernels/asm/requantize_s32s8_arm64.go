//go:build !purego

package asm

// cols is at least 4; lo and hi are the bounds of a value before the zero point
// is added.
//
//go:noescape
func requantizeS32S8NEON(dst *int8, ldd int, acc *int32, lda int, addend, bias *int32, scale *float32, rows, cols int, lo, hi float32, zeroPoint int32)

func requantizeS32S8(dst []int8, ldd int, acc []int32, lda int, addend, bias []int32, scale []float32, rows, cols int, out OutputS8) {
	switch {
	case level >= NEON && cols >= 4:
		lo, hi := out.bounds()
		requantizeS32S8NEON(&dst[0], ldd, &acc[0], lda, &addend[0], &bias[0], &scale[0], rows, cols, lo, hi, out.ZeroPoint)
	default:
		requantizeS32S8Ref(dst, ldd, acc, lda, addend, bias, scale, rows, cols, out)
	}
}
