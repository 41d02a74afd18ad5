package graph

import "megl-edge/runtime/tensor"

// The gradient rules of convolutions and averages.

func vjpConv(c *adjoint) []ID {
	at, x := c.node.Attr.(Conv), c.shape(0)
	adjoints := []ID{None, None, None}
	if c.wants[0] {
		adjoints[0] = c.convInputGrad(at, x, c.dy, c.in(1))
	}
	if c.wants[1] {
		adjoints[1] = c.convFilterGrad(at, c.shape(1), c.in(0), c.dy)
	}
	if len(c.wants) == 3 && c.wants[2] {
		adjoints[2] = c.reduceSum(c.dy, false, 0, 1, 2)
	}
	return adjoints[:len(c.wants)]
}

// A convolution is linear in its image and in its filter. ⟨conv(x, f), dy⟩,
// ⟨x, conv_input_grad(dy, f)⟩ and ⟨f, conv_filter_grad(x, dy)⟩ are one number,
// so that the three ops are each other's gradients.

func (b *Builder) convInputGrad(at Conv, x tensor.Shape, dy, filter ID) ID {
	return b.Apply(OpConvInputGrad, "", ConvInputGrad{at, x[1], x[2]}, dy, filter)
}

func (b *Builder) convFilterGrad(at Conv, filter tensor.Shape, x, dy ID) ID {
	return b.Apply(OpConvFilterGrad, "", ConvFilterGrad{at, HW{filter[1], filter[2]}}, x, dy)
}

func vjpConvInputGrad(c *adjoint) []ID {
	at := c.node.Attr.(ConvInputGrad).Conv
	adjoints := []ID{None, None}
	if c.wants[0] {
		adjoints[0] = c.Apply(OpConv, "", at, c.dy, c.in(1))
	}
	if c.wants[1] {
		adjoints[1] = c.convFilterGrad(at, c.shape(1), c.dy, c.in(0))
	}
	return adjoints
}

func vjpConvFilterGrad(c *adjoint) []ID {
	at := c.node.Attr.(ConvFilterGrad).Conv
	adjoints := []ID{None, None}
	if c.wants[0] {
		adjoints[0] = c.convInputGrad(at, c.shape(0), c.in(1), c.dy)
	}
	if c.wants[1] {
		adjoints[1] = c.Apply(OpConv, "", at, c.in(0), c.dy)
	}
	return adjoints
}

// vjpAvgPool: an average is a depthwise convolution with one weight.
func vjpAvgPool(c *adjoint) []ID {
	at := c.node.Attr.(Pool)
	x := c.shape(0)
	conv := Conv{Stride: at.Stride, Dilation: [2]int{1, 1}, Pad: at.Pad, Groups: x[3]}
	one := c.broadcastTo(c.Scalar(1), tensor.Shape{x[3], at.Kernel[0], at.Kernel[1], 1})
	mean := c.Div(c.dy, c.windowPixels(at, x))
	return []ID{c.Apply(OpConvInputGrad, "", ConvInputGrad{conv, x[1], x[2]}, mean, one)}
}

// windowPixels returns what each average over x was divided by, [h × w × 1].
func (c *adjoint) windowPixels(at Pool, x tensor.Shape) ID {
	h, w := c.node.Type.Shape[1], c.node.Type.Shape[2]
	counts := make([]float32, 0, h*w)
	for i := range h {
		rows := at.Covered(0, i, x[1])
		for j := range w {
			counts = append(counts, float32(rows*at.Covered(1, j, x[2])))
		}
	}
	return c.Constant("window_pixels", tensor.Must(tensor.Of(tensor.Shape{h, w, 1}, counts)))
}

// Covered returns how many rows (axis 0) or columns (axis 1) of window number i
// an average counts, in an image that is length pixels long on that axis.
func (a Pool) Covered(axis, i, length int) int {
	if a.CountPadding {
		return a.Kernel[axis]
	}
	start := i*a.Stride[axis] - a.Pad[axis]
	return min(start+a.Kernel[axis], length) - max(start, 0)
}
