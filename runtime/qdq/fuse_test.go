package qdq_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/qdq"
	"megl-edge/runtime/tensor"
)

var all = slices.Concat(layers, arithmetic, moves)

// What cannot be int8 stays as it is.
func TestWhatStaysFloat(t *testing.T) {
	for _, p := range []pattern{
		{"float weights", "quantize dequantize linear quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpLinear, nil, n.input(3, 17), n.floats(1, 11, 17)))
		}},
		{"computed weights", "quantize dequantize quantize dequantize linear quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpLinear, nil, n.input(3, 17), n.input(11, 17)))
		}},
		{"float input", "dequantize linear quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpLinear, nil, n.raw(3, 17), n.weights(0, 11, 17)))
		}},
		{"computed bias", "quantize dequantize dequantize linear quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17), n.raw(11)))
		}},
		{"large bias", "quantize dequantize dequantize linear quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17), n.floats(1e7, 11)))
		}},
		{"float result", "quantize dequantize dequantize linear", func(n *network) {
			n.Output("y", n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17)))
		}},
		{"result read twice", "quantize dequantize dequantize linear quantize dequantize", func(n *network) {
			y := n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17))
			n.Output("real", y)
			n.result(y)
		}},
		{"product of activations", "quantize dequantize quantize dequantize matmul quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpMatMul, graph.MatMul{}, n.input(3, 17), n.input(17, 4)))
		}},
		{"first factor transposed", "quantize dequantize dequantize matmul quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpMatMul, graph.MatMul{TransposeA: true}, n.input(17, 3), n.weights(1, 17, 4)))
		}},
		{"matrices of a batch", "quantize dequantize dequantize matmul quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpMatMul, graph.MatMul{}, n.input(2, 3, 17), n.weights(2, 2, 17, 4)))
		}},
		{"one row for all", "quantize quant_linear dequantize broadcast dequantize quantize dequantize matmul quantize dequantize", func(n *network) {
			row := n.weights(0, 1, 4)
			n.resultAs("a", n.apply(graph.OpMatMul, graph.MatMul{}, n.input(5, 1), row), 1, 0)
			wide := n.apply(graph.OpBroadcast, shaped(17, 4), row)
			n.resultAs("b", n.apply(graph.OpMatMul, graph.MatMul{}, n.input(3, 17), wide), 1, 0)
		}},
		{"a number for each row", "quantize dequantize dequantize linear add quantize dequantize", func(n *network) {
			y := n.apply(graph.OpLinear, nil, n.input(11, 17), n.weights(0, 11, 17))
			n.result(n.apply(graph.OpAdd, nil, y, n.floats(1, 11, 1)))
		}},
		{"bias with scales for its rows", "quantize dequantize dequantize dequantize reshape linear quantize dequantize", func(n *network) {
			x, w := n.input(4, 17), n.weights(0, 6, 17)
			n.wide = true
			n.result(n.apply(graph.OpLinear, nil, x, w, n.apply(graph.OpReshape, shaped(6), n.weights(0, 2, 3))))
		}},
		{"layer read before its bias is added", "quantize dequantize dequantize linear add quantize dequantize", func(n *network) {
			y := n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17))
			n.Output("real", y)
			n.result(n.apply(graph.OpAdd, nil, y, n.floats(1, 11)))
		}},
		{"layer read before it is reshaped", "quantize dequantize dequantize linear reshape add quantize dequantize", func(n *network) {
			y := n.apply(graph.OpLinear, nil, n.input(6, 17), n.weights(0, 11, 17))
			n.Output("real", y)
			n.result(n.apply(graph.OpAdd, nil, n.apply(graph.OpReshape, shaped(2, 3, 11), y), n.floats(1, 11)))
		}},
		{"huge factor", "quantize dequantize quantize dequantize mul quantize dequantize", func(n *network) {
			n.scale = 1e20
			n.resultAs("y", n.apply(graph.OpMul, nil, n.input(2, 3), n.input(2, 3)), 1e20, 0)
		}},
		{"mean of too many", "quantize dequantize reduce_mean quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1}}, n.input(1, 1<<23+1)))
		}},
		{"sum with int32 values", "quantize dequantize dequantize add quantize dequantize", func(n *network) {
			table := tensor.Must(tensor.Of(tensor.Shape{2, 2}, []int32{1, 2, 3, 4})).WithQuant(tensor.PerTensor(0.5, 0))
			n.result(n.apply(graph.OpAdd, nil, n.input(2, 2), n.dequantize(n.Constant("table", table))))
		}},
		{"int32 values", "dequantize quantize dequantize", func(n *network) {
			table := tensor.Must(tensor.Of(tensor.Shape{2, 2}, []int32{1, 2, 3, 4})).WithQuant(tensor.PerTensor(0.5, 0))
			n.result(n.dequantize(n.Constant("table", table)))
		}},
		{"scales along inputs", "quantize dequantize dequantize linear quantize dequantize", func(n *network) {
			n.wide = true
			n.result(n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(1, 11, 17)))
		}},
		{"function without a table", "quantize dequantize tanh quantize dequantize", func(n *network) {
			n.result(n.apply(graph.OpTanh, nil, n.input(3, 17)))
		}},
	} {
		t.Run(p.name, func(t *testing.T) {
			n := newNetwork()
			p.build(n)
			g := n.build(t)
			if got := ops(fuse(t, g)); got != p.ops {
				t.Errorf("fused to %q, want %q", got, p.ops)
			}
		})
	}
}

