package asm

import "unsafe"

// FormS8 is how the operands of an int8 matrix product lie in memory. Every form
// gives the same sums; which is quickest depends on the processor.
//
// The right operand is cut into panels of 16 columns, [depth/Step][16][Step]
// int8: Step values of one column side by side. The left operand is rows of
// Step·n values.
type FormS8 uint8

// The forms.
const (
	FormPairs FormS8 = iota // rows of int16; every level
	FormBytes               // rows of uint8, each value plus 128: AVX2 for narrow weights, VNNI
	FormQuads               // rows of int8: DotProd
	FormOcts                // rows of int8: I8MM, NEON for symmetric weights
)

// WeightsS8 says what the values of a right operand are known to be. A later one
// includes the ones before it.
type WeightsS8 uint8

// What is known of weights.
const (
	AnyWeights       WeightsS8 = iota
	SymmetricWeights           // none is −128: two products with int8 have a sum that fits int16
	NarrowWeights              // every pair |w[k]| + |w[k+1]|, k even, of a column is at most 128 too: two with uint8 do
)

// Step returns how many values of a column lie side by side; depth is a multiple
// of it.
func (f FormS8) Step() int { return [...]int{FormPairs: 2, FormBytes: 4, FormQuads: 4, FormOcts: 8}[f] }

// RowBytes returns the length of a row of depth values.
func (f FormS8) RowBytes(depth int) int {
	if f == FormPairs {
		return 2 * depth
	}
	return depth
}

// Offset returns what the rows hold more than their values.
func (f FormS8) Offset() int32 {
	if f == FormBytes {
		return 128
	}
	return 0
}

// Convert writes int8 values in the form of a row; dst has RowBytes(len(src))
// bytes. dst and src may be the same memory, except for pairs.
func (f FormS8) Convert(dst []byte, src []int8) {
	switch f {
	case FormPairs:
		WidenS8S16(int16s(dst[:2*len(src)]), src)
	case FormBytes:
		FlipS8(dst, src)
	default:
		copy(int8s(dst), src)
	}
}

func int16s(b []byte) []int16 {
	return unsafe.Slice((*int16)(unsafe.Pointer(unsafe.SliceData(b))), len(b)/2)
}

func int8s(b []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}

// BestFormS8 returns the quickest form at the level in use for such weights.
func BestFormS8(weights WeightsS8) FormS8 {
	switch {
	case level == VNNI || level == AVX2 && weights == NarrowWeights:
		return FormBytes
	case level == DotProd:
		return FormQuads
	case level == I8MM || level == NEON && weights >= SymmetricWeights:
		return FormOcts
	}
	return FormPairs
}

// ProductS8 is one panel of an integer matrix product: rows of a times 16
// columns. A row is Segments runs of values, SegmentStride bytes apart, so that a
// convolution reads its image where it lies; row i starts at A[Offsets[i]]. The
// sums are
//
//	sum[i][j] = addend[i] + Σ a[i][p] · b[p/step][j][p%step]   over p < Segments·Depth
//
// where a counts as the form holds it: with 128 more in FormBytes. Sums are taken
// modulo 2³². Only B may change between calls.
type ProductS8 struct {
	Form          FormS8
	Depth         int // values of a segment, a multiple of the form's step
	Segments      int
	SegmentStride int // bytes
	Rows          int
	A             []byte
	Offsets       []int32 // [PadRowsS8(Rows)], the last one repeated behind Rows
	Addend        []int32 // [PadRowsS8(Rows)], what is added to a row's sums
	B             []int8  // one panel
	// StrideA is the distance of the rows in bytes where that is the same for all,
	// else 0: only levels that are [Indirect] are quick then.
	StrideA int
	// Weights is what B is known to be: some kernels add products in 16 bits, which
	// is exact for such weights only.
	Weights WeightsS8

	placed bool // the rows were checked
}

// Indirect tells whether the level in use reads rows of several segments, and
// rows at any place, as quickly as others.
func Indirect() bool { return indirect() }

// PadRowsS8 returns how many addends and scales a product of rows needs.
func PadRowsS8(rows int) int { return (rows + GemmS8Rows - 1) / GemmS8Rows * GemmS8Rows }

func (p *ProductS8) check() {
	if p.Rows < 1 || p.Depth < 1 || p.Depth%p.Form.Step() != 0 || p.Segments < 1 || p.SegmentStride < 0 {
		panic("asm: ProductS8: bad shape")
	}
	_ = p.B[p.Segments*p.Depth*GemmS8Cols-1]
	if p.placed {
		return
	}
	padded := PadRowsS8(p.Rows)
	length := (p.Segments-1)*p.SegmentStride + p.Form.RowBytes(p.Depth)
	for _, offset := range p.Offsets[:padded] {
		if offset < 0 || int(offset)+length > len(p.A) {
			panic("asm: ProductS8: a row lies outside")
		}
	}
	_ = p.Addend[padded-1]
	p.placed = true
}

