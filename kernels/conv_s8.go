package kernels

import (
	"megl-edge/kernels/asm"
)

// ConvS8 is a prepared int8 convolution with an int8 result: weights packed,
// zero points folded into the bias.
//
//	y = requantize(Σ (x − xZero)·(w − wZero) + bias)
//
// The sum is exact in int32. With z = xZero and v = wZero it is computed as
// Σ x·w − v·Σ x + (bias − z·Σ w + depth·z·v), where padding holds z.
type ConvS8 struct {
	shape  ConvShape
	output asm.OutputS8
	xZero  int8
	wZero  int32

	depth     int       // length of the packed sums, even
	panels    int       // of 16 filters, for each group
	weights   []int8    // [groups][panels][depth/2][16][2]; or
	depthwise []int16   // as asm.DepthwiseS8 wants them
	bias      []int32   // [groups][panels·16]
	scale     []float32 // [groups][panels·16]
}

// NewConvS8 packs the filter w, [Filters, KernelHeight, KernelWidth,
// Channels/Groups], with one zero point for all. bias and scale have one value
// for each filter; see [asm.RequantizeS32S8].
func NewConvS8(shape ConvShape, w []int8, wZero int32, bias []int32, scale []float32, xZero int32, output asm.OutputS8) *ConvS8 {
	c := &ConvS8{shape: shape, output: output, xZero: int8(xZero), wZero: wZero}
	if shape.depthwise3x3() {
		c.packDepthwise(w, bias, scale)
	} else {
		c.pack(w, bias, scale)
	}
	return c
}

func (c *ConvS8) pack(w []int8, bias []int32, scale []float32) {
	const cols = asm.GemmS8Cols
	depth, perGroup := c.shape.depth(), c.shape.Filters/c.shape.Groups
	c.depth = (depth + 1) / 2 * 2
	c.panels = (perGroup + cols - 1) / cols
	c.weights = make([]int8, c.shape.Groups*c.panels*c.depth*cols)
	c.bias = make([]int32, c.shape.Groups*c.panels*cols)
	c.scale = make([]float32, len(c.bias))
	for filter := range c.shape.Filters {
		// column is the filter's place among the padded ones
		column := filter/perGroup*c.panels*cols + filter%perGroup
		pairs := c.weights[column/cols*c.depth*cols+column%cols*2:]
		var sum int32
		for p, v := range w[filter*depth:][:depth] {
			pairs[p&^1*cols+p&1] = v
			sum += int32(v)
		}
		z := int32(c.xZero)
		c.bias[column] = bias[filter] - z*sum + int32(depth)*z*c.wZero
		c.scale[column] = scale[filter]
	}
}

func (c *ConvS8) packDepthwise(w []int8, bias []int32, scale []float32) {
	const block = asm.DepthwiseS8Block
	channels := c.shape.Channels
	c.depthwise = make([]int16, asm.DepthwiseS8WeightLen(channels))
	c.bias = make([]int32, channels)
	c.scale = scale
	for channel := range channels {
		packed := c.depthwise[channel/block*10*block+channel%block*2:]
		var sum int32
		for tap, v := range w[channel*9:][:9] {
			centred := int32(v) - c.wZero
			packed[tap/2*2*block+tap%2] = int16(centred)
			sum += centred
		}
		c.bias[channel] = bias[channel] - int32(c.xZero)*sum
	}
}

// Bytes returns the memory that the packed weights take.
func (c *ConvS8) Bytes() int {
	return len(c.weights) + 2*len(c.depthwise) + 4*len(c.bias) + 4*len(c.scale)
}

// ResidualS8 is an addition that follows a convolution while its result is still
// in the cache: y = add(y, Value), as [asm.AddS8] defines it with y first.
type ResidualS8 struct {
	Value      []int8 // of the result's shape
	Own, Other asm.OperandS8
	Output     asm.OutputS8
}

