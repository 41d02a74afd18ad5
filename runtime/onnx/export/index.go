package export

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// gathering writes Gather or GatherElements, with the indices clamped: ONNX
// would count negative ones from the end, and refuse those beyond it.
func gathering(op string) func(c *call) {
	return func(c *call) {
		axis := c.node.Attr.(graph.Axis).Axis
		indices := c.inRange(c.input(1), c.shape(c.input(0))[axis])
		c.result(op, plain(len(c.node.Type.Shape)), []string{c.plain(0), indices}, integer("axis", axis))
	}
}

// inRange returns indices limited to an axis of the given length.
func (c *call) inRange(id graph.ID, length int) string {
	v, name := c.values[id], c.take(id, plain(len(c.shape(id))))
	if v.lo < 0 {
		name = c.step("not_negative", "Max", []string{name, c.index("first", 0)})
	}
	if v.hi >= int64(length) {
		name = c.step("in_range", "Min", []string{name, c.index("last", length-1)})
	}
	return name
}

func (c *call) index(suffix string, v int) string {
	return c.parameter(c.node.Name+"/"+suffix, tensor.Scalar(int32(v)))
}

// exportArgMax narrows the indices, which ONNX gives as int64.
func exportArgMax(c *call) {
	o := c.lastAxisLast()
	rank := len(o)
	indices := c.main("wide", "ArgMax", []string{c.take(c.input(0), o)}, integer("axis", rank-1), integer("keepdims", 0))
	c.last("cast", "Cast", o.without([]int{rank - 1}), []string{indices}, integer("to", int(dataTypes[tensor.Int32])))
}

// exportArgTopK writes TopK, which puts the first of equals first too.
func exportArgTopK(c *call) {
	a, o := c.node.Attr.(graph.TopK), c.lastAxisLast()
	values, indices := c.valueNames.free(c.node.Name+"/values"), c.valueNames.free(c.node.Name+"/wide")
	c.begin("TopK", []string{c.take(c.input(0), o), c.list("k", []int{a.K})}, []string{values, indices},
		integer("axis", len(o)-1), flag("largest", !a.Least), integer("sorted", 1))
	c.last("cast", "Cast", o, []string{indices}, integer("to", int(dataTypes[tensor.Int32])))
}

// exportOneHot compares with every index where there may be negative ones, which
// OneHot would count from the end.
func exportOneHot(c *call) {
	depth, shape := c.node.Attr.(graph.OneHot).Depth, c.node.Type.Shape
	o := plain(len(shape))
	if c.values[c.input(0)].lo >= 0 {
		values := c.parameter(c.node.Name+"/values", tensor.Must(tensor.Of(tensor.Shape{2}, []float32{0, 1})))
		c.result("OneHot", o, []string{c.plain(0), c.index("depth", depth), values}, integer("axis", -1))
		return
	}
	column := append(shape[:len(shape)-1].Clone(), 1)
	indices := c.step("column", "Reshape", []string{c.plain(0), c.list("shape", column)})
	all := make([]int32, depth)
	for i := range all {
		all[i] = int32(i)
	}
	hot := c.main("condition", "Equal", []string{indices, c.parameter(c.node.Name+"/all", tensor.Must(tensor.Of(tensor.Shape{depth}, all)))})
	c.last("cast", "Cast", o, []string{hot}, integer("to", int(dataTypes[tensor.Float32])))
}

func exportCast(c *call) {
	x, o := c.first()
	c.result("Cast", o, []string{x}, integer("to", int(dataTypes[c.node.Type.DType])))
}

// bound notes what is known of the range of an int32 value, so that indices that
// are in range anyway are not limited again.
func (e *exporter) bound(id graph.ID, n *graph.Node) {
	v := e.values[id]
	if n.Type.DType != tensor.Int32 || n.Type.Quant != nil {
		return
	}
	switch n.Op {
	case graph.OpConstant:
		if list := tensor.Elements[int32](*n.Value); len(list) > 0 {
			v.lo, v.hi = int64(slices.Min(list)), int64(slices.Max(list))
		}
	case graph.OpArgMax, graph.OpArgTopK:
		x := e.shape(n.Inputs[0])
		v.lo, v.hi = 0, int64(x[len(x)-1])-1
	case graph.OpArgMaxPool:
		x := e.shape(n.Inputs[0])
		v.lo, v.hi = 0, int64(x[1]*x[2])-1
	case graph.OpMaximum:
		a, b := e.values[n.Inputs[0]], e.values[n.Inputs[1]]
		v.lo, v.hi = max(a.lo, b.lo), max(a.hi, b.hi)
	case graph.OpMinimum:
		a, b := e.values[n.Inputs[0]], e.values[n.Inputs[1]]
		v.lo, v.hi = min(a.lo, b.lo), min(a.hi, b.hi)
	case graph.OpReshape, graph.OpBroadcast, graph.OpTranspose, graph.OpSlice, graph.OpGather, graph.OpGatherElements:
		x := e.values[n.Inputs[0]]
		v.lo, v.hi = x.lo, x.hi
	}
}