// Requantize writes the sums as int8, as [RequantizeS32S8] does:
//
//	dst    [Rows × cols] int8, rows ldd apart, cols ≤ 16
//	bias   [16] int32
//	scale  [16] float32, finite
func (p *ProductS8) Requantize(dst []int8, ldd int, bias []int32, scale []float32, cols int, out OutputS8) {
	p.check()
	if cols < 1 || cols > GemmS8Cols || ldd < cols {
		panic("asm: ProductS8: bad result")
	}
	_, _, _ = dst[(p.Rows-1)*ldd+cols-1], bias[GemmS8Cols-1], scale[GemmS8Cols-1]
	p.requantize(dst, ldd, bias, scale, cols, out)
}

// Dequantize writes what the sums are worth:
//
//	dst[i·ldd + j] = (float32(sum[i][j] + correction[j])·scale[j])·rowScale[i] + bias[j]
//
//	dst         [Rows × cols] float32, rows ldd apart, cols ≤ 16
//	correction  [16] int32: what zero points and the form add to a column
//	scale       [16] float32
//	rowScale    [Rows] float32, followed by any values up to PadRowsS8
//	bias        [16] float32
//
// The conversion, both products and the sum are each rounded.
func (p *ProductS8) Dequantize(dst []float32, ldd int, correction []int32, scale, rowScale, bias []float32, cols int) {
	p.check()
	if cols < 1 || cols > GemmS8Cols || ldd < cols {
		panic("asm: ProductS8: bad result")
	}
	_, _, _, _ = dst[(p.Rows-1)*ldd+cols-1], correction[GemmS8Cols-1], scale[GemmS8Cols-1], bias[GemmS8Cols-1]
	_ = rowScale[PadRowsS8(p.Rows)-1]
	p.dequantize(dst, ldd, correction, scale, rowScale, bias, cols)
}

// multiplyRef computes up to six rows of sums, from row first on.
func (p *ProductS8) multiplyRef(sums []int32, first, m int) {
	if p.Form == FormPairs && p.StrideA > 0 && p.Segments == 1 {
		gemmS8Portable(sums, GemmS8Cols, int16s(p.A[p.Offsets[first]:]), p.StrideA/2, p.B, m, p.Depth)
		return
	}
	clear(sums)
	for i := range m {
		for segment := range p.Segments {
			row := p.A[int(p.Offsets[first+i])+segment*p.SegmentStride:][:p.Form.RowBytes(p.Depth)]
			p.multiplySegment(sums[i*GemmS8Cols:][:GemmS8Cols], row, p.B[segment*p.Depth*GemmS8Cols:])
		}
	}
}

func (p *ProductS8) multiplySegment(sums []int32, row []byte, b []int8) {
	step := p.Form.Step()
	for k := range p.Depth {
		var x int32
		switch p.Form {
		case FormPairs:
			x = int32(int16s(row)[k])
		case FormBytes:
			x = int32(row[k])
		default:
			x = int32(int8(row[k]))
		}
		weights := b[k/step*step*GemmS8Cols+k%step:]
		for j := range sums {
			sums[j] += x * int32(weights[j*step])
		}
	}
}

// requantizeTiles computes six rows of sums at a time, and then their values.
func (p *ProductS8) requantizeTiles(dst []int8, ldd int, bias []int32, scale []float32, cols int, out OutputS8) {
	var sums [GemmS8Rows * GemmS8Cols]int32
	for first := 0; first < p.Rows; first += GemmS8Rows {
		m := min(GemmS8Rows, p.Rows-first)
		p.multiply(&sums, first, m)
		RequantizeS32S8(dst[first*ldd:], ldd, sums[:], GemmS8Cols, p.Addend[first:], bias, scale, m, cols, out)
	}
}

// dequantizeTiles is the same for float32.
func (p *ProductS8) dequantizeTiles(dst []float32, ldd int, correction []int32, scale, rowScale, bias []float32, cols int) {
	var sums [GemmS8Rows * GemmS8Cols]int32
	for first := 0; first < p.Rows; first += GemmS8Rows {
		m := min(GemmS8Rows, p.Rows-first)
		p.multiply(&sums, first, m)
		for i := range m {
			row := dst[(first+i)*ldd:][:cols]
			for j := range row {
				sum := float32(sums[i*GemmS8Cols+j] + p.Addend[first+i] + correction[j])
				row[j] = float32(float32(sum*scale[j])*rowScale[first+i]) + bias[j]
			}
		}
	}
}
