package export

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// The filters of package graph are [output channels, height, width, input
// channels / groups]; those of ONNX have their axes in the order of an image,
// channels first.

// image is the order of images and filters.
var image = channelsFirst(4)

func exportConv(c *call) {
	inputs := []string{c.take(c.input(0), image), c.take(c.input(1), image)}
	if len(c.node.Inputs) == 3 {
		inputs = append(inputs, c.plain(2))
	}
	c.result("Conv", image, inputs, c.convAttributes(c.node.Attr.(graph.Conv))...)
}

// exportConvInputGrad writes the transposed convolution, with as much added at
// the bottom and at the right as the strides of the convolution left out.
func exportConvInputGrad(c *call) {
	a := c.node.Attr.(graph.ConvInputGrad)
	dy, filter := c.shape(c.input(0)), c.shape(c.input(1))
	size := graph.HW{a.Height, a.Width}
	var rest [2]int
	for i := range rest {
		reached := (dy[1+i]-1)*a.Stride[i] + (filter[1+i]-1)*a.Dilation[i] + 1 - a.Pad[i] - a.Pad[i+2]
		rest[i] = size[i] - reached
	}
	attributes := append(c.convAttributes(a.Conv), ints("output_padding", rest[:]...))
	c.result("ConvTranspose", image, []string{c.take(c.input(0), image), c.take(c.input(1), image)}, attributes...)
}

func (c *call) convAttributes(a graph.Conv) []proto.Attribute {
	filter := c.shape(c.input(1))
	return []proto.Attribute{
		ints("kernel_shape", filter[1], filter[2]),
		ints("strides", a.Stride[:]...),
		ints("pads", a.Pad[:]...),
		ints("dilations", a.Dilation[:]...),
		integer("group", a.Groups),
	}
}

func exportMaxPool(c *call) {
	c.result("MaxPool", image, []string{c.take(c.input(0), image)}, poolAttributes(c.node.Attr.(graph.Pool))...)
}

func exportAvgPool(c *call) {
	c.result("AveragePool", image, []string{c.take(c.input(0), image)}, averageAttributes(c.node.Attr.(graph.Pool))...)
}

func poolAttributes(a graph.Pool) []proto.Attribute {
	return []proto.Attribute{
		ints("kernel_shape", a.Kernel[:]...),
		ints("strides", a.Stride[:]...),
		ints("pads", a.Pad[:]...),
	}
}

func averageAttributes(a graph.Pool) []proto.Attribute {
	return append(poolAttributes(a), flag("count_include_pad", a.CountPadding))
}

// isGlobalAverage tells whether a mean over the given axes is that of every
// channel of an image, with its axes kept.
func isGlobalAverage(a graph.Reduce, x tensor.Shape) bool {
	return len(x) == 4 && a.KeepDims && len(a.Axes) == 2 && a.Axes[0] == 1 && a.Axes[1] == 2
}
