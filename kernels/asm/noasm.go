//go:build (!amd64 && !arm64) || purego

package asm

// Builds without assembly run the references.

func gemmS8(c []int32, ldc int, a []int16, lda int, b []int8, m, k int) {
	gemmS8Ref(c, ldc, a, lda, b, m, k)
}

func gemmF32(c []float32, ldc int, a []float32, lda int, b []float32, m, k int) {
	gemmF32Ref(c, ldc, a, lda, b, m, k)
}

func requantizeS32S8(dst []int8, ldd int, acc []int32, lda int, addend, bias []int32, scale []float32, rows, cols int, out OutputS8) {
	requantizeS32S8Ref(dst, ldd, acc, lda, addend, bias, scale, rows, cols, out)
}

func indirect() bool { return false }

func (p *ProductS8) requantize(dst []int8, ldd int, bias []int32, scale []float32, cols int, out OutputS8) {
	p.requantizeTiles(dst, ldd, bias, scale, cols, out)
}

func (p *ProductS8) dequantize(dst []float32, ldd int, correction []int32, scale, rowScale, bias []float32, cols int) {
	p.dequantizeTiles(dst, ldd, correction, scale, rowScale, bias, cols)
}

func (p *ProductS8) multiply(sums *[GemmS8Rows * GemmS8Cols]int32, first, m int) {
	p.multiplyRef(sums[:], first, m)
}
