package kernels

import (
	"slices"

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

	panels    int                  // of 16 filters, for each group
	slabs     *slabs               // where rows of the image are read in place; nil where they are gathered
	weights   *panelsS8            // of all groups, one after the other; with
	bias      []int32              // [groups][panels·16]
	scale     []float32            // [groups][panels·16]; or
	winograd  *winogradWeights     // of a 3×3 kernel, transformed; or
	depthwise *asm.DepthwiseRowS8  // of a 3×3 kernel; or
	anyKernel *asm.DepthwiseTapsS8 // of another one
}

// NewConvS8 packs the filter w, [Filters, KernelHeight, KernelWidth,
// Channels/Groups], with one zero point for all. bias and scale have one value
// for each filter; see [asm.RequantizeS32S8]. With lowMemory set, weights are not
// packed in a quicker form that takes more memory than they do.
func NewConvS8(shape ConvShape, w []int8, wZero int32, bias []int32, scale []float32, xZero int32, output asm.OutputS8, lowMemory bool) *ConvS8 {
	c := &ConvS8{shape: shape, output: output, xZero: int8(xZero), wZero: wZero}
	switch {
	case shape.depthwise():
		c.packDepthwise(w, bias, scale)
	case wZero == 0 && !lowMemory && shape.winogradPays(weightsS8(shape.depth(), w)):
		c.packWinograd(w, bias, scale)
	default:
		c.pack(w, bias, scale)
	}
	return c
}

func (c *ConvS8) pack(w []int8, bias []int32, scale []float32) {
	depth, perGroup := c.shape.depth(), c.shape.Filters/c.shape.Groups
	c.panels = panelsOf(perGroup)
	// place is that of a filter among the padded ones
	place := func(filter int) int { return filter/perGroup*c.panels*panelCols + filter%perGroup }
	segments := 1
	if c.wZero == 0 && c.shape.inSlabs() {
		segments = c.shape.KernelHeight
		c.slabs = newSlabs(&c.shape)
	}
	c.weights = newPanelsS8(w, segments, depth/segments, c.shape.Groups*c.panels, place)
	c.bias = make([]int32, len(c.weights.sums))
	c.scale = make([]float32, len(c.bias))
	z := int32(c.xZero)
	for filter := range c.shape.Filters {
		column := place(filter)
		c.bias[column] = bias[filter] - (z+c.weights.form.Offset())*c.weights.sums[column] + int32(depth)*z*c.wZero
		c.scale[column] = scale[filter]
	}
}

func (c *ConvS8) packDepthwise(w []int8, bias []int32, scale []float32) {
	const block = asm.DepthwiseS8Block
	channels, taps := c.shape.Channels, c.shape.taps()
	padded := (channels + block - 1) / block * block
	pairs, packedBias, packedScale := make([]int16, (taps+1)/2*2*padded), make([]int32, padded), make([]float32, padded)
	copy(packedScale, scale)
	for channel := range channels {
		to := pairs[channel/block*((taps+1)/2)*2*block+channel%block*2:]
		var sum int32
		for tap, v := range w[channel*taps:][:taps] {
			centred := int32(v) - c.wZero
			to[tap/2*2*block+tap%2] = int16(centred)
			sum += centred
		}
		packedBias[channel] = bias[channel] - int32(c.xZero)*sum
	}
	if !c.shape.is3x3() {
		c.anyKernel = &asm.DepthwiseTapsS8{Channels: channels, Taps: taps, Pairs: pairs, Bias: packedBias, Scale: packedScale, Output: c.output}
		return
	}
	c.depthwise = &asm.DepthwiseRowS8{Channels: channels, Pairs: pairs, Bias: packedBias, Scale: packedScale, Output: c.output}
	c.packFours(w)
}

// packFours packs the weights of a 3×3 kernel a second time, if they fit int8.
func (c *ConvS8) packFours(w []int8) {
	const block = asm.DepthwiseS8Block
	d := c.depthwise
	fours, bias := make([]int8, 12*len(d.Bias)), slices.Clone(d.Bias)
	for channel := range d.Channels {
		to := fours[channel/block*12*block+channel%block*4:]
		for tap, v := range w[channel*9:][:9] {
			centred := int32(v) - c.wZero
			if centred != int32(int8(centred)) {
				return
			}
			to[tap%3*4*block+tap/3] = int8(centred)
			bias[channel] -= 128 * centred
		}
	}
	d.Fours, d.OffsetBias = fours, bias
}

