package export

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// exportConvFilterGrad writes a convolution in which batch and channels have
// changed places: images are the channels of x, the filter is dy. Its strides are
// the dilations of the convolution, and the other way round. Channels of a group
// stand beside each other.
func exportConvFilterGrad(c *call) {
	a := c.node.Attr.(graph.ConvFilterGrad)
	x, dy, filter := c.shape(c.input(0)), c.shape(c.input(1)), c.node.Type.Shape
	name := c.plain(0)
	if a.Groups > 1 {
		name = c.step("groups", "Reshape", []string{name, c.list("groups", []int{x[0], x[1], x[2], a.Groups, filter[3]})})
		name = c.step("group_first", "Transpose", []string{name}, ints("perm", 4, 3, 0, 1, 2))
		name = c.step("images", "Reshape", []string{name, c.list("images", []int{filter[3], a.Groups * x[0], x[1], x[2]})})
	} else {
		name = c.step("images", "Transpose", []string{name}, ints("perm", 3, 0, 1, 2))
	}
	weights := c.step("adjoint", "Transpose", []string{c.plain(1)}, ints("perm", 3, 0, 1, 2))
	y := c.main("filters", "Conv", []string{name, weights},
		ints("kernel_shape", dy[1], dy[2]),
		ints("strides", a.Dilation[:]...),
		ints("pads", a.Pad[:]...),
		ints("dilations", a.Stride[:]...),
		integer("group", a.Groups))
	// Pixels that the strides left over would be more taps.
	ends := []int{a.Kernel[0], a.Kernel[1]}
	y = c.step("taps", "Slice", []string{y, c.list("first", []int{0, 0}), c.list("ends", ends), c.list("axes", []int{2, 3})})
	c.last("filter", "Transpose", plain(4), []string{y}, ints("perm", 1, 2, 3, 0))
}

// exportClampGrad chooses between the adjoint and 0.
func exportClampGrad(c *call) {
	a, o := c.node.Attr.(graph.Clamp), c.common(len(c.node.Type.Shape))
	dy, y := c.takeOperand(c.input(0), o), c.takeOperand(c.input(1), o)
	var inside string
	if !math.IsInf(float64(a.Min), -1) {
		inside = c.step("above", "Greater", []string{y, c.scalar("min", a.Min)})
	}
	if !math.IsInf(float64(a.Max), 1) {
		below := c.step("below", "Greater", []string{c.scalar("max", a.Max), y})
		if inside == "" {
			inside = below
		} else {
			inside = c.step("inside", "And", []string{inside, below})
		}
	}
	if inside == "" {
		c.result("Identity", o, []string{dy})
		return
	}
	c.result("Where", o, []string{inside, dy, c.scalar("zero", 0)})
}

// exportArgMaxPool takes the indices that MaxPool gives, which count through all
// images and channels.
func exportArgMaxPool(c *call) {
	x := c.shape(c.input(0))
	values, indices := c.valueNames.free(c.node.Name+"/values"), c.valueNames.free(c.node.Name+"/wide")
	c.begin("MaxPool", []string{c.take(c.input(0), image)}, []string{values, indices}, poolAttributes(c.node.Attr.(graph.Pool))...)
	pixel := c.step("pixel", "Mod", []string{indices, c.list("pixels", []int{x[1] * x[2]})})
	c.last("cast", "Cast", image, []string{pixel}, integer("to", int(dataTypes[tensor.Int32])))
}

// exportScatterAddElements writes ScatterElements on zeros; opsets before 16,
// where it does not add, compare every index with every place.
func exportScatterAddElements(c *call) {
	a, x := c.node.Attr.(graph.Scatter), c.shape(c.input(0))
	indices := c.inRange(c.input(1), a.Shape[a.Axis])
	if c.opset >= 16 {
		zeros := c.step("zeros", "Expand", []string{c.scalar("zero", 0), c.list("shape", a.Shape)})
		add := proto.Attribute{Name: "reduction", Type: proto.AttributeString, String: "add"}
		c.result("ScatterElements", plain(len(a.Shape)), []string{zeros, indices, c.plain(0)}, integer("axis", a.Axis), add)
		return
	}
	length, one := a.Shape[a.Axis], append(x[:a.Axis+1].Clone(), 1)
	column := append(one, x[a.Axis+1:]...) // a new axis for the places
	row := make(tensor.Shape, len(x)-a.Axis)
	for i := range row {
		row[i] = 1
	}
	row[0] = length
	all := make([]int32, length)
	for i := range all {
		all[i] = int32(i)
	}
	indices = c.step("indices", "Reshape", []string{indices, c.list("column", column)})
	points := c.step("points", "Equal", []string{indices, c.parameter(c.node.Name+"/places", tensor.Must(tensor.Of(row, all)))})
	values := c.step("values", "Reshape", []string{c.plain(0), c.list("column", column)})
	placed := c.step("placed", "Where", []string{points, values, c.scalar("zero", 0)})
	sum := c.main("sum", "ReduceSum", []string{placed, c.list("axis", []int{a.Axis})}, integer("keepdims", 0))
	pads := make([]int, 2*len(x))
	for axis, d := range a.Shape {
		if axis != a.Axis {
			pads[len(x)+axis] = d - x[axis]
		}
	}
	c.last("rest", "Pad", plain(len(x)), []string{sum, c.list("pads", pads)})
}
