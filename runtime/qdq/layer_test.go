package qdq_test

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// pattern is a graph and the ops that it fuses to.
type pattern struct {
	name  string
	ops   string
	build func(n *network)
}

var relu6 = graph.ReLU6

var layers = []pattern{
	{"conv", "quantize quant_conv dequantize", func(n *network) {
		x := n.input(1, 7, 6, 5)
		w := n.weights(0, 8, 3, 3, 5)
		n.result(n.apply(graph.OpConv, square(1, 1, 1), x, w, n.storedBias(x, w, 8)))
	}},
	{"conv, float bias, relu6", "quantize quant_conv dequantize", func(n *network) {
		y := n.apply(graph.OpConv, square(2, 0, 1), n.input(1, 7, 6, 5), n.weights(0, 8, 3, 3, 5), n.floats(2, 8))
		n.result(n.apply(graph.OpClamp, relu6, y))
	}},
	{"conv, added bias", "quantize quant_conv dequantize", func(n *network) {
		y := n.apply(graph.OpConv, square(1, 1, 4), n.input(1, 5, 5, 4), n.weights(0, 8, 3, 3, 1))
		n.result(n.apply(graph.OpAdd, nil, n.floats(2, 1, 1, 1, 8), y))
	}},
	{"conv, max pool", "quantize quant_conv max_pool dequantize", func(n *network) {
		y := n.apply(graph.OpConv, square(1, 1, 1), n.input(1, 6, 6, 3), n.weights(0, 4, 3, 3, 3))
		y = n.apply(graph.OpClamp, graph.ReLU, y)
		n.result(n.apply(graph.OpMaxPool, graph.Pool{Kernel: graph.HW{2, 2}, Stride: graph.HW{2, 2}}, y))
	}},
	{"conv, transposed weights", "quantize quant_conv dequantize", func(n *network) {
		w := n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{1, 3, 2, 0}}, n.weights(1, 5, 8, 2, 3))
		n.result(n.apply(graph.OpConv, square(1, 0, 1), n.input(1, 4, 5, 5), w))
	}},
	{"linear", "quantize quant_linear dequantize", func(n *network) {
		x := n.input(3, 17)
		w := n.weights(0, 11, 17)
		n.result(n.apply(graph.OpClamp, graph.ReLU, n.apply(graph.OpLinear, nil, x, w, n.storedBias(x, w, 11))))
	}},
	{"linear, transposed weights", "quantize quant_linear dequantize", func(n *network) {
		w := n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{1, 0}}, n.weights(1, 17, 11))
		n.result(n.apply(graph.OpLinear, nil, n.input(3, 17), w))
	}},
	{"linear, reshape, bias", "quantize reshape quant_linear reshape dequantize", func(n *network) {
		x := n.apply(graph.OpReshape, shaped(6, 17), n.input(2, 3, 17))
		y := n.apply(graph.OpReshape, shaped(2, 3, 11), n.apply(graph.OpLinear, nil, x, n.weights(0, 11, 17)))
		n.result(n.apply(graph.OpAdd, nil, y, n.floats(2, 11)))
	}},
	{"matmul", "quantize quant_linear dequantize", func(n *network) {
		n.result(n.apply(graph.OpMatMul, graph.MatMul{}, n.input(3, 17), n.weights(1, 17, 11)))
	}},
	{"matmul, bias", "quantize quant_linear dequantize", func(n *network) {
		y := n.apply(graph.OpMatMul, graph.MatMul{}, n.input(3, 17), n.weights(1, 17, 11))
		n.result(n.apply(graph.OpAdd, nil, n.floats(2, 11), y))
	}},
	{"matmul, transposed", "quantize quant_linear dequantize", func(n *network) {
		n.result(n.apply(graph.OpMatMul, graph.MatMul{TransposeB: true}, n.input(3, 17), n.weights(0, 11, 17)))
	}},
	{"matmul of rank 3, int8 bias", "quantize reshape quant_linear reshape dequantize", func(n *network) {
		y := n.apply(graph.OpMatMul, graph.MatMul{}, n.input(1, 4, 17), n.weights(2, 1, 17, 11))
		n.result(n.apply(graph.OpAdd, nil, y, n.activation(11)))
	}},
	{"matmul of a batch", "quantize reshape quant_linear reshape dequantize", func(n *network) {
		w := n.apply(graph.OpBroadcast, shaped(2, 3, 17, 11), n.weights(1, 17, 11))
		n.result(n.apply(graph.OpMatMul, graph.MatMul{}, n.input(2, 3, 4, 17), w))
	}},
	{"linear, bias in other units", "quantize quant_linear dequantize", func(n *network) {
		bias := tensor.Must(tensor.Of(tensor.Shape{1, 3}, []int32{-999, 0, 2000})).WithQuant(tensor.PerTensor(0.001, 50))
		y := n.apply(graph.OpLinear, nil, n.input(40, 7), n.weights(0, 3, 7))
		n.result(n.apply(graph.OpAdd, nil, y, n.dequantize(n.Constant("bias", bias))))
	}},
	{"linear, stored bias of two axes", "quantize quant_linear dequantize", func(n *network) {
		x, w := n.input(40, 7), n.weights(0, 1, 7)
		n.result(n.apply(graph.OpAdd, nil, n.apply(graph.OpLinear, nil, x, w), n.storedBias(x, w, 1, 1)))
	}},
	{"linear, reshaped bias", "quantize quant_linear dequantize", func(n *network) {
		x, w := n.input(40, 7), n.weights(0, 6, 7)
		bias := n.apply(graph.OpReshape, shaped(6), n.floats(2, 2, 3))
		n.result(n.apply(graph.OpLinear, nil, x, w, bias))
	}},
	{"linear, moved result", "quantize quant_linear reshape transpose dequantize", func(n *network) {
		y := n.apply(graph.OpLinear, nil, n.input(6, 17), n.weights(0, 12, 17))
		y = n.apply(graph.OpReshape, shaped(6, 3, 4), y)
		n.result(n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{1, 0, 2}}, y))
	}},
}