// Winograd tells whether the convolution is computed by Winograd's algorithm.
func (c *ConvS8) Winograd() bool { return c.winograd != nil }

// Bytes returns the memory that the packed weights take.
func (c *ConvS8) Bytes() int {
	n := 4*len(c.bias) + 4*len(c.scale)
	if c.weights != nil {
		n += c.weights.bytes()
	}
	if c.winograd != nil {
		n += c.winograd.bytes()
	}
	if d := c.depthwise; d != nil {
		n += 2*len(d.Pairs) + len(d.Fours) + 4*(len(d.Bias)+len(d.OffsetBias)+len(d.Scale))
	}
	if d := c.anyKernel; d != nil {
		n += 2*len(d.Pairs) + 4*(len(d.Bias)+len(d.Scale))
	}
	return n
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
	switch {
	case c.depthwise != nil:
		return newDepthwiseS8Task(c, y, x, residual)
	case c.anyKernel != nil:
		return &depthwiseTapsS8{ConvS8: c, depthwiseTaps: depthwiseTaps[int8]{&c.shape, x, c.xZero}, y: y, residual: residual}
	case c.winograd != nil:
		return newWinogradConvS8(c, y, x, residual, threads)
	}
	if c.slabs != nil {
		return newSlabConvS8(c, y, x, residual, threads)
	}
	t := &convS8Task{ConvS8: c, y: y, x: x, residual: residual}
	t.blocking = block(c.shape.positions(), c.panels, c.shape.Groups, c.weights.rowBytes(), threads, asm.GemmS8Rows)
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
	return t.weights.scratch(t.blockRows) + 2*scratchBytes[int32](asm.PadRowsS8(t.blockRows))
}

func (t *convS8Task) Tile(i int, scratch []byte) {
	group, firstRow, lastRow, firstPanel, lastPanel := t.tile(i)
	count := lastRow - firstRow
	packed, plain, scratch := t.weights.rows(scratch, count)
	source := t.source(plain, firstRow, count, group)
	addends, scratch := t.weights.addends(scratch, count, source, t.wZero)
	offsets, _ := take[int32](scratch, asm.PadRowsS8(count))
	t.weights.form.Convert(packed, source)
	product := t.weights.product(count, packed, offsets, addends)
	t.multiply(&product, t.y, t.residual, group, firstRow, firstPanel, lastPanel)
}

// multiply computes panels of a block of positions, and what follows.
func (c *ConvS8) multiply(product *asm.ProductS8, y []int8, residual *ResidualS8, group, firstRow, firstPanel, lastPanel int) {
	perGroup := c.shape.Filters / c.shape.Groups
	for panel := firstPanel; panel < lastPanel; panel++ {
		column := (group*c.panels + panel) * panelCols
		n := min(panelCols, perGroup-panel*panelCols)
		to := y[firstRow*c.shape.Filters+group*perGroup+panel*panelCols:]
		product.B = c.weights.panel(group*c.panels + panel)
		product.Requantize(to, c.shape.Filters, c.bias[column:], c.scale[column:], n, c.output)
	}
	if residual != nil {
		c.addResidual(residual, y, group, firstRow, product.Rows, firstPanel, lastPanel)
	}
}

// source returns what the given output positions read, as int8 rows: a part of
// the image, or gathered in plain.
func (t *convS8Task) source(plain []int8, firstRow, count, group int) []int8 {
	depth, padded := t.weights.k, t.weights.depth
	if t.shape.pointwise() && depth == padded {
		return t.x[firstRow*depth:][:count*depth]
	}
	if t.shape.shortRows() {
		gatherShort(&t.shape, plain, padded, t.x, firstRow, count, t.xZero)
		return plain
	}
	for r := range count {
		gatherRow(&t.shape, plain[r*padded:][:depth], t.x, firstRow+r, group, t.xZero)
	}
	return plain
}

func (c *ConvS8) addResidual(residual *ResidualS8, y []int8, group, firstRow, count, firstPanel, lastPanel int) {
	perGroup := c.shape.Filters / c.shape.Groups
	first := group*perGroup + firstPanel*panelCols
	n := min(lastPanel*panelCols, perGroup) - firstPanel*panelCols
	if n == c.shape.Filters { // whole rows: one run
		residual.add(y, firstRow*n, count*n)
		return
	}
	for r := range count {
		residual.add(y, (firstRow+r)*c.shape.Filters+first, n)
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
