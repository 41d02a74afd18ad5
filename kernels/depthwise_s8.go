package kernels

// depthwiseS8Task is a 3×3 depthwise convolution; a tile is one output row.
type depthwiseS8Task struct {
	*ConvS8
	depthwiseRows[int8]
	y        []int8
	residual *ResidualS8
}

func newDepthwiseS8Task(c *ConvS8, y, x []int8, residual *ResidualS8) *depthwiseS8Task {
	return &depthwiseS8Task{
		ConvS8: c, depthwiseRows: newDepthwiseRows(&c.shape, x, c.xZero),
		y: y, residual: residual,
	}
}

func (t *depthwiseS8Task) Tiles() int { return t.ConvS8.shape.Batch * t.ConvS8.shape.OutHeight }

func (t *depthwiseS8Task) Scratch() int {
	s := &t.ConvS8.shape
	return scratchBytes[int32](s.OutWidth*(s.Channels+1)) + t.scratch()
}

func (t *depthwiseS8Task) Tile(i int, scratch []byte) {
	s := &t.ConvS8.shape
	length := s.OutWidth * s.Channels
	sums, scratch := take[int32](scratch, s.OutWidth*(s.Channels+1))
	t.walk(i, scratch, func(in taps[int8]) {
		y := t.y[i*length+in.x*s.Channels:]
		t.depthwise.Run(y, in.rows[0], in.rows[1], in.rows[2], in.pixels, in.pixelStep, in.tapStep, sums)
	})
	if t.residual != nil {
		t.residual.add(t.y, i*length, length)
	}
}