func TestLayers(t *testing.T) {
	kinds := []struct {
		name string
		set  func(n *network)
	}{
		{"one scale", func(*network) {}},
		{"scale per channel", func(n *network) { n.wide = true }},
		{"zero point", func(n *network) { n.weightZero = 21 }},
		{"both", func(n *network) { n.wide, n.weightZero = true, -4 }},
	}
	for _, p := range layers {
		for _, kind := range kinds {
			t.Run(p.name+"/"+kind.name, func(t *testing.T) {
				n := newNetwork()
				kind.set(n)
				p.build(n)
				checkFused(t, n, p.ops)
			})
		}
	}
}

// The fused node has the name of the layer, and what follows it is in its range.
func TestNameAndRange(t *testing.T) {
	for _, c := range []struct {
		scale    float32
		zero     int32
		clamp    graph.Clamp
		min, max int8
	}{
		{6. / 255, -128, graph.ReLU, -128, 127},
		{0.05, -128, graph.ReLU6, -128, -8},
		{0.05, -20, graph.ReLU6, -20, 100},
		{0.1, 0, graph.Clamp{Min: -1, Max: 1}, -10, 10},
		{4, 0, graph.Clamp{Min: -2, Max: 6}, 0, 2}, // ties go to even, as when such values are quantized
		{1, 0, graph.Clamp{Min: -1000, Max: -999}, -128, -128},
	} {
		n := newNetwork()
		y := n.apply(graph.OpClamp, c.clamp, n.apply(graph.OpLinear, nil, n.input(2, 3), n.weights(0, 4, 3)))
		n.resultAs("y", y, c.scale, c.zero)
		g := fuse(t, n.build(t))
		id, ok := g.Find("the_linear")
		if !ok {
			t.Fatalf("no node has the layer's name; the graph is %q", ops(g))
		}
		want := graph.Quantized{Scale: c.scale, ZeroPoint: c.zero, Min: c.min, Max: c.max}
		if got := g.Node(id).Attr; got != want {
			t.Errorf("the layer's result is %+v, want %+v", got, want)
		}
	}
}

// A bias that is stored in the right units stays bit by bit; others are rounded
// half to even.
func TestBias(t *testing.T) {
	n := newNetwork()
	x := n.quantized(n.raw(1, 2), 0.5, 0)
	w := n.dequantize(n.Constant("w", tensor.Must(tensor.Of(tensor.Shape{4, 2}, n.bytes(8))).WithQuant(tensor.PerTensor(0.25, 0))))
	bias := n.Constant("float", tensor.Must(tensor.Of(tensor.Shape{4}, []float32{0.0625, 0.1875, -0.3, 1e6})))
	n.result(n.apply(graph.OpLinear, nil, x, w, bias))
	g := fuse(t, n.build(t))
	id, ok := g.Find("float")
	if !ok {
		t.Fatal("the bias has lost its name")
	}
	got := tensor.Elements[int32](*g.Node(id).Value)
	for i, want := range []int32{0, 2, -2, 8e6} {
		if got[i] != want {
			t.Errorf("bias %d is %d, want %d", i, got[i], want)
		}
	}
}
