package kernels

import (
	"megl-edge/kernels/asm"
)

// depthwiseF32Task is a 3×3 depthwise convolution; a tile is one output row.
type depthwiseF32Task struct {
	*ConvF32
	depthwiseRows[float32]
	y        []float32
	epilogue EpilogueF32
}

func (t *depthwiseF32Task) Tiles() int { return t.ConvF32.shape.Batch * t.ConvF32.shape.OutHeight }

func (t *depthwiseF32Task) Scratch() int { return t.rowScratch() + t.scratch() }

func (t *depthwiseF32Task) Tile(i int, scratch []byte) {
	s := &t.ConvF32.shape
	row, scratch := t.outputRow(t.y, i, scratch)
	t.walk(i, scratch, func(in taps[float32]) {
		asm.DepthwiseF32(row[in.x*s.Channels:], t.bias, in.rows[0], in.rows[1], in.rows[2],
			in.pixels, in.pixelStep, in.tapStep, s.Channels, t.weights)
	})
	t.finishRow(t.y, row, i, &t.epilogue)
}
