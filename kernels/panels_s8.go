package kernels

import (
	"math"
	"slices"
	"unsafe"

	"megl-edge/kernels/asm"
)

const panelCols = asm.GemmS8Cols

// panelsS8 is the right operand of int8 matrix products, columns of k values, in
// the form that the processor multiplies quickest.
type panelsS8 struct {
	form     asm.FormS8
	weights  asm.WeightsS8 // what all values are known to be
	segments int
	k        int     // of a segment
	depth    int     // k, padded to the step of the form; what lies behind k is multiplied by zero
	values   []int8  // [panels][segments][depth/step][16][step]
	sums     []int32 // of the columns, [panels·16]
}

// newPanelsS8 packs columns of segments of k values, one column after the other
// in w; place returns where a column comes to lie among those of the panels.
func newPanelsS8(w []int8, segments, k, panels int, place func(column int) int) *panelsS8 {
	p := new(panelsS8)
	p.init(weightsS8(k, w), segments, k)
	p.values = make([]int8, panels*segments*p.depth*panelCols)
	p.sums = make([]int32, panels*panelCols)
	for column := range len(w) / (segments * k) {
		p.set(place(column), w[column*segments*k:][:segments*k])
	}
	return p
}

func (p *panelsS8) init(weights asm.WeightsS8, segments, k int) {
	p.weights, p.form = weights, asm.BestFormS8(weights)
	step := p.form.Step()
	p.segments, p.k, p.depth = segments, k, (k+step-1)/step*step
}

// weightsS8 tells what columns of k values are, one after the other.
func weightsS8(k int, columns []int8) asm.WeightsS8 {
	if slices.Contains(columns, math.MinInt8) {
		return asm.AnyWeights
	}
	for ; len(columns) > 0; columns = columns[k:] {
		for p := 0; p+1 < k; p += 2 {
			if magnitude(columns[p])+magnitude(columns[p+1]) > 128 {
				return asm.SymmetricWeights
			}
		}
	}
	return asm.NarrowWeights
}

func magnitude(v int8) int32 { return max(int32(v), -int32(v)) }

// set packs one column.
func (p *panelsS8) set(column int, values []int8) {
	step, segment := p.form.Step(), p.depth*panelCols
	packed := p.values[column/panelCols*p.segments*segment+column%panelCols*step:]
	for i := range p.segments {
		interleaved(packed[i*segment:], values[i*p.k:][:p.k], step)
	}
	p.sums[column] = asm.SumS8(values)
}

// interleaved writes a column among the 16 of its panel.
func interleaved(packed, values []int8, step int) {
	whole := 0
	if step == 4 { // most columns are packed at run time in this form
		for ; whole+4 <= len(values); whole += 4 {
			*(*[4]int8)(packed[whole*panelCols:]) = *(*[4]int8)(values[whole:])
		}
	}
	for first := whole; first < len(values); first += step {
		copy(packed[first*panelCols:][:step], values[first:])
	}
}

// setRows packs step rows, from row first on, of the matrix, each of all columns,
// padded to panels: rows are strideSrc apart.
func (p *panelsS8) setRows(first int, rows []int8, strideSrc int) {
	panels := len(p.sums) / panelCols
	asm.InterleaveS8(p.values[first*panelCols:], p.depth*panelCols, rows, strideSrc, panels, p.form.Step())
	for i := range p.form.Step() {
		asm.AccumulateS8(p.sums, rows[i*strideSrc:][:len(p.sums)])
	}
}

func (p *panelsS8) bytes() int { return len(p.values) + 4*len(p.sums) }

// rowBytes returns the length of a row of the left operand.
func (p *panelsS8) rowBytes() int { return p.form.RowBytes(p.depth) }

// scratch returns the memory that rows of the left operand take: in their form,
// and as int8 before where the form is not theirs.
func (p *panelsS8) scratch(rows int) int {
	n := scratchBytes[uint8](rows * p.rowBytes())
	if p.form == asm.FormPairs {
		n += scratchBytes[int8](rows * p.depth)
	}
	return n
}

// rows cuts the memory of rows off the scratch memory: plain is where they are
// gathered as int8, depth apart, and convert then fills packed from it.
func (p *panelsS8) rows(scratch []byte, rows int) (packed []byte, plain []int8, rest []byte) {
	packed, rest = take[uint8](scratch, rows*p.rowBytes())
	if p.form == asm.FormPairs {
		plain, rest = take[int8](rest, rows*p.depth)
		return packed, plain, rest
	}
	return packed, int8s(packed), rest
}

// product returns the product of rows in the form, strideA bytes apart; panel
// then says with which columns.
func (p *panelsS8) product(rows int, a []byte, offsets, addend []int32) asm.ProductS8 {
	stride := p.rowBytes()
	for r := range offsets {
		offsets[r] = int32(min(r, rows-1) * stride)
	}
	return asm.ProductS8{
		Form: p.form, Weights: p.weights, Depth: p.depth, Segments: 1, Rows: rows,
		A: a, StrideA: stride, Offsets: offsets, Addend: addend,
	}
}

// panel returns one panel.
func (p *panelsS8) panel(i int) []int8 {
	length := p.segments * p.depth * panelCols
	return p.values[i*length:][:length]
}

// addends cuts the addends of rows off the scratch memory, all zero where the
// weights have no zero point wZero, else −wZero times the sum of the row.
func (p *panelsS8) addends(scratch []byte, rows int, plain []int8, wZero int32) (addends []int32, rest []byte) {
	addends, rest = take[int32](scratch, asm.PadRowsS8(rows))
	clear(addends)
	if wZero == 0 {
		return addends, rest
	}
	for r := range rows {
		addends[r] = -wZero * asm.SumS8(plain[r*p.depth:][:p.k])
	}
	return addends, rest
}

func int8s(b []byte) []int8 {
	return unsafe.Slice((*int8)(unsafe.Pointer(unsafe.SliceData(b))), len(b))
}
