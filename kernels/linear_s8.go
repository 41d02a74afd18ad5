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
	depth   int       // k, made even
	panels  int       // of 16 outputs
	weights []int8    // [panels][depth/2][16][2]
	sums    []int32   // Σ w of each output, [panels·16]
	wZero   int32     // of all weights
	scale   []float32 // [panels·16]
	bias    []float32 // [panels·16]; nil for none
}

// NewLinearS8 packs weights [n × k] with one zero point for all and one scale for
// each output; bias has n values or is nil.
func NewLinearS8(k, n int, w []int8, wZero int32, scale, bias []float32) *LinearS8 {
	l := &LinearS8{k: k, n: n, wZero: wZero, depth: (k + 1) / 2 * 2, panels: (n + asm.GemmS8Cols - 1) / asm.GemmS8Cols}
	l.weights = make([]int8, l.panels*l.depth*asm.GemmS8Cols)
	l.sums = make([]int32, l.panels*asm.GemmS8Cols)
	l.scale = make([]float32, len(l.sums))
	copy(l.scale, scale)
	if bias != nil {
		l.bias = make([]float32, len(l.sums))
		copy(l.bias, bias)
	}
	for output := range n {
		packColumnS8(l.weights, l.depth, output, w[output*k:][:k])
		for _, v := range w[output*k:][:k] {
			l.sums[output] += int32(v)
		}
	}
	return l
}

// packColumnS8 writes one column of a packed operand, see [asm.GemmS8].
func packColumnS8(packed []int8, depth, column int, values []int8) {
	const cols = asm.GemmS8Cols
	pairs := packed[column/cols*depth*cols+column%cols*2:]
	for p, v := range values {
		pairs[p&^1*cols+p&1] = v
	}
}

// Bytes returns the memory that the packed weights take.
func (l *LinearS8) Bytes() int { return len(l.weights) + 4*(len(l.sums)+len(l.scale)+len(l.bias)) }

// Bind returns the task for rows of int8 values with one scale and zero point.
func (l *LinearS8) Bind(y []float32, x []int8, xZero int32, xScale float32, rows int) Task {
	return &linearS8Task{LinearS8: l, y: y, x: x, xZero: xZero, xScale: xScale, rows: rows}
}

// BindDynamic returns the task for rows of float32 values, each rounded by a
// scale of its own: see quantizeRow.
func (l *LinearS8) BindDynamic(y, real []float32, rows int) Task {
	return &linearS8Task{LinearS8: l, y: y, real: real, rows: rows}
}

type linearS8Task struct {
	*LinearS8
	y      []float32
	x      []int8    // static, or
	real   []float32 // dynamic
	xZero  int32
	xScale float32
	rows   int
}

// linearS8Rows is how many rows a tile has: four of the matrix product's.
const linearS8Rows = 4 * asm.GemmS8Rows

func (t *linearS8Task) Tiles() int { return (t.rows + linearS8Rows - 1) / linearS8Rows }

func (t *linearS8Task) Scratch() int {
	return scratchBytes[int16](linearS8Rows*t.depth) + scratchBytes[int8](t.k) + scratchBytes[float32](linearS8Rows) +
		scratchBytes[int32](linearS8Rows) + scratchBytes[int32](asm.GemmS8Rows*asm.GemmS8Cols)
}

func (t *linearS8Task) Tile(i int, scratch []byte) {
	first := i * linearS8Rows
	count := min(linearS8Rows, t.rows-first)
	rows, scratch := take[int16](scratch, linearS8Rows*t.depth)
	rounded, scratch := take[int8](scratch, t.k)
	scales, scratch := take[float32](scratch, linearS8Rows)
	addends, scratch := take[int32](scratch, linearS8Rows)
	acc, _ := take[int32](scratch, asm.GemmS8Rows*asm.GemmS8Cols)
	for r := range count {
		row := rows[r*t.depth:][:t.depth]
		row[t.depth-1] = 0
		scales[r] = t.xScale
		if t.x != nil {
			asm.WidenS8S16(row[:t.k], t.x[(first+r)*t.k:][:t.k])
		} else {
			scales[r] = quantizeRow(rounded, t.real[(first+r)*t.k:][:t.k])
			asm.WidenS8S16(row[:t.k], rounded)
		}
		addends[r] = int32(t.k) * t.xZero * t.wZero
		if t.wZero != 0 {
			addends[r] -= t.wZero * asm.SumS16(row)
		}
	}
	for panel := range t.panels {
		for r := 0; r < count; r += asm.GemmS8Rows {
			m := min(asm.GemmS8Rows, count-r)
			asm.GemmS8(acc, asm.GemmS8Cols, rows[r*t.depth:], t.depth, t.weights[panel*t.depth*asm.GemmS8Cols:][:t.depth*asm.GemmS8Cols], m, t.depth)
			for row := range m {
				t.scaled(first+r+row, panel, acc[row*asm.GemmS8Cols:][:asm.GemmS8Cols], addends[r+row], scales[r+row])
			}
		}
	}
}

// scaled writes 16 outputs of a row.
func (t *linearS8Task) scaled(row, panel int, acc []int32, addend int32, rowScale float32) {
	first := panel * asm.GemmS8Cols
	n := min(asm.GemmS8Cols, t.n-first)
	y := t.y[row*t.n+first:][:n]
	sums, scale := t.sums[first:][:n], t.scale[first:][:n]
	for j := range y {
		sum := acc[j] + addend - t.xZero*sums[j]
		y[j] = float32(float32(sum)*scale[j]) * rowScale
	}
	if t.bias == nil {
		return
	}
	for j, b := range t.bias[first:][:n] {
		y[j] += b
	}
}
