package kernels

import "megl-edge/kernels/asm"

// filterOrder says how the filter that a convolution packs lies in memory. The
// zero value: as [ConvF32] has it, [Filters, KernelHeight, KernelWidth,
// Channels/Groups].
type filterOrder struct {
	// taps are set for the gradient of a convolution: the filter is that one's,
	// [Channels, allTaps, Filters/Groups], and tap t of the kernel is its taps[t].
	taps    []int
	allTaps int
}

// packing returns the task that packs a filter and a bias, nil for zeros. The
// places that belong to no filter become 0.
func (c *ConvF32) packing(w, bias []float32) Task {
	switch {
	case c.shape.depthwise():
		return Func(func() { c.packDepthwise(w, bias) })
	case c.order.taps != nil:
		return Rows(c.shape.Channels, 1, func(first, last int) {
			for channel := first; channel < last; channel++ {
				c.packAdjoint(channel, w)
			}
		})
	}
	return Rows(c.shape.Groups*c.panels, 1, func(first, last int) {
		for panel := first; panel < last; panel++ {
			c.packPanel(panel, w, bias)
		}
	})
}

// packPanel packs up to 16 filters of a group.
func (c *ConvF32) packPanel(panel int, w, bias []float32) {
	const cols = asm.GemmF32Cols
	s := &c.shape
	depth, perGroup := s.depth(), s.Filters/s.Groups
	group, column := panel/c.panels, panel%c.panels*cols
	first, n := group*perGroup+column, min(cols, perGroup-column)
	to := c.weights[panel*depth*cols:][:depth*cols]
	if n < cols {
		clear(to)
	}
	asm.TransposeF32(to, cols, w[first*depth:], depth, n, depth)
	if bias != nil {
		copy(c.bias[panel*cols:], bias[first:][:n])
	}
}

// packAdjoint packs what a channel goes through in the gradient of a convolution:
// one filter of the convolution that it is the gradient of.
func (c *ConvF32) packAdjoint(channel int, w []float32) {
	const cols = asm.GemmF32Cols
	s := &c.shape
	in, out, depth := s.Channels/s.Groups, s.Filters/s.Groups, s.depth()
	group, i := channel/in, channel%in
	panels := c.weights[group*c.panels*depth*cols:]
	for t, tap := range c.order.taps {
		spread(panels[(t*in+i)*cols:], depth*cols, w[(channel*c.order.allTaps+tap)*out:][:out])
	}
}

func (c *ConvF32) packDepthwise(w, bias []float32) {
	const block = asm.DepthwiseF32Block
	taps, all := c.shape.taps(), c.shape.taps()
	if c.order.taps != nil {
		all = c.order.allTaps
	}
	clear(c.weights)
	copy(c.bias, bias)
	for channel := range c.shape.Channels {
		packed := c.weights[channel/block*taps*block+channel%block:]
		filter := w[channel*all:][:all]
		for t := range taps {
			tap := t
			if c.order.taps != nil {
				tap = c.order.taps[t]
			}
			packed[t*block] = filter[tap]
		}
	}
}

// runHere computes a task that needs no scratch memory on this thread.
func runHere(t Task) {
	for i := range t.Tiles() {
		t.Tile(i, nil)
	}
}
