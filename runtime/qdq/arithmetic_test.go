package qdq_test

import (
	"testing"

	"megl-edge/runtime/graph"
)

var window = graph.Pool{Kernel: graph.HW{3, 2}, Stride: graph.HW{2, 1}, Pad: graph.Sides{1, 0, 1, 1}}

var arithmetic = []pattern{
	{"add", "quantize quantize quant_add dequantize", func(n *network) {
		n.result(n.apply(graph.OpAdd, nil, n.input(2, 5, 3), n.input(2, 5, 3)))
	}},
	{"add, relu", "quantize quantize quant_add dequantize", func(n *network) {
		n.result(n.apply(graph.OpClamp, graph.ReLU, n.apply(graph.OpAdd, nil, n.input(2, 5, 3), n.input(2, 5, 3))))
	}},
	{"add of a constant", "quantize broadcast quant_add dequantize", func(n *network) {
		n.result(n.apply(graph.OpAdd, nil, n.activation(3), n.input(2, 5, 3)))
	}},
	{"add to itself", "quantize quant_add dequantize", func(n *network) {
		x := n.input(2, 5, 3)
		n.result(n.apply(graph.OpAdd, nil, x, x))
	}},
	{"mul", "quantize quantize quant_mul dequantize", func(n *network) {
		n.result(n.apply(graph.OpMul, nil, n.input(2, 5, 3), n.input(2, 5, 3)))
	}},
	{"mul, broadcast", "quantize quantize quant_mul dequantize", func(n *network) {
		n.result(n.apply(graph.OpMul, nil, n.input(2, 5, 5, 3), n.input(2, 1, 1, 3)))
	}},
	{"average pool", "quantize quant_avg_pool dequantize", func(n *network) {
		n.result(n.apply(graph.OpAvgPool, window, n.input(1, 7, 6, 5)))
	}},
	{"average pool, padding counted", "quantize quant_avg_pool dequantize", func(n *network) {
		counted := window
		counted.CountPadding = true
		n.result(n.apply(graph.OpAvgPool, counted, n.input(1, 7, 6, 5)))
	}},
	{"mean", "quantize quant_mean dequantize", func(n *network) {
		n.result(n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, n.input(1, 3, 2, 25)))
	}},
	{"mean of the last axis", "quantize quant_mean dequantize", func(n *network) {
		n.result(n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{2}}, n.input(2, 20, 3)))
	}},
	{"sigmoid", "quantize quant_unary dequantize", func(n *network) {
		n.result(n.apply(graph.OpSigmoid, nil, n.input(2, 50)))
	}},
	{"hard swish", "quantize quant_unary dequantize", func(n *network) {
		n.result(n.apply(graph.OpHardSwish, nil, n.input(2, 50)))
	}},
	{"relu", "quantize quant_unary dequantize", func(n *network) {
		n.result(n.apply(graph.OpClamp, graph.ReLU, n.input(2, 50)))
	}},
	{"another scale", "quantize quant_unary dequantize", func(n *network) { n.result(n.input(2, 50)) }},
}

func TestArithmetic(t *testing.T) {
	for _, p := range arithmetic {
		t.Run(p.name, func(t *testing.T) {
			n := newNetwork()
			p.build(n)
			checkFused(t, n, p.ops)
		})
	}
}

// Functions and requantization are tables of what the float ops give: every bit
// is the same.
func TestTablesAreExact(t *testing.T) {
	for _, p := range arithmetic[len(arithmetic)-4:] {
		n := newNetwork()
		p.build(n)
		g := n.build(t)
		before, after := run(t, g)["y"], run(t, fuse(t, g))["y"]
		for i, v := range before {
			if after[i] != v {
				t.Fatalf("%s: element %d is %v, float ops give %v", p.name, i, after[i], v)
			}
		}
	}
}

// What has the scale and zero point asked for already is not computed again,
// and neither is a relu that the range implies.
func TestSameQuantizationIsNothing(t *testing.T) {
	n := newNetwork()
	x := n.quantized(n.raw(2, 40), 0.05, -128)
	x = n.quantized(x, 0.05, -128)
	x = n.apply(graph.OpClamp, graph.ReLU, x)
	n.resultAs("y", x, 0.05, -128)
	checkFused(t, n, "quantize dequantize")

	n = newNetwork()
	x = n.apply(graph.OpClamp, graph.ReLU, n.quantized(n.raw(2, 40), 0.05, -100))
	n.resultAs("y", x, 0.05, -100) // here it is needed
	checkFused(t, n, "quantize quant_unary dequantize")
}
