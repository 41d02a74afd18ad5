package export

import (
	"math"

	"megl-edge/runtime/graph"
)

// elementwise writes an operator that broadcasts its operands.
func elementwise(op string) func(c *call) {
	return func(c *call) {
		o := c.common(len(c.node.Type.Shape))
		inputs := make([]string, len(c.node.Inputs))
		for i, id := range c.node.Inputs {
			inputs[i] = c.takeOperand(id, o)
		}
		c.result(op, o, inputs)
	}
}

// first returns the first input in the order it was computed in.
func (c *call) first() (x string, o order) {
	o = c.orderOf(c.input(0))
	return c.take(c.input(0), o), o
}

func exportClamp(c *call) {
	x, o := c.first()
	op, inputs := c.limited(x, c.node.Attr.(graph.Clamp))
	c.result(op, o, inputs)
}

// limited returns the operator that keeps x in a range, and its inputs.
func (c *call) limited(x string, a graph.Clamp) (op string, inputs []string) {
	lower, upper := !math.IsInf(float64(a.Min), -1), !math.IsInf(float64(a.Max), 1)
	if lower && !upper && a.Min == 0 {
		return "Relu", []string{x}
	}
	inputs = []string{x}
	switch {
	case lower:
		inputs = append(inputs, c.scalar("min", a.Min))
	case upper:
		inputs = append(inputs, "")
	}
	if upper {
		inputs = append(inputs, c.scalar("max", a.Max))
	}
	return "Clip", inputs
}

func exportHardSwish(c *call) {
	x, o := c.first()
	op, inputs := c.hardSwish(x)
	c.result(op, o, inputs)
}

// hardSwish returns the last operator of x·min(max(x + 3, 0), 6)/6, and its
// inputs.
func (c *call) hardSwish(x string) (op string, inputs []string) {
	if c.opset >= 14 {
		return "HardSwish", []string{x}
	}
	raised := c.step("raised", "Add", []string{x, c.scalar("three", 3)})
	gate := c.step("gate", "Clip", []string{raised, c.scalar("zero", 0), c.scalar("six", 6)})
	return "Mul", []string{x, c.step("sixth", "Div", []string{gate, c.scalar("divisor", 6)})}
}

// exportGelu composes (x/2)·(erf(x/√2) + 1) where the opset has no operator for
// it, in the steps that this project's own runtime takes.
func exportGelu(c *call) {
	x, o := c.first()
	if c.opset >= 20 {
		c.result("Gelu", o, []string{x})
		return
	}
	scaled := c.step("scaled", "Mul", []string{x, c.scalar("root", 1/math.Sqrt2)})
	part := c.step("part", "Add", []string{c.step("erf", "Erf", []string{scaled}), c.scalar("one", 1)})
	c.result("Mul", o, []string{c.step("halved", "Mul", []string{x, c.scalar("half", 0.5)}), part})
}
