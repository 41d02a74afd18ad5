package kernels

// lattice is the pixels of an image [height × width] that lie step apart from
// (top, left) on. A convolution whose result lies on one computes OutHeight ×
// OutWidth of them.
type lattice struct {
	height, width int
	top, left     int
	step          [2]int
}

// pixelAt returns the place of an output position in the result, in pixels.
func (c *ConvF32) pixelAt(position int) int {
	l := c.lattice
	if l == nil {
		return position
	}
	n, y, x := c.shape.pixel(position)
	return (n*l.height+l.top+y*l.step[0])*l.width + l.left + x*l.step[1]
}

// outputRow returns where output row i, counted over the batch, is to be
// computed: in the result, or in scratch memory if its pixels are apart there.
// finishRow then brings it to its place.
func (c *ConvF32) outputRow(y []float32, i int, scratch []byte) (row []float32, rest []byte) {
	length := c.shape.OutWidth * c.shape.Filters
	if c.lattice == nil {
		return y[i*length:][:length], scratch
	}
	return take[float32](scratch, length)
}

// finishRow brings row i to its place, or applies the epilogue, which a result on
// a lattice has none of.
func (c *ConvF32) finishRow(y, row []float32, i int, epilogue *EpilogueF32) {
	if c.lattice == nil {
		epilogue.apply(y, i*len(row), len(row))
		return
	}
	channels := c.shape.Filters
	for x := range c.shape.OutWidth {
		copy(y[c.pixelAt(i*c.shape.OutWidth+x)*channels:][:channels], row[x*channels:])
	}
}

// rowScratch returns the bytes of scratch memory that outputRow needs.
func (c *ConvF32) rowScratch() int {
	if c.lattice == nil {
		return 0
	}
	return scratchBytes[float32](c.shape.OutWidth * c.shape.Filters)
}