// Sums that could leave int32 stay float; the bias alone decides here.
func TestSumsStayWithinInt32(t *testing.T) {
	const stays = "quantize dequantize dequantize dequantize linear quantize dequantize"
	for bias, want := range map[int32]string{
		math.MaxInt32 - 255*127*2:     "quantize quant_linear dequantize",
		math.MaxInt32 - 255*127*2 + 1: stays,
		math.MinInt32:                 stays,
	} {
		n := newNetwork()
		x := n.quantized(n.raw(1, 2), 0.5, -128)
		w := n.dequantize(n.Constant("w", tensor.Must(tensor.Of(tensor.Shape{1, 2}, []int8{127, -127})).WithQuant(tensor.PerTensor(0.25, 0))))
		b := n.dequantize(n.Constant("b", tensor.Must(tensor.Of(tensor.Shape{1}, []int32{bias})).WithQuant(tensor.PerTensor(0.125, 0))))
		n.result(n.apply(graph.OpLinear, nil, x, w, b))
		if got := ops(fuse(t, n.build(t))); got != want {
			t.Errorf("with a bias of %d: fused to %q, want %q", bias, got, want)
		}
	}
}

// A graph without anything to fuse is returned as it is, and so is one that was
// fused before.
func TestNothingToDo(t *testing.T) {
	n := newNetwork()
	y := n.apply(graph.OpConv, square(1, 1, 1), n.raw(1, 5, 5, 3), n.floats(1, 4, 3, 3, 3), n.floats(1, 4))
	n.Output("y", n.apply(graph.OpClamp, graph.ReLU, y))
	g := n.build(t)
	checkEqual(t, g, fuse(t, g))
	for _, p := range all {
		n := newNetwork()
		p.build(n)
		once := fuse(t, n.build(t))
		checkEqual(t, once, fuse(t, once))
	}
}

func checkEqual(t *testing.T, a, b *graph.Graph) {
	t.Helper()
	if a.Len() != b.Len() || !slices.Equal(a.Outputs(), b.Outputs()) {
		t.Fatalf("graph %q became %q", ops(a), ops(b))
	}
	for id, x := range a.Nodes() {
		y := b.Node(id)
		if x.Op != y.Op || x.Name != y.Name || !x.Type.Equal(y.Type) || !slices.Equal(x.Inputs, y.Inputs) {
			t.Errorf("node %d is %s %q, was %s %q", id, y.Op, y.Name, x.Op, x.Name)
		}
	}
}

