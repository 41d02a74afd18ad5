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

func (e *EpilogueF32) empty() bool { return !e.Clamp && e.Residual == nil }

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
	t.blocking = blockF32(c.shape.positions(), c.panels, c.shape.Groups, threads)
	return t
}

// convF32Task cuts the sums into stretches, too: then a stretch of a panel stays in
// the first cache while all rows of a block pass, and a block has so many rows that
// the weights are read a few times only. The partial sums stand in y, so that
// nothing is rounded otherwise than in one stretch.
type convF32Task struct {
	*ConvF32
	blocking
	y, x     []float32
	epilogue EpilogueF32
}

const (
	mostStretchF32  = 768 // of the sums: 18 KB of a tile's rows
	leastStretchF32 = 256
	// stretchBytesF32 is what a stretch of all panels may take, of the second cache.
	stretchBytesF32 = 1024 << 10
)

// stretch returns the length of the stretches. Weights that a block reads once have
// one.
func (t *convF32Task) stretch() int {
	depth := t.shape.depth()
	if t.blockRows <= asm.GemmF32Rows {
		return depth
	}
	most := stretchBytesF32 / (4 * asm.GemmF32Cols * t.blockPanels)
	most = min(max(most, leastStretchF32), mostStretchF32)
	return cut(depth, cut(depth, most))
}

func (t *convF32Task) Tiles() int { return t.tiles() }

func (t *convF32Task) Scratch() int {
	rows := t.blockRows * t.stretch()
	if t.shape.pointwise() {
		rows = 0
	}
	return scratchBytes[float32](rows) + scratchBytes[float32](asm.GemmF32Rows*asm.GemmF32Cols)
}

func (t *convF32Task) Tile(i int, scratch []byte) {
	group, firstRow, lastRow, firstPanel, lastPanel := t.tile(i)
	b := blockF32Rows{convF32Task: t, group: group, firstRow: firstRow, rows: lastRow - firstRow, firstPanel: firstPanel, lastPanel: lastPanel}
	b.corner, scratch = take[float32](scratch, asm.GemmF32Rows*asm.GemmF32Cols)
	depth, stretch := t.shape.depth(), t.stretch()
	for first := 0; first < depth; first += stretch {
		count := min(stretch, depth-first)
		b.take(first, count, scratch)
		for r := 0; r < b.rows; r += asm.GemmF32Rows {
			m := min(asm.GemmF32Rows, b.rows-r)
			for panel := firstPanel; panel < lastPanel; panel++ {
				b.panel(panel, r, m, first, count)
			}
			if first+count == depth {
				b.finish(r, m)
			}
		}
	}
}

// blockF32Rows is a block of rows of the product: output positions.
type blockF32Rows struct {
	*convF32Task
	group                 int
	firstRow, rows        int
	firstPanel, lastPanel int
	corner                []float32 // a tile of a panel that is not full
	a                     []float32 // a stretch of the rows, lda apart
	lda                   int
}

// take brings a stretch of what the rows read to where the product finds it.
func (b *blockF32Rows) take(first, count int, scratch []byte) {
	s := &b.shape
	if depth := s.depth(); s.pointwise() {
		b.a, b.lda = b.x[b.firstRow*depth+first:], depth
		return
	}
	b.a, _ = take[float32](scratch, b.rows*count)
	b.lda = count
	if s.shortRows() && count == s.depth() {
		gatherShort(s, b.a, count, b.x, b.firstRow, b.rows, 0)
		return
	}
	for r := range b.rows {
		gatherStretch(s, b.a[r*count:][:count], b.x, b.firstRow+r, b.group, first, 0)
	}
}

// panel adds a stretch of the sums of m rows, from r on, and 16 filters, in place
// where the panel is full, through the corner where it is not.
func (b *blockF32Rows) panel(panel, r, m, first, count int) {
	const cols = asm.GemmF32Cols
	depth, filters := b.shape.depth(), b.shape.Filters
	perGroup := filters / b.shape.Groups
	column := (b.group*b.panels + panel) * cols
	weights := b.weights[column*depth+first*cols:][:count*cols]
	bias := (*[cols]float32)(b.bias[column:])
	n := min(cols, perGroup-panel*cols)
	to := b.y[b.group*perGroup+panel*cols:]
	if n == cols && b.lattice == nil {
		addTile(to[(b.firstRow+r)*filters:], filters, bias, b.a[r*b.lda:], b.lda, weights, m, first)
		return
	}
	for row := 0; row < m && first > 0; row++ {
		copy(b.corner[row*cols:][:n], to[b.pixelAt(b.firstRow+r+row)*filters:])
	}
	addTile(b.corner, cols, bias, b.a[r*b.lda:], b.lda, weights, m, first)
	for row := range m {
		copy(to[b.pixelAt(b.firstRow+r+row)*filters:], b.corner[row*cols:][:n])
	}
}

// addTile adds a stretch of the sums to a tile, which starts from the bias.
func addTile(c []float32, ldc int, bias *[asm.GemmF32Cols]float32, a []float32, lda int, weights []float32, m, first int) {
	count := len(weights) / asm.GemmF32Cols
	if first == 0 {
		asm.GemmBiasF32(c, ldc, bias, a, lda, weights, m, count)
	} else {
		asm.GemmF32(c, ldc, a, lda, weights, m, count)
	}
}

// finish applies the epilogue to m rows, from r on.
func (b *blockF32Rows) finish(r, m int) {
	if b.epilogue.empty() {
		return
	}
	perGroup := b.shape.Filters / b.shape.Groups
	first := b.group*perGroup + b.firstPanel*asm.GemmF32Cols
	n := min(b.lastPanel*asm.GemmF32Cols, perGroup) - b.firstPanel*asm.GemmF32Cols
	if n == b.shape.Filters && b.lattice == nil { // whole rows: one run
		b.epilogue.apply(b.y, (b.firstRow+r)*n, m*n)
		return
	}
	for row := range m {
		b.epilogue.apply(b.y, b.pixelAt(b.firstRow+r+row)*b.shape.Filters+first, n)
	}
}
