package qdq_test

import (
	"testing"

	"megl-edge/runtime/graph"
)

// convolution is a layer with its result quantized, as exporters write it.
func (n *network) convolution(x graph.ID, at graph.Conv, clamp *graph.Clamp, shape ...int) graph.ID {
	w := n.weights(0, shape...)
	y := n.apply(graph.OpConv, at, x, w, n.storedBias(x, w, shape[0]))
	if clamp != nil {
		y = n.apply(graph.OpClamp, *clamp, y)
		return n.quantized(y, 6./255, -128)
	}
	return n.quantized(y, 0.13, 4)
}

// A residual network with ReLU6, a global mean and a linear head runs int8 from
// the first layer to the logits.
func TestResidualNetwork(t *testing.T) {
	n := newNetwork()
	n.wide, n.weightScale = true, 0.004
	x := n.convolution(n.input(1, 12, 12, 3), square(2, 1, 1), &relu6, 8, 3, 3, 3)
	y := n.convolution(x, square(1, 1, 8), &relu6, 8, 3, 3, 1)
	y = n.convolution(y, square(1, 0, 1), nil, 8, 1, 1, 8)
	x = n.quantized(n.apply(graph.OpAdd, nil, x, y), 0.14, 2)
	x = n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, x)
	x = n.quantized(n.apply(graph.OpReshape, shaped(1, 8), x), 0.05, 0)
	w := n.weights(0, 10, 8)
	n.resultAs("logits", n.apply(graph.OpLinear, nil, x, w, n.storedBias(x, w, 10)), 0.4, 1)
	n.steps["logits"] = 0.8 // steps of earlier layers add up
	checkFused(t, n, "quantize quant_conv quant_conv quant_conv quant_add quant_mean reshape quant_linear dequantize")
}

// The projections of a transformer block are int8; its GELU is not.
func TestTransformerBlock(t *testing.T) {
	n := newNetwork()
	n.wide, n.weightScale = true, 0.004
	x := n.quantized(n.raw(1, 5, 16), 0.04, 3)
	project := func(x graph.ID, in, out int) graph.ID {
		y := n.apply(graph.OpMatMul, graph.MatMul{}, x, n.weights(2, 1, in, out))
		return n.apply(graph.OpAdd, nil, y, n.floats(1, out))
	}
	y := n.quantized(project(x, 16, 32), 0.05, 0)
	y = n.quantized(n.apply(graph.OpGelu, nil, y), 0.03, -120)
	y = n.quantized(project(y, 32, 16), 0.07, 5)
	n.result(n.apply(graph.OpAdd, nil, x, y))
	n.steps["y"] *= 2
	checkFused(t, n, "quantize reshape quant_linear reshape dequantize gelu quantize reshape quant_linear reshape quant_add dequantize")
}
