package kernels

import (
	"megl-edge/kernels/asm"
)

// ConvF32 is a prepared float32 convolution: weights packed.
//
//	y = bias, then fma over kernel row, kernel column and channel, ascending
//
// Padding is a product with zero, not a product left out.
type ConvF32 struct {
	shape   ConvShape
	panels  int       // of 16 filters, for each group
	weights []float32 // [groups][panels][depth][16]; depthwise as asm.DepthwiseF32 and asm.DepthwiseTapsF32 want them
	bias    []float32 // [groups][panels·16]
	order   filterOrder
	lattice *lattice // the pixels that are computed; nil: all
}

// NewConvF32 packs the filter w, [Filters, KernelHeight, KernelWidth,
// Channels/Groups]. bias has one value for each filter, or is nil for zeros.
func NewConvF32(shape ConvShape, w, bias []float32) *ConvF32 {
	c := newConvF32(shape)
	c.place(alignedBytes(c.weightBytes()))
	runHere(c.packing(w, bias))
	return c
}

// ConvF32Task returns the task of a convolution whose filter and bias are only
// known at run time, for a pool of the given number of threads: every run packs
// them first.
func ConvF32Task(shape ConvShape, y, x, w, bias []float32, epilogue EpilogueF32, threads int) Task {
	c := newConvF32(shape)
	return &packed{Stages{c.packing(w, bias), c.Bind(y, x, epilogue, threads)}, c.weightBytes(), c.place}
}

// newConvF32 returns a convolution that has no memory for its weights yet.
func newConvF32(shape ConvShape) *ConvF32 {
	c := &ConvF32{shape: shape}
	if shape.depthwise() {
		c.bias = make([]float32, shape.Channels)
		return c
	}
	c.panels = (shape.Filters/shape.Groups + asm.GemmF32Cols - 1) / asm.GemmF32Cols
	c.bias = make([]float32, shape.Groups*c.panels*asm.GemmF32Cols)
	return c
}

// place says where the packed weights lie: weightBytes of memory.
func (c *ConvF32) place(memory []byte) { c.weights, _ = take[float32](memory, c.packedWeights()) }

// weightBytes returns the memory that the packed weights take.
func (c *ConvF32) weightBytes() int { return scratchBytes[float32](c.packedWeights()) }

func (c *ConvF32) packedWeights() int {
	const cols, block = asm.GemmF32Cols, asm.DepthwiseF32Block
	s := &c.shape
	if s.depthwise() {
		return (s.Channels + block - 1) / block * s.taps() * block
	}
	return s.Groups * c.panels * s.depth() * cols
}

// Bytes returns the memory that the packed weights and the bias take.
func (c *ConvF32) Bytes() int { return 4 * (c.packedWeights() + len(c.bias)) }

// EpilogueF32 is what follows an operator while its result is still in the
// cache: y = clamp(y + Residual), each part optional.
type EpilogueF32 struct {
	Clamp    bool
	Min, Max float32   // of the clamp: see asm.ClampF32
	Residual []float32 // of the result's shape, or nil
	// ClampFirst clamps before the residual is added instead of after.
	ClampFirst bool
}

// apply finishes n values of y, from the given one on.
func (e *EpilogueF32) apply(y []float32, from, n int) {
	part := y[from:][:n]
	if e.Clamp && e.ClampFirst {
		asm.ClampF32(part, e.Min, e.Max)
	}
	if e.Residual != nil {
		asm.AddF32(part, part, e.Residual[from:][:n])
	}
	if e.Clamp && !e.ClampFirst {
		asm.ClampF32(part, e.Min, e.Max)
	}
}

