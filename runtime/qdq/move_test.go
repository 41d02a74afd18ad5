package qdq_test

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// moving quantizes what a move gives as its operand is quantized.
func moving(op graph.Op, attr graph.Attr) func(n *network) {
	return func(n *network) {
		n.resultAs("y", n.apply(op, attr, n.quantized(n.raw(1, 4, 4, 3), n.scale, 5)), n.scale, 5)
	}
}

// indices is a constant for gather.
func (n *network) indices(shape tensor.Shape, values ...int32) graph.ID {
	return n.Constant("indices", tensor.Must(tensor.Of(shape, values)))
}

var moves = []pattern{
	{"reshape", "quantize reshape dequantize", moving(graph.OpReshape, shaped(6, 8))},
	{"broadcast", "quantize broadcast dequantize", moving(graph.OpBroadcast, shaped(2, 4, 4, 3))},
	{"transpose", "quantize transpose dequantize", moving(graph.OpTranspose, graph.Transpose{Perm: []int{0, 3, 1, 2}})},
	{"slice", "quantize slice dequantize", moving(graph.OpSlice, graph.Slice{Start: []int{0, 1, 0, 1}, Size: tensor.Shape{1, 2, 4, 2}})},
	{"pad", "quantize pad dequantize", moving(graph.OpPad, graph.Pad{Before: []int{0, 1, 0, 0}, After: []int{0, 0, 2, 0}})},
	{"max pool", "quantize max_pool dequantize", moving(graph.OpMaxPool, window)},
	{"gather", "quantize gather dequantize", func(n *network) {
		x := n.quantized(n.raw(5, 4), n.scale, 5)
		n.resultAs("y", n.apply(graph.OpGather, graph.Axis{Axis: 1}, x, n.indices(tensor.Shape{2}, 3, 0)), n.scale, 5)
	}},
	{"gather elements", "quantize gather_elements dequantize", func(n *network) {
		x := n.quantized(n.raw(2, 4), n.scale, 5)
		n.resultAs("y", n.apply(graph.OpGatherElements, graph.Axis{Axis: 1}, x, n.indices(tensor.Shape{2, 2}, 3, 0, 1, 1)), n.scale, 5)
	}},
	{"concat", "quantize quantize concat dequantize", func(n *network) {
		a, b := n.quantized(n.raw(2, 9), n.scale, 5), n.quantized(n.raw(2, 7), n.scale, 5)
		n.resultAs("y", n.apply(graph.OpConcat, graph.Axis{Axis: 1}, a, b), n.scale, 5)
	}},
	{"concat of two scales", "quantize quantize quant_unary concat dequantize", func(n *network) {
		a, b := n.quantized(n.raw(2, 9), n.scale, 5), n.quantized(n.raw(2, 7), 2*n.scale, 5)
		n.resultAs("y", n.apply(graph.OpConcat, graph.Axis{Axis: 1}, a, b), n.scale, 5)
	}},
	{"concat of a layer", "quantize quant_linear quant_unary concat dequantize", func(n *network) {
		x := n.input(3, 17)
		y := n.apply(graph.OpLinear, nil, x, n.weights(0, 11, 17))
		n.result(n.apply(graph.OpConcat, graph.Axis{Axis: 1}, y, x))
	}},
	{"pad of a layer", "quantize quant_linear pad dequantize", func(n *network) {
		y := n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17))
		n.result(n.apply(graph.OpPad, graph.Pad{Before: []int{1, 0}, After: []int{0, 1}, Value: 2.34}, y))
	}},
	{"reshaped table", "quantize quant_add dequantize", func(n *network) {
		n.result(n.apply(graph.OpAdd, nil, n.input(3, 4), n.apply(graph.OpReshape, shaped(3, 4), n.activation(12))))
	}},
	{"many moves", "quantize pad transpose reshape quant_linear reshape dequantize", func(n *network) {
		x := n.apply(graph.OpPad, graph.Pad{Before: []int{0, 0, 1}, After: []int{0, 0, 0}}, n.input(2, 3, 4))
		x = n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{0, 2, 1}}, x)
		x = n.apply(graph.OpReshape, shaped(5, 6), x)
		y := n.apply(graph.OpLinear, nil, x, n.weights(0, 7, 6))
		n.result(n.apply(graph.OpReshape, shaped(7, 5), y))
	}},
}

func TestMoves(t *testing.T) {
	for _, p := range moves {
		t.Run(p.name, func(t *testing.T) {
			n := newNetwork()
			p.build(n)
			checkFused(t, n, p.ops)
		})
	}
}

// Moved values that are read as float are dequantized after they were moved,
// and a layer behind them finds them.
func TestDequantizeSinks(t *testing.T) {
	n := newNetwork()
	x := n.apply(graph.OpReshape, shaped(4, 10), n.input(5, 8))
	n.result(n.apply(graph.OpLinear, nil, x, n.weights(0, 3, 10)))
	n.Output("real", n.apply(graph.OpExp, nil, x))
	fused := checkFused(t, n, "quantize reshape dequantize quant_linear dequantize exp")
	if _, ok := fused.Find("the_reshape"); !ok {
		t.Error("the reshape has lost its name")
	}
}

// A padding that int8 values cannot be stays float where its result is read as
// float, and a value clamped away does not come back with the padding.
func TestPaddingThatStaysFloat(t *testing.T) {
	pad := graph.Pad{Before: []int{0, 0}, After: []int{0, 2}, Value: -0.7}
	n := newNetwork()
	y := n.apply(graph.OpPad, pad, n.quantized(n.raw(3, 17), 0.5, 0))
	n.Output("y", y)
	n.steps["y"] = 1e-6
	checkFused(t, n, "quantize dequantize pad")

	n = newNetwork()
	y = n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17))
	n.result(n.apply(graph.OpClamp, graph.ReLU, n.apply(graph.OpPad, pad, y)))
	checkFused(t, n, "quantize dequantize dequantize linear pad clamp quantize dequantize")
}
