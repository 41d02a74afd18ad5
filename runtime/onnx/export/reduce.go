package export

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

func reduction(op string) func(c *call) {
	return func(c *call) { c.reduce(op, c.node.Attr.(graph.Reduce)) }
}

func (c *call) reduce(op string, a graph.Reduce) {
	if len(a.Axes) == 0 { // which ONNX would read as all
		c.alias()
		return
	}
	x, o := c.first()
	if op == "ReduceMean" && c.node.Type.DType == tensor.Float32 && isGlobalAverage(a, c.shape(c.input(0))) {
		c.result("GlobalAveragePool", image, []string{c.take(c.input(0), image)})
		return
	}
	inputs, attributes := c.reduceOperands(op, x, o, a)
	c.result(op, reducedOrder(o, a), inputs, attributes...)
}

// reduceOperands returns the inputs and attributes of a reduction of x, whose
// axes are in order o. Sums take the axes as an input from opset 13 on, other
// reductions from opset 18 on.
func (c *call) reduceOperands(op, x string, o order, a graph.Reduce) ([]string, []proto.Attribute) {
	axes, keep := o.places(a.Axes), flag("keepdims", a.KeepDims)
	if op == "ReduceSum" || c.opset >= 18 {
		return []string{x, c.list("axes", axes)}, []proto.Attribute{keep}
	}
	return []string{x}, []proto.Attribute{ints("axes", axes...), keep}
}

// reducedOrder returns the order of axes after a reduction.
func reducedOrder(o order, a graph.Reduce) order {
	if a.KeepDims {
		return o
	}
	return o.without(a.Axes)
}

func exportCumSum(c *call) {
	a := c.node.Attr.(graph.CumSum)
	x, o := c.first()
	axis := c.parameter(c.node.Name+"/axis", tensor.Scalar(int64(o.place(a.Axis))))
	c.result("CumSum", o, []string{x, axis}, flag("exclusive", a.Exclusive), flag("reverse", a.Reverse))
}
