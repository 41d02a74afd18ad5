package export

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/proto"
)

// rows is int8 values that were rounded row by row, and the rows' scales.
type rows struct{ values, scales string }

// smallest keeps the scale of a row of zeros above 0.
const smallest = 0x1p-100

// exportInt8Linear: on int8 values a Gemm between dequantized operands, which
// runtimes know; else MatMulInteger, then the scales of columns and rows and the
// bias, in the order in which the kernel applies them.
func exportInt8Linear(c *call) {
	if c.graph.Node(c.input(0)).Type.Quant != nil {
		o := plain(2)
		operands := []string{
			c.dequantized("x", c.input(0), c.take(c.input(0), o), o),
			c.dequantized("w", c.input(1), c.take(c.input(1), o), o),
		}
		if len(c.node.Inputs) == 3 {
			operands = append(operands, c.plain(2))
		}
		c.result("Gemm", o, operands, integer("transB", 1))
		return
	}
	x := c.rowsOf(0)
	inputs := []string{x.values, c.take(c.input(1), matrixTransposed(2))}
	columns := c.quantityOf(c.input(1))
	inputs = append(inputs, "", columns.zeroPoint)
	scaled := c.scaled(c.step("sum", "MatMulInteger", inputs), columns.scale, x.scales)
	if len(c.node.Inputs) == 2 {
		c.result("Mul", plain(2), scaled)
		return
	}
	c.result("Add", plain(2), []string{c.step("scaled", "Mul", scaled), c.plain(2)})
}

// rowsOf returns operand i rounded to int8 row by row.
func (c *call) rowsOf(i int) rows {
	o := plain(len(c.shape(c.input(i))))
	return c.rounded("rows", c.take(c.input(i), o), len(o)-1)
}

// rounded writes the values of x in int8, with one scale for all along an axis:
// q = round(x·(127/m)), scale = m/127, m the greatest magnitude.
func (c *call) rounded(name, x string, axis int) rows {
	magnitude := c.step(name+"_magnitude", "Abs", []string{x})
	inputs, attributes := []string{magnitude}, []proto.Attribute{integer("keepdims", 1)}
	if c.opset >= 18 {
		inputs = append(inputs, c.list(name+"_axis", []int{axis}))
	} else {
		attributes = append(attributes, ints("axes", axis))
	}
	greatest := c.step(name+"_greatest", "ReduceMax", inputs, attributes...)
	greatest = c.step(name+"_above_zero", "Max", []string{greatest, c.scalar(name+"_smallest", smallest)})
	levels := c.scalar(name+"_levels", math.MaxInt8)
	inverse := c.step(name+"_inverse", "Div", []string{levels, greatest})
	whole := c.step(name+"_whole", "Round", []string{c.step(name+"_steps", "Mul", []string{x, inverse})})
	values := c.step(name+"_int8", "Cast", []string{whole}, integer("to", int(proto.Int8)))
	return rows{values: values, scales: c.step(name+"_scale", "Div", []string{greatest, levels})}
}

// scaled returns the factors of a product that is left to do: the int32 sums as
// real numbers by the scales of their columns, and the scales of the rows.
func (c *call) scaled(sum, columns, rows string) []string {
	real := c.step("sum_real", "Cast", []string{sum}, integer("to", int(proto.Float)))
	return []string{c.step("columns_scaled", "Mul", []string{real, columns}), rows}
}

// exportInt8MatMul rounds the rows of a and the columns of b.
func exportInt8MatMul(c *call) {
	rank := len(c.node.Type.Shape)
	o := plain(rank)
	if c.node.Attr.(graph.MatMul).TransposeB {
		o = matrixTransposed(rank)
	}
	a, b := c.rowsOf(0), c.rounded("columns", c.take(c.input(1), o), rank-2)
	sum := c.step("sum", "MatMulInteger", []string{a.values, b.values})
	c.result("Mul", plain(rank), c.scaled(sum, b.scales, a.scales))
}
