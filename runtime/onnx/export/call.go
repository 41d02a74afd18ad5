package export

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// call is one node of the graph while it is written.
type call struct {
	*exporter
	id    graph.ID
	node  *graph.Node
	begun bool // a node of the file has the name of the graph's node
}

// input returns the ID of an input.
func (c *call) input(i int) graph.ID { return c.node.Inputs[i] }

// plain returns the name of an input in the graph's order of axes.
func (c *call) plain(i int) string { return c.take(c.input(i), plain(len(c.shape(c.input(i))))) }

// become makes a value of the file the result, in the given order.
func (c *call) become(name string, o order) {
	c.values[c.id].forms = append(c.values[c.id].forms, form{o, name})
}

// alias makes the result the same as the first input.
func (c *call) alias() { c.values[c.id] = c.values[c.input(0)] }

// result writes the only node of the call.
func (c *call) result(op string, o order, inputs []string, attributes ...proto.Attribute) {
	y := c.nameOf(c.id, o, "")
	c.add(op, c.node.Name, inputs, []string{y}, attributes...)
	c.become(y, o)
}

// main writes the node that computes, where another gives the result; it has the
// name of the graph's node.
func (c *call) main(suffix, op string, inputs []string, attributes ...proto.Attribute) string {
	y := c.valueNames.free(c.node.Name + "/" + suffix)
	c.begin(op, inputs, []string{y}, attributes...)
	return y
}

// begin writes the node that has the name of the graph's node.
func (c *call) begin(op string, inputs, outputs []string, attributes ...proto.Attribute) {
	c.begun = true
	c.add(op, c.node.Name, inputs, outputs, attributes...)
}

// last writes the node that gives the result, behind others.
func (c *call) last(suffix, op string, o order, inputs []string, attributes ...proto.Attribute) {
	name := c.node.Name
	if c.begun {
		name = c.nodeNames.free(name + "/" + suffix)
	}
	y := c.nameOf(c.id, o, "")
	c.add(op, name, inputs, []string{y}, attributes...)
	c.become(y, o)
}

// step writes a node for an intermediate value.
func (c *call) step(suffix, op string, inputs []string, attributes ...proto.Attribute) string {
	wish := c.node.Name + "/" + suffix
	y := c.valueNames.free(wish)
	c.add(op, c.nodeNames.free(wish), inputs, []string{y}, attributes...)
	return y
}

// scalar writes a float32 constant.
func (c *call) scalar(suffix string, v float32) string {
	return c.parameter(c.node.Name+"/"+suffix, tensor.Scalar(v))
}

// list writes lengths, positions or axes.
func (c *call) list(suffix string, list []int) string { return c.lengths(c.node.Name+"/"+suffix, list) }

// common returns the order that the computed operand of the result's rank has
// which holds most elements, so that little is transposed.
func (c *call) common(rank int) order {
	o, most := plain(rank), -1
	for _, id := range c.node.Inputs {
		shape := c.shape(id)
		if n := shape.Elements(); len(shape) == rank && c.values[id].constant == nil && n > most {
			o, most = c.orderOf(id), n
		}
	}
	return o
}

// lastAxisLast returns the order of the first input, or the graph's where the
// last axis is not the last in the file.
func (c *call) lastAxisLast() order {
	rank := len(c.shape(c.input(0)))
	if o := c.orderOf(c.input(0)); o.place(rank-1) == rank-1 {
		return o
	}
	return plain(rank)
}