// A value that is quantized twice in one way, as exporters write it for each of
// its readers, counts as read once.
func TestEqualQuantizationsAreOne(t *testing.T) {
	n := newNetwork()
	y := n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17))
	n.resultAs("a", y, n.resultScale, 4)
	n.resultAs("b", y, n.resultScale, 4)
	checkFused(t, n, "quantize quant_linear dequantize")
}

// Nodes that nothing needs neither stop a fusion nor stay.
func TestUnneededNodes(t *testing.T) {
	n := newNetwork()
	y := n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17))
	n.apply(graph.OpExp, nil, y)
	n.result(y)
	checkFused(t, n, "quantize quant_linear dequantize")
}

// New nodes take no name that an input has.
func TestNamesOfInputsStayFree(t *testing.T) {
	n := newNetwork()
	x := n.apply(graph.OpReshape, shaped(10), n.input(2, 5))
	other := n.Input("the_reshape/real", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{10}})
	second := n.Input("dequantize/requantized", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{10}})
	y := n.apply(graph.OpConcat, graph.Axis{Axis: 0}, x, n.quantized(other, 0.7, 0), n.quantized(second, 0.9, 0))
	n.result(y)
	checkFused(t, n, "quantize reshape quantize quantize quant_unary quant_unary quant_unary concat dequantize")
}

// Scales at the ends of float32 give a valid graph that compiles and runs,
// fused or not.
func TestExtremeScales(t *testing.T) {
	extremes := []float32{math.SmallestNonzeroFloat32, 1e-22, 1, math.MaxFloat32 / 1024}
	for _, p := range all {
		for _, x := range extremes {
			for _, w := range extremes {
				for _, y := range extremes {
					n := newNetwork()
					n.scale, n.weightScale, n.resultScale = x, w, y
					p.build(n)
					g, err := n.Build()
					if err != nil { // a bias scale that float32 has not
						continue
					}
					fused := fuse(t, g)
					qdq.Report(fused)
					run(t, fused)
				}
			}
		}
	}
}

// Files made to cost much: long chains, and one set of weights for many ops. It
// is copied once for all layers, and no more often than it lies in the file.
func TestHostileGraphs(t *testing.T) {
	n := newNetwork()
	y := n.apply(graph.OpLinear, nil, n.input(3, 17), n.weights(0, 11, 17))
	for range 20_000 {
		y = n.apply(graph.OpClamp, graph.ReLU, y)
	}
	n.result(y)
	g := fuse(t, n.build(t))
	checkCount(t, g, graph.OpQuantLinear, 0)

	n = newNetwork()
	w, x := n.weights(1, 8, 4), n.input(2, 8)
	for i := range 100 {
		n.resultAs(fmt.Sprint("y", i), n.apply(graph.OpMatMul, graph.MatMul{}, x, w), float32(1+i), 0)
	}
	g = fuse(t, n.build(t))
	checkCount(t, g, graph.OpQuantLinear, 100)
	checkCount(t, g, graph.OpConstant, 1)

	n = newNetwork()
	w = n.weights(0, 2, 3, 4, 5, 1)
	for i := range 5 {
		perm := []int{i, (i + 1) % 5, (i + 2) % 5, (i + 3) % 5, (i + 4) % 5}
		n.Output(fmt.Sprint("y", i), n.apply(graph.OpTranspose, graph.Transpose{Perm: perm}, w))
	}
	checkCount(t, fuse(t, n.build(t)), graph.OpConstant, 2)
}

func checkCount(t *testing.T, g *graph.Graph, op graph.Op, want int) {
	t.Helper()
	count := 0
	for _, n := range g.Nodes() {
		if n.Op == op {
			count++
		}
	}
	if count != want {
		t.Errorf("%d nodes are %s, want %d", count, op, want)
	}
}
