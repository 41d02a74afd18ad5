package export

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// quantity is the names of a quantized value's scale and zero point; int32 values
// have no zero point.
type quantity struct{ scale, zeroPoint string }

func exportQuantize(c *call) {
	x, o := c.first()
	c.quantize(x, o, c.node.Attr.(graph.Quantized))
}

func exportDequantize(c *call) {
	x, o := c.first()
	t := c.graph.Node(c.input(0)).Type
	if t.DType == tensor.Int32 {
		x = c.withoutZeroPoint(x, o, t)
	}
	c.result("DequantizeLinear", o, c.quantizedOperands(x, c.input(0)), scaleAxis(t.Quant, o)...)
}

// withoutZeroPoint subtracts the zero point of an int32 value, for which
// DequantizeLinear has none.
func (c *call) withoutZeroPoint(x string, o order, t tensor.Type) string {
	points := t.Quant.ZeroPoint
	zero := true
	for _, p := range points {
		zero = zero && p == 0
	}
	if zero {
		return x
	}
	shape := tensor.Shape{}
	if len(points) > 1 {
		shape = widenedShape(shape, len(o))
		shape[o.place(t.Quant.Axis)] = len(points)
	}
	return c.step("from_zero", "Sub", []string{x, c.parameter(c.node.Name+"/zero_point", tensor.Must(tensor.Of(shape, points)))})
}

// quantityOf writes the scale and the zero point of a value, once.
func (e *exporter) quantityOf(id graph.ID) quantity {
	if q, ok := e.quantities[id]; ok {
		return q
	}
	n := e.graph.Node(id)
	t := n.Type.Quant
	shape := tensor.Shape{}
	if !t.IsPerTensor() {
		shape = tensor.Shape{len(t.Scale)}
	}
	q := quantity{scale: e.parameter(n.Name+"/scale", tensor.Must(tensor.Of(shape, t.Scale)))}
	if n.Type.DType == tensor.Int8 {
		points := make([]int8, len(t.ZeroPoint))
		for i, z := range t.ZeroPoint {
			points[i] = int8(z)
		}
		q.zeroPoint = e.parameter(n.Name+"/zero_point", tensor.Must(tensor.Of(shape, points)))
	}
	e.quantities[id] = q
	return q
}

// quantizedOperands returns the inputs of a node between the integers x of a
// value and its real numbers.
func (e *exporter) quantizedOperands(x string, id graph.ID) []string {
	q := e.quantityOf(id)
	if q.zeroPoint == "" {
		return []string{x, q.scale}
	}
	return []string{x, q.scale, q.zeroPoint}
}

// scaleAxis returns the attribute that names the axis of the scales.
func scaleAxis(q *tensor.Quantization, o order) []proto.Attribute {
	if q.IsPerTensor() {
		return nil
	}
	return []proto.Attribute{integer("axis", o.place(q.Axis))}
}

// dequantized writes the real numbers of an input, for this node alone: runtimes look
// for such pairs of nodes.
func (c *call) dequantized(suffix string, id graph.ID, x string, o order) string {
	q := c.graph.Node(id).Type.Quant
	return c.step(suffix, "DequantizeLinear", c.quantizedOperands(x, id), scaleAxis(q, o)...)
}

// quantize writes the last node of a quantized op: the int8 values of x, limited
// to the range that the op leaves.
func (c *call) quantize(x string, o order, to graph.Quantized) {
	limits := to.Range()
	if to.Min == math.MinInt8 {
		limits.Min = float32(math.Inf(-1))
	}
	if to.Max == math.MaxInt8 {
		limits.Max = float32(math.Inf(1))
	}
	if to.Min != math.MinInt8 || to.Max != math.MaxInt8 {
		op, inputs := c.limited(x, limits)
		x = c.step("limited", op, inputs)
	}
	c.last("quantized", "QuantizeLinear", o, c.quantizedOperands(x, c.id))
}

func exportQuantConv(c *call) {
	a := c.node.Attr.(graph.QuantConv)
	c.quantize(c.main("real", "Conv", c.layerOperands(image), c.convAttributes(a.Conv)...), image, a.Output)
}

func exportQuantLinear(c *call) {
	y := c.main("real", "Gemm", c.layerOperands(plain(2)), integer("transB", 1))
	c.quantize(y, plain(2), c.node.Attr.(graph.Quantized))
}

// layerOperands returns the real operands of a layer, values and weights in
// order o.
func (c *call) layerOperands(o order) []string {
	operands := []string{
		c.dequantized("x", c.input(0), c.take(c.input(0), o), o),
		c.dequantized("w", c.input(1), c.take(c.input(1), o), o),
	}
	if len(c.node.Inputs) == 3 {
		operands = append(operands, c.realBias())
	}
	return operands
}

// realBias writes the bias in units of input scale · weight scale, whatever
// scale it says it has: that is what it is worth.
func (c *call) realBias() string {
	x, w := c.graph.Node(c.input(0)).Type.Quant, c.graph.Node(c.input(1)).Type.Quant
	scales, shape := make([]float32, len(w.Scale)), tensor.Shape{}
	for i, scale := range w.Scale {
		scales[i] = x.Scale[0] * scale
	}
	var attributes []proto.Attribute
	if !w.IsPerTensor() {
		shape = tensor.Shape{len(scales)}
		attributes = append(attributes, integer("axis", 0))
	}
	scale := c.parameter(c.node.Name+"/bias_scale", tensor.Must(tensor.Of(shape, scales)))
	return c.step("bias", "DequantizeLinear", []string{c.plain(2), scale}, attributes...)
}

func quantElementwise(op string) func(c *call) {
	return func(c *call) {
		o := c.common(len(c.node.Type.Shape))
		var operands []string
		for i, suffix := range []string{"a", "b"} {
			operands = append(operands, c.dequantized(suffix, c.input(i), c.takeOperand(c.input(i), o), o))
		}
		c.quantize(c.main("real", op, operands), o, c.node.Attr.(graph.Quantized))
	}
}

func exportQuantAvgPool(c *call) {
	a := c.node.Attr.(graph.QuantPool)
	x := c.dequantized("x", c.input(0), c.take(c.input(0), image), image)
	c.quantize(c.main("real", "AveragePool", []string{x}, averageAttributes(a.Pool)...), image, a.Output)
}

func exportQuantMean(c *call) {
	a := c.node.Attr.(graph.QuantReduce)
	if isGlobalAverage(a.Reduce, c.shape(c.input(0))) {
		x := c.dequantized("x", c.input(0), c.take(c.input(0), image), image)
		c.quantize(c.main("real", "GlobalAveragePool", []string{x}), image, a.Output)
		return
	}
	x, o := c.first()
	real := c.dequantized("x", c.input(0), x, o)
	if len(a.Axes) > 0 {
		inputs, attributes := c.reduceOperands("ReduceMean", real, o, a.Reduce)
		real = c.main("real", "ReduceMean", inputs, attributes...)
	}
	c.quantize(real, reducedOrder(o, a.Reduce), a.Output)
}

func exportQuantUnary(c *call) {
	a := c.node.Attr.(graph.QuantUnary)
	x, o := c.first()
	y := c.dequantized("x", c.input(0), x, o)
	switch a.Function {
	case graph.Sigmoid:
		y = c.main("real", "Sigmoid", []string{y})
	case graph.HardSwish:
		op, inputs := c.hardSwish(y)
		y = c.main("real", op, inputs)
	}
	c.quantize(y, o, a.Output)
}
