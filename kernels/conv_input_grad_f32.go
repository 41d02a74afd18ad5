package kernels

import (
	"megl-edge/kernels/asm"
)

// NewConvInputGradF32 prepares the gradient of a convolution with respect to its
// image: a convolution whose rows read dy where the forward pass wrote it.
//
// shape is that of the gradient (Transposed, Channels and Filters swapped);
// w is the forward filter, [shape.Channels, KernelHeight, KernelWidth,
// shape.Filters/Groups].
func NewConvInputGradF32(shape ConvShape, w []float32) *ConvF32 {
	shape.Transposed = true
	c := newConvF32(shape, nil)
	for panel := range shape.Groups * c.panels {
		c.fillPanelFromForward(panel, w)
	}
	return c
}

// fillPanelFromForward packs up to 16 filters of the forward layout: its last
// axis runs along the columns.
func (c *ConvF32) fillPanelFromForward(panel int, w []float32) {
	const cols = asm.GemmF32Cols
	s := &c.shape
	taps, in, out := s.taps(), s.Channels/s.Groups, s.Filters/s.Groups
	group, column := panel/c.panels, panel%c.panels*cols
	_, n := c.filters(panel)
	to := c.weights[panel*taps*in*cols:][:taps*in*cols]
	for tap := range taps {
		for i := range in {
			row := to[(tap*in+i)*cols:][:cols]
			copy(row, w[((group*in+i)*taps+tap)*out+column:][:n])
			clear(row[n:])
		}
	}
}
