package export

import "megl-edge/runtime/graph"

func exportLinear(c *call) {
	inputs := make([]string, len(c.node.Inputs))
	for i := range inputs {
		inputs[i] = c.plain(i)
	}
	c.result("Gemm", plain(2), inputs, integer("transB", 1))
}

// exportMatMul takes transposed operands in the order that the product needs.
func exportMatMul(c *call) {
	a := c.node.Attr.(graph.MatMul)
	rank := len(c.node.Type.Shape)
	inputs := make([]string, 2)
	for i, transposed := range []bool{a.TransposeA, a.TransposeB} {
		o := plain(rank)
		if transposed {
			o = matrixTransposed(rank)
		}
		inputs[i] = c.take(c.input(i), o)
	}
	c.result("MatMul", plain(rank), inputs)
}
