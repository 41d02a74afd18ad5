//go:build !purego

package asm

// k is a multiple of 8; no value of b is −128.
//
//go:noescape
func gemmS8K8NEON(c *int32, ldc int, a *int8, lda int, b *int8, m, k int)

// k is a multiple of 4.
//
//go:noescape
func gemmS8K4DotProd(c *int32, ldc int, a *int8, lda int, b *int8, m, k int)

// k is a multiple of 8.
//
//go:noescape
func gemmS8K8I8MM(c *int32, ldc int, a *int8, lda int, b *int8, m, k int)

func indirect() bool { return false }

func (p *ProductS8) requantize(dst []int8, ldd int, bias []int32, scale []float32, cols int, out OutputS8) {
	p.requantizeTiles(dst, ldd, bias, scale, cols, out)
}

func (p *ProductS8) dequantize(dst []float32, ldd int, correction []int32, scale, rowScale, bias []float32, cols int) {
	p.dequantizeTiles(dst, ldd, correction, scale, rowScale, bias, cols)
}

// multiply computes up to six rows of sums, from row first on.
func (p *ProductS8) multiply(sums *[GemmS8Rows * GemmS8Cols]int32, first, m int) {
	if p.StrideA == 0 || p.Segments != 1 {
		p.multiplyRef(sums[:], first, m)
		return
	}
	a := p.A[p.Offsets[first]:]
	switch {
	case p.Form == FormPairs:
		GemmS8(sums[:], GemmS8Cols, int16s(a), p.StrideA/2, p.B, m, p.Depth)
	case p.Form == FormQuads && level >= DotProd:
		gemmS8K4DotProd(&sums[0], GemmS8Cols, &int8s(a)[0], p.StrideA, &p.B[0], m, p.Depth)
	case p.Form == FormOcts && level >= I8MM:
		gemmS8K8I8MM(&sums[0], GemmS8Cols, &int8s(a)[0], p.StrideA, &p.B[0], m, p.Depth)
	case p.Form == FormOcts && p.Weights >= SymmetricWeights:
		gemmS8K8NEON(&sums[0], GemmS8Cols, &int8s(a)[0], p.StrideA, &p.B[0], m, p.Depth)
	default:
		p.multiplyRef(sums[:], first, m)
	}
}
