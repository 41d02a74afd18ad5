package kernels

import (
	"megl-edge/kernels/asm"
)

// depthwiseS8Task is a 3×3 depthwise convolution; a tile is one output row.
type depthwiseS8Task struct {
	*ConvS8
	depthwiseRows[int8]
	y        []int8
	residual *ResidualS8
	addend   []int32 // zeros: the weights are already centred
}

func newDepthwiseS8Task(c *ConvS8, y, x []int8, residual *ResidualS8) *depthwiseS8Task {
	return &depthwiseS8Task{
		ConvS8: c, depthwiseRows: newDepthwiseRows(&c.shape, x, c.xZero),
		y: y, residual: residual, addend: make([]int32, c.shape.OutWidth),
	}
}

func (t *depthwiseS8Task) Tiles() int { return t.ConvS8.shape.Batch * t.ConvS8.shape.OutHeight }

func (t *depthwiseS8Task) Scratch() int {
	s := &t.ConvS8.shape
	return scratchBytes[int32](s.OutWidth*s.Channels) + t.scratch()
}

func (t *depthwiseS8Task) Tile(i int, scratch []byte) {
	s := &t.ConvS8.shape
	length := s.OutWidth * s.Channels
	acc, scratch := take[int32](scratch, length)
	t.walk(i, scratch, func(in taps[int8]) {
		asm.DepthwiseS8(acc[in.x*s.Channels:], in.rows[0], in.rows[1], in.rows[2],
			in.pixels, in.pixelStep, in.tapStep, s.Channels, t.depthwise)
	})
	asm.RequantizeS32S8(t.y[i*length:], s.Channels, acc, s.Channels, t.addend, t.bias, t.scale, s.OutWidth, s.Channels, t.output)
	if t.residual != nil {
		t.residual.add(t.y, i*length, length)
	}
}