// Bind returns the task that computes y from x, for a pool of the given number
// of threads.
func (c *ConvF32) Bind(y, x []float32, epilogue EpilogueF32, threads int) Task {
	switch {
	case c.shape.depthwise() && !c.shape.is3x3():
		return &depthwiseTapsF32{ConvF32: c, depthwiseTaps: depthwiseTaps[float32]{&c.shape, x, 0}, y: y, epilogue: epilogue}
	case c.shape.depthwise():
		return &depthwiseF32Task{ConvF32: c, depthwiseRows: newDepthwiseRows(&c.shape, x, 0), y: y, epilogue: epilogue}
	}
	t := &convF32Task{ConvF32: c, y: y, x: x, epilogue: epilogue}
	t.blocking = block(c.shape.positions(), c.panels, c.shape.Groups, 4*c.shape.depth(), threads, asm.GemmF32Rows)
	return t
}

type convF32Task struct {
	*ConvF32
	blocking
	y, x     []float32
	epilogue EpilogueF32
}

func (t *convF32Task) Tiles() int { return t.tiles() }

func (t *convF32Task) Scratch() int {
	rows := t.blockRows * t.shape.depth()
	if t.shape.pointwise() {
		rows = 0
	}
	return scratchBytes[float32](rows) + scratchBytes[float32](asm.GemmF32Rows*asm.GemmF32Cols)
}

func (t *convF32Task) Tile(i int, scratch []byte) {
	group, firstRow, lastRow, firstPanel, lastPanel := t.tile(i)
	count, depth := lastRow-firstRow, t.shape.depth()
	corner, scratch := take[float32](scratch, asm.GemmF32Rows*asm.GemmF32Cols)
	rows := t.x
	if t.shape.pointwise() {
		rows = rows[firstRow*depth:]
	} else {
		rows, _ = take[float32](scratch, count*depth)
		t.packRows(rows, firstRow, count, group)
	}
	for panel := firstPanel; panel < lastPanel; panel++ {
		t.panel(group, panel, firstRow, count, rows, corner)
	}
	t.finish(group, firstRow, count, firstPanel, lastPanel)
}

// packRows copies what the given output positions read.
func (t *convF32Task) packRows(rows []float32, firstRow, count, group int) {
	depth := t.shape.depth()
	for r := range count {
		gatherRow(&t.shape, rows[r*depth:][:depth], t.x, firstRow+r, group, 0)
	}
}

// panel computes 16 filters of a block of positions, in place where the panel is
// full, through the corner tile where it is not.
func (t *convF32Task) panel(group, panel, firstRow, count int, rows, corner []float32) {
	const cols = asm.GemmF32Cols
	depth, filters := t.shape.depth(), t.shape.Filters
	perGroup := filters / t.shape.Groups
	column := (group*t.panels + panel) * cols
	weights := t.weights[column*depth:][:depth*cols]
	bias := t.bias[column:][:cols]
	n := min(cols, perGroup-panel*cols)
	for r := 0; r < count; r += asm.GemmF32Rows {
		m := min(asm.GemmF32Rows, count-r)
		tile, ldc := corner, cols
		to := t.y[group*perGroup+panel*cols:]
		inPlace := n == cols && t.lattice == nil
		if inPlace {
			tile, ldc = to[(firstRow+r)*filters:], filters
		}
		for row := range m {
			copy(tile[row*ldc:], bias)
		}
		asm.GemmF32(tile, ldc, rows[r*depth:], depth, weights, m, depth)
		for row := 0; row < m && !inPlace; row++ {
			copy(to[t.pixelAt(firstRow+r+row)*filters:], corner[row*cols:][:n])
		}
	}
}

func (t *convF32Task) finish(group, firstRow, count, firstPanel, lastPanel int) {
	perGroup := t.shape.Filters / t.shape.Groups
	first := group*perGroup + firstPanel*asm.GemmF32Cols
	n := min(lastPanel*asm.GemmF32Cols, perGroup) - firstPanel*asm.GemmF32Cols
	if n == t.shape.Filters && t.lattice == nil { // whole rows: one run
		t.epilogue.apply(t.y, firstRow*n, count*n)
		return
	}
	for r := range count {
		t.epilogue.apply(t.y, t.pixelAt(firstRow+r)*t.shape.Filters+first, n)
	}
}
