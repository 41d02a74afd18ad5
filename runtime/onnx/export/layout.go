package export

import (
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

func exportReshape(c *call) {
	shape := c.node.Type.Shape
	if x := c.values[c.input(0)].constant; x != nil {
		y := tensor.Tensor{Type: c.node.Type, Data: x.Data}
		c.values[c.id].constant = &y
		return
	}
	var attributes []proto.Attribute
	if slices.Contains(shape, 0) { // which would mean the length of the input's axis
		if c.opset < 14 {
			c.fail("the shape %v has an empty axis, which needs opset 14", shape)
		}
		attributes = append(attributes, integer("allowzero", 1))
	}
	inputs := []string{c.takeElements(c.input(0)), c.list("shape", shape)}
	c.result("Reshape", plain(len(shape)), inputs, attributes...)
}

func exportBroadcast(c *call) {
	shape := c.node.Type.Shape
	o := c.common(len(shape))
	c.result("Expand", o, []string{c.takeOperand(c.input(0), o), c.list("shape", o.of(shape))})
}

// exportTranspose writes nothing: the value stays as it is, its axes have other
// numbers.
func exportTranspose(c *call) {
	perm, x, y := c.node.Attr.(graph.Transpose).Perm, c.values[c.input(0)], c.values[c.id]
	if x.constant != nil {
		turned := permuted(*x.constant, perm)
		turned.Quant = x.constant.Quant
		y.constant = &turned
		return
	}
	if len(x.forms) == 0 {
		c.first() // says why
		return
	}
	for _, f := range x.forms {
		if len(f.order) == len(perm) {
			y.forms = append(y.forms, form{f.order.transposed(perm), f.name})
		}
	}
}

func exportConcat(c *call) {
	o := c.common(len(c.node.Type.Shape))
	inputs := make([]string, len(c.node.Inputs))
	for i, id := range c.node.Inputs {
		inputs[i] = c.take(id, o)
	}
	c.result("Concat", o, inputs, integer("axis", o.place(c.node.Attr.(graph.Axis).Axis)))
}

// exportSlice names only the axes that are cut.
func exportSlice(c *call) {
	a := c.node.Attr.(graph.Slice)
	x, o := c.first()
	var starts, ends, axes []int
	for place, axis := range o {
		if a.Size[axis] != c.shape(c.input(0))[axis] {
			starts, ends, axes = append(starts, a.Start[axis]), append(ends, a.Start[axis]+a.Size[axis]), append(axes, place)
		}
	}
	if len(axes) == 0 {
		c.alias()
		return
	}
	c.result("Slice", o, []string{x, c.list("starts", starts), c.list("ends", ends), c.list("axes", axes)})
}

func exportPad(c *call) {
	a := c.node.Attr.(graph.Pad)
	x, o := c.first()
	pads := append(o.of(a.Before), o.of(a.After)...)
	value := c.parameter(c.node.Name+"/value", padding(c.node.Type, a.Value))
	c.result("Pad", o, []string{x, c.list("pads", pads), value})
}

// padding returns what fills a value of type t: a real number, the integer that
// stands for it, or 0.
func padding(t tensor.Type, v float32) tensor.Tensor {
	switch {
	case t.DType == tensor.Float32:
		return tensor.Scalar(v)
	case t.Quant != nil:
		q := math.RoundToEven(float64(v/t.Quant.Scale[0])) + float64(t.Quant.ZeroPoint[0])
		return tensor.Scalar(int8(min(max(q, math.MinInt8), math.MaxInt8)))
	}
	return tensor.Zeros(tensor.Type{DType: t.DType, Shape: tensor.Shape{}})
}
