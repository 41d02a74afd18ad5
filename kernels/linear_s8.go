package kernels

import (
	"megl-edge/kernels/asm"
)

// LinearS8 is x·wᵀ + bias with int8 weights and a float32 result. The sums are
// exact in int32; what they are worth is rounded in three steps:
//
//	y = ((float32(Σ (x − xZero)·(w − wZero)) · scale of the output) · scale of the row) + bias
type LinearS8 struct {
	k, n    int
	weights *panelsS8
	wZero   int32     // of all weights
	scale   []float32 // [panels·16]
	bias    []float32 // [panels·16]
}

// NewLinearS8 packs weights [n × k] with one zero point for all and one scale for
// each output; bias has n values or is nil for zeros.
func NewLinearS8(k, n int, w []int8, wZero int32, scale, bias []float32) *LinearS8 {
	l := &LinearS8{k: k, n: n, wZero: wZero}
	l.weights = newPanelsS8(w, 1, k, panelsOf(n), func(output int) int { return output })
	l.scale = make([]float32, len(l.weights.sums))
	l.bias = make([]float32, len(l.weights.sums))
	copy(l.scale, scale)
	copy(l.bias, bias)
	return l
}

// Bytes returns the memory that the packed weights take.
func (l *LinearS8) Bytes() int { return l.weights.bytes() + 4*(len(l.scale)+len(l.bias)) }

// Bind returns the task for rows of int8 values with one scale and zero point.
func (l *LinearS8) Bind(y []float32, x []int8, xZero int32, xScale float32, rows, threads int) Task {
	return l.task(&linearS8Task{y: y, x: x, xZero: xZero, xScale: xScale}, rows, threads)
}

// BindDynamic returns the task for rows of float32 values, each rounded by a
// scale of its own: see quantizeRow.
func (l *LinearS8) BindDynamic(y, real []float32, rows, threads int) Task {
	return l.task(&linearS8Task{y: y, real: real}, rows, threads)
}

func (l *LinearS8) task(t *linearS8Task, rows, threads int) Task {
	t.LinearS8 = l
	t.blocking = block(rows, panelsOf(l.n), 1, l.weights.rowBytes(), threads, asm.GemmS8Rows)
	t.correction = make([]int32, len(l.weights.sums))
	for j, sum := range l.weights.sums {
		t.correction[j] = int32(l.k)*t.xZero*l.wZero - (t.xZero+l.weights.form.Offset())*sum
	}
	return t
}

type linearS8Task struct {
	*LinearS8
	blocking
	y          []float32
	x          []int8    // static, or
	real       []float32 // dynamic
	xZero      int32
	xScale     float32
	correction []int32 // of the columns, for zero points
}

func (t *linearS8Task) Tiles() int { return t.tiles() }

func (t *linearS8Task) Scratch() int {
	padded := asm.PadRowsS8(t.blockRows)
	return t.weights.scratch(t.blockRows) + scratchBytes[float32](padded) + 2*scratchBytes[int32](padded)
}

func (t *linearS8Task) Tile(i int, scratch []byte) {
	_, firstRow, lastRow, firstPanel, lastPanel := t.tile(i)
	count := lastRow - firstRow
	packed, plain, scratch := t.weights.rows(scratch, count)
	scales, scratch := take[float32](scratch, asm.PadRowsS8(count))
	source := t.source(plain, scales, firstRow, count)
	addends, scratch := t.weights.addends(scratch, count, source, t.wZero)
	offsets, _ := take[int32](scratch, asm.PadRowsS8(count))
	t.weights.form.Convert(packed, source)
	product := t.weights.product(count, packed, offsets, addends)
	for panel := firstPanel; panel < lastPanel; panel++ {
		column := panel * panelCols
		product.B = t.weights.panel(panel)
		product.Dequantize(t.y[firstRow*t.n+column:], t.n, t.correction[column:], t.scale[column:], scales, t.bias[column:], min(panelCols, t.n-column))
	}
}

// source returns rows as int8, and their scales.
func (t *linearS8Task) source(plain []int8, scales []float32, firstRow, count int) []int8 {
	fill(scales, t.xScale)
	if t.x != nil && t.k == t.weights.depth {
		return t.x[firstRow*t.k:][:count*t.k]
	}
	for r := range count {
		row := plain[r*t.weights.depth:][:t.k]
		if t.x != nil {
			copy(row, t.x[(firstRow+r)*t.k:])
		} else {
			scales[r] = quantizeRow(row, t.real[(firstRow+r)*t.k:][:t.k], 1)
		}
	}
	return plain
}
