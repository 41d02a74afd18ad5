package kernels

import (
	"unsafe"

	"megl-edge/kernels/asm"
)

const panelCols = asm.GemmS8Cols

// panelsS8 is the right operand of int8 matrix products, columns of k values, in
// the form that the processor multiplies quickest.
type panelsS8 struct {
	form   asm.FormS8
	narrow bool // see [asm.ProductS8]
	k      int
	depth  int     // k, padded to the step of the form; what lies behind k is multiplied by zero
	values []int8  // [panels][depth/step][16][step]
	sums   []int32 // of the columns, [panels·16]
}

// newPanelsS8 makes room for panels of 16 columns of k values.
func newPanelsS8(form asm.FormS8, narrow bool, k, panels int) *panelsS8 {
	step := form.Step()
	p := &panelsS8{form: form, narrow: narrow, k: k, depth: (k + step - 1) / step * step}
	p.values = make([]int8, panels*p.depth*panelCols)
	p.sums = make([]int32, panels*panelCols)
	return p
}

// narrowS8 tells whether columns of k values, one after the other, are narrow.
func narrowS8(k int, columns []int8) bool {
	for ; len(columns) > 0; columns = columns[k:] {
		for p := 0; p+1 < k; p += 2 {
			if magnitude(columns[p])+magnitude(columns[p+1]) > 128 {
				return false
			}
		}
	}
	return true
}

func magnitude(v int8) int32 { return max(int32(v), -int32(v)) }

// set packs one column.
func (p *panelsS8) set(column int, values []int8) {
	step := p.form.Step()
	packed := p.values[column/panelCols*p.depth*panelCols+column%panelCols*step:]
	whole := 0
	if step == 4 { // most columns are packed at run time in this form
		for ; whole+4 <= len(values); whole += 4 {
			*(*[4]int8)(packed[whole*panelCols:]) = *(*[4]int8)(values[whole:])
		}
	}
	for first := whole; first < len(values); first += step {
		copy(packed[first*panelCols:][:step], values[first:])
	}
	p.sums[column] = asm.SumS8(values)
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

// product returns the product of rows in the form, strideA bytes apart, with one
// panel.
func (p *panelsS8) product(panel, rows int, a []byte, addend []int32) asm.ProductS8 {
	return asm.ProductS8{
		Form: p.form, Narrow: p.narrow, Depth: p.depth, Rows: rows, A: a, StrideA: p.rowBytes(), Addend: addend,
		B: p.values[panel*p.depth*panelCols:][:p.depth*panelCols],
	}
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

func bytesOf(s []int8) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s))
}
