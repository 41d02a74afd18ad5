package export

import "megl-edge/runtime/graph"

func exportSoftmax(c *call) {
	o := c.lastAxisLast()
	c.result("Softmax", o, []string{c.take(c.input(0), o)}, integer("axis", -1))
}

// exportBatchNorm asks for the channels on the second axis, where ONNX has them;
// a list of channels gets an axis in front.
func exportBatchNorm(c *call) {
	shape := c.node.Type.Shape
	o := channelsFirst(max(2, len(shape)))
	inputs := []string{c.take(c.input(0), o)}
	for i := 1; i < 5; i++ {
		inputs = append(inputs, c.plain(i))
	}
	epsilon := float("epsilon", c.node.Attr.(graph.BatchNorm).Epsilon)
	if len(shape) > 1 {
		c.result("BatchNormalization", o, inputs, epsilon)
		return
	}
	y := c.main("row", "BatchNormalization", inputs, epsilon)
	c.last("reshaped", "Reshape", plain(1), []string{y, c.list("shape", shape)})
}

// exportLayerNorm composes (x − mean)/√(variance + ε)·scale + offset where the
// opset has no operator for it.
func exportLayerNorm(c *call) {
	o := c.lastAxisLast()
	x, epsilon := c.take(c.input(0), o), c.node.Attr.(graph.LayerNorm).Epsilon
	if c.opset >= 17 {
		inputs := []string{x}
		for i := 1; i < len(c.node.Inputs); i++ {
			inputs = append(inputs, c.plain(i))
		}
		c.result("LayerNormalization", o, inputs, integer("axis", -1), float("epsilon", epsilon))
		return
	}
	centred := c.step("centred", "Sub", []string{x, c.rowMean("mean", x)})
	variance := c.rowMean("variance", c.step("squares", "Mul", []string{centred, centred}))
	raised := c.step("raised", "Add", []string{variance, c.scalar("epsilon", epsilon)})
	even := c.step("even", "Div", []string{centred, c.step("deviation", "Sqrt", []string{raised})})
	if len(c.node.Inputs) == 2 {
		c.result("Mul", o, []string{even, c.plain(1)})
		return
	}
	c.result("Add", o, []string{c.step("scaled", "Mul", []string{even, c.plain(1)}), c.plain(2)})
}

// rowMean writes the mean along the last axis, which stays; opsets before 18
// take axes as an attribute.
func (c *call) rowMean(suffix, x string) string {
	return c.step(suffix, "ReduceMean", []string{x}, ints("axes", -1), integer("keepdims", 1))
}