// Bind returns the task that computes y from x, for a pool of the given number
// of threads. residual may be nil; its Value must not share y's memory.
func (c *ConvS8) Bind(y, x []int8, residual *ResidualS8, threads int) Task {
	if c.depthwise != nil {
		return newDepthwiseS8Task(c, y, x, residual)
	}
	t := &convS8Task{ConvS8: c, y: y, x: x, residual: residual}
	t.blocking = block(c.shape.positions(), c.panels, c.shape.Groups, 2*c.depth, threads, asm.GemmS8Rows)
	return t
}

type convS8Task struct {
	*ConvS8
	blocking
	y, x     []int8
	residual *ResidualS8
}

func (t *convS8Task) Tiles() int { return t.tiles() }

func (t *convS8Task) Scratch() int {
	return scratchBytes[int16](t.blockRows*t.depth) + scratchBytes[int32](t.blockRows*asm.GemmS8Cols) +
		scratchBytes[int32](t.blockRows)
}

func (t *convS8Task) Tile(i int, scratch []byte) {
	group, firstRow, lastRow, firstPanel, lastPanel := t.tile(i)
	count := lastRow - firstRow
	rows, scratch := take[int16](scratch, count*t.depth)
	acc, scratch := take[int32](scratch, count*asm.GemmS8Cols)
	addend, _ := take[int32](scratch, count)
	t.packRows(rows, firstRow, count, group)
	for r := range addend {
		addend[r] = 0
		if t.wZero != 0 {
			addend[r] = -t.wZero * asm.SumS16(rows[r*t.depth:][:t.depth])
		}
	}
	for panel := firstPanel; panel < lastPanel; panel++ {
		t.panel(group, panel, firstRow, count, rows, acc, addend)
	}
	if t.residual != nil {
		t.addResidual(group, firstRow, count, firstPanel, lastPanel)
	}
}

// packRows widens what the given output positions read.
func (t *convS8Task) packRows(rows []int16, firstRow, count, group int) {
	s := &t.shape
	depth := s.depth()
	if s.pointwise() && depth == t.depth {
		asm.WidenS8S16(rows, t.x[firstRow*depth:][:count*depth])
		return
	}
	for r := range count {
		row := rows[r*t.depth:][:t.depth]
		if depth < t.depth {
			row[depth] = 0
		}
		s.gather(firstRow+r, group,
			func(at, from, n int) { asm.WidenS8S16(row[at:][:n], t.x[from:][:n]) },
			func(at, n int) { fill(row[at:][:n], int16(t.xZero)) })
	}
}

// panel computes 16 filters of a block of positions.
func (t *convS8Task) panel(group, panel, firstRow, count int, rows []int16, acc, addend []int32) {
	const cols = asm.GemmS8Cols
	column := (group*t.panels + panel) * cols
	weights := t.weights[column*t.depth:][:t.depth*cols]
	for r := 0; r < count; r += asm.GemmS8Rows {
		m := min(asm.GemmS8Rows, count-r)
		asm.GemmS8(acc[r*cols:], cols, rows[r*t.depth:], t.depth, weights, m, t.depth)
	}
	perGroup := t.shape.Filters / t.shape.Groups
	n := min(cols, perGroup-panel*cols)
	to := firstRow*t.shape.Filters + group*perGroup + panel*cols
	asm.RequantizeS32S8(t.y[to:], t.shape.Filters, acc, cols, addend, t.bias[column:], t.scale[column:], count, n, t.output)
}

func (t *convS8Task) addResidual(group, firstRow, count, firstPanel, lastPanel int) {
	perGroup := t.shape.Filters / t.shape.Groups
	first := group*perGroup + firstPanel*asm.GemmS8Cols
	n := min(lastPanel*asm.GemmS8Cols, perGroup) - firstPanel*asm.GemmS8Cols
	if n == t.shape.Filters { // whole rows: one run
		t.residual.add(t.y, firstRow*n, count*n)
		return
	}
	for r := range count {
		t.residual.add(t.y, (firstRow+r)*t.shape.Filters+first, n)
	}
}

// add adds n values, from the given one on, to y.
func (r *ResidualS8) add(y []int8, from, n int) {
	part := y[from:][:n]
	asm.AddS8(part, part, r.Value[from:][:n], r.Own, r.Other, r.Output)
}

func fill[T any](s []T, v T) {
	for i := range s {
		s[i] = v
	}
}
