//go:build !purego

package asm

import "unsafe"

// productS8Args is what the kernels read; they advance dst, offsets, addend and
// rowScale.
type productS8Args struct {
	dst       unsafe.Pointer
	ldd       int // bytes
	a         *byte
	offsets   *int32 // of the rows
	segments  int
	pitch     int // bytes from segment to segment
	depth     int // bytes of a segment
	b         *int8
	rows      int
	addend    *int32   // of the rows
	add       *int32   // of the columns
	scale     *float32 // of the columns
	rowScale  *float32
	bias      *float32
	hi        float32 // upper bound before the zero point is added
	lo        int32   // lower bound before the zero point is added
	zeroPoint int32
	least     int8 // lower bound
}

// productS8Order is what VPERMD takes after packing two rows.
//
//lint:ignore U1000 the assembly reads it
var productS8Order = [8]int32{0, 4, 1, 5, 2, 6, 3, 7}

// productS8Ones adds neighbours with VPMADDWD.
//
//lint:ignore U1000 the assembly reads it
var productS8Ones = [16]int16{1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}

//go:noescape
func requantizeProductPairsAVX2(args *productS8Args)

//go:noescape
func requantizeProductBytesAVX2(args *productS8Args)

//go:noescape
func requantizeProductBytesVNNI(args *productS8Args)

//go:noescape
func dequantizeProductPairsAVX2(args *productS8Args)

//go:noescape
func dequantizeProductBytesAVX2(args *productS8Args)

//go:noescape
func dequantizeProductBytesVNNI(args *productS8Args)

func indirect() bool { return level >= AVX2 }

// multiply computes up to six rows of sums, from row first on.
func (p *ProductS8) multiply(sums *[GemmS8Rows * GemmS8Cols]int32, first, m int) {
	p.multiplyRef(sums[:], first, m)
}

// kernel tells which kernels the level in use has for the form.
func (p *ProductS8) kernel() Level {
	switch {
	case p.Form == FormBytes && level >= VNNI:
		return VNNI
	case p.Form == FormPairs && level >= AVX2, p.Form == FormBytes && p.Weights == NarrowWeights && level >= AVX2:
		return AVX2
	}
	return Ref
}

func (p *ProductS8) args() productS8Args {
	return productS8Args{
		a: &p.A[0], offsets: &p.Offsets[0], segments: p.Segments, pitch: p.SegmentStride, depth: p.Form.RowBytes(p.Depth),
		b: &p.B[0], rows: p.Rows, addend: &p.Addend[0],
	}
}

func (p *ProductS8) requantize(dst []int8, ldd int, bias []int32, scale []float32, cols int, out OutputS8) {
	kernel := p.kernel()
	if kernel == Ref {
		p.requantizeTiles(dst, ldd, bias, scale, cols, out)
		return
	}
	args := p.args()
	args.add, args.scale = &bias[0], &scale[0]
	lo, hi := out.bounds()
	args.hi, args.lo, args.zeroPoint, args.least = hi, int32(lo), out.ZeroPoint, out.Min
	if cols == GemmS8Cols {
		args.dst, args.ldd = unsafe.Pointer(&dst[0]), ldd
		p.runRequantize(kernel, &args)
		return
	}
	// Kernels write whole rows of 16: six at a time go through a tile.
	var tile [GemmS8Rows * GemmS8Cols]int8
	for first := 0; first < p.Rows; first += GemmS8Rows {
		m := min(GemmS8Rows, p.Rows-first)
		args.dst, args.ldd = unsafe.Pointer(&tile), GemmS8Cols
		args.offsets, args.rows, args.addend = &p.Offsets[first], m, &p.Addend[first]
		p.runRequantize(kernel, &args)
		for i := range m {
			copy(dst[(first+i)*ldd:][:cols], tile[i*GemmS8Cols:])
		}
	}
}

func (p *ProductS8) runRequantize(kernel Level, args *productS8Args) {
	switch {
	case kernel == VNNI:
		requantizeProductBytesVNNI(args)
	case p.Form == FormBytes:
		requantizeProductBytesAVX2(args)
	default:
		requantizeProductPairsAVX2(args)
	}
}

func (p *ProductS8) dequantize(dst []float32, ldd int, correction []int32, scale, rowScale, bias []float32, cols int) {
	kernel := p.kernel()
	if kernel == Ref {
		p.dequantizeTiles(dst, ldd, correction, scale, rowScale, bias, cols)
		return
	}
	args := p.args()
	args.add, args.scale, args.rowScale, args.bias = &correction[0], &scale[0], &rowScale[0], &bias[0]
	if cols == GemmS8Cols {
		args.dst, args.ldd = unsafe.Pointer(&dst[0]), 4*ldd
		p.runDequantize(kernel, &args)
		return
	}
	var tile [GemmS8Rows * GemmS8Cols]float32
	for first := 0; first < p.Rows; first += GemmS8Rows {
		m := min(GemmS8Rows, p.Rows-first)
		args.dst, args.ldd = unsafe.Pointer(&tile), 4*GemmS8Cols
		args.offsets, args.rows = &p.Offsets[first], m
		args.addend, args.rowScale = &p.Addend[first], &rowScale[first]
		p.runDequantize(kernel, &args)
		for i := range m {
			copy(dst[(first+i)*ldd:][:cols], tile[i*GemmS8Cols:])
		}
	}
}

func (p *ProductS8) runDequantize(kernel Level, args *productS8Args) {
	switch {
	case kernel == VNNI:
		dequantizeProductBytesVNNI(args)
	case p.Form == FormBytes:
		dequantizeProductBytesAVX2(args)
	default:
		dequantizeProductPairsAVX2(args)
	}
}
