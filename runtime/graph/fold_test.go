package graph_test

import (
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// What changes nothing goes away.
func TestFoldsOfIdentities(t *testing.T) {
	for name, build := range map[string]func(n *network, x graph.ID) graph.ID{
		"reshape to the same shape": func(n *network, x graph.ID) graph.ID {
			return n.apply(graph.OpReshape, graph.Shape{Shape: tensor.Shape{2, 3}}, x)
		},
		"reshape and back": func(n *network, x graph.ID) graph.ID {
			return n.Reshape(n.Reshape(n.Reshape(x, tensor.Shape{6}), tensor.Shape{3, 2}), tensor.Shape{2, 3})
		},
		"broadcast to the same shape": func(n *network, x graph.ID) graph.ID {
			return n.apply(graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{2, 3}}, x)
		},
		"identity permutation": func(n *network, x graph.ID) graph.ID {
			return n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{0, 1}}, x)
		},
		"slice of everything": func(n *network, x graph.ID) graph.ID {
			return n.apply(graph.OpSlice, graph.Slice{Start: []int{0, 0}, Size: tensor.Shape{2, 3}}, x)
		},
		"no padding": func(n *network, x graph.ID) graph.ID {
			return n.apply(graph.OpPad, graph.Pad{Before: []int{0, 0}, After: []int{0, 0}, Value: 3}, x)
		},
		"cast to its own type": func(n *network, x graph.ID) graph.ID {
			return n.apply(graph.OpCast, graph.Cast{DType: tensor.Float32}, x)
		},
		"reduction over nothing": func(n *network, x graph.ID) graph.ID {
			return n.apply(graph.OpReduceMax, graph.Reduce{}, x)
		},
		"sum of one repetition": func(n *network, x graph.ID) graph.ID {
			wide := n.apply(graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{1, 2, 3}}, x)
			return n.apply(graph.OpReduceSum, graph.Reduce{Axes: []int{0}}, wide)
		},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(1)
			n.Output("y", build(n, n.input(2, 3)))
			if s := checkSimplified(t, n.build(t), n.fed); s.Len() != 1 {
				t.Errorf("%d nodes are left, want the input only", s.Len())
			}
		})
	}
}

// A transpose that permutes and a slice that cuts stay.
func TestFoldsLeaveOthers(t *testing.T) {
	n := newNetwork(1)
	x := n.input(3, 3)
	n.Output("transposed", n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{1, 0}}, x))
	n.Output("reshaped", n.Reshape(x, tensor.Shape{9}))
	g := n.build(t)
	if s := checkSimplified(t, g, n.fed); s.Len() != g.Len() {
		t.Errorf("%d of %d nodes are left", s.Len(), g.Len())
	}
}

func TestFoldReduce(t *testing.T) {
	type reduction struct {
		from, to tensor.Shape
		attr     graph.Reduce
		folds    bool
	}
	for _, r := range []reduction{
		{tensor.Shape{1, 3}, tensor.Shape{4, 3}, graph.Reduce{Axes: []int{0}}, true},
		{tensor.Shape{1, 3}, tensor.Shape{4, 3}, graph.Reduce{Axes: []int{0}, KeepDims: true}, true},
		{tensor.Shape{}, tensor.Shape{4, 3}, graph.Reduce{Axes: []int{0, 1}}, true},
		{tensor.Shape{3, 1, 1}, tensor.Shape{2, 3, 4, 5}, graph.Reduce{Axes: []int{0, 2, 3}}, true},
		{tensor.Shape{3, 1, 1}, tensor.Shape{2, 3, 4, 5}, graph.Reduce{Axes: []int{2, 3}}, false}, // still repeated along axis 0
		{tensor.Shape{1, 3}, tensor.Shape{4, 3}, graph.Reduce{Axes: []int{1}}, false},
		{tensor.Shape{1, 3}, tensor.Shape{4, 3}, graph.Reduce{Axes: []int{0, 1}}, false},
	} {
		for _, op := range []graph.Op{graph.OpReduceSum, graph.OpReduceMean, graph.OpReduceMax, graph.OpReduceMin} {
			n := newNetwork(1)
			wide := n.apply(graph.OpBroadcast, graph.Shape{Shape: r.to}, n.input(r.from...))
			n.Output("y", n.apply(op, r.attr, wide))
			s := checkSimplified(t, n.build(t), n.fed)
			if folded := count(s, op) == 0; folded != r.folds {
				t.Errorf("%s of %v repeated to %v over axes %v is folded: %v", op, r.from, r.to, r.attr.Axes, folded)
			}
		}
	}
}

// powersOfTwo are scales with which float32 and float64 give the same.
var powersOfTwo = []float32{1.0 / 64, 1.0 / 32, 1.0 / 128, 1.0 / 16, 1.0 / 256}

// heads are classifiers behind a feature map: pooling and a linear layer.
var heads = map[string]func(n *network, class graph.ID) (features, slope graph.ID){
	"float": func(n *network, class graph.ID) (graph.ID, graph.ID) {
		x := n.input(1, 4, 4, 6)
		pooled := n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}}, x)
		return x, slopeOf(n, n.apply(graph.OpLinear, nil, pooled, n.floats(5, 6), n.floats(5)), class, x)
	},
	"int8 per channel": func(n *network, class graph.ID) (graph.ID, graph.ID) {
		return int8Head(n, class, powersOfTwo, 0)
	},
	"int8 per channel with zero points": func(n *network, class graph.ID) (graph.ID, graph.ID) {
		return int8Head(n, class, powersOfTwo, 7)
	},
	"int8 per tensor": func(n *network, class graph.ID) (graph.ID, graph.ID) {
		return int8Head(n, class, []float32{1.0 / 64}, 0)
	},
	"int8 per tensor with zero point": func(n *network, class graph.ID) (graph.ID, graph.ID) {
		return int8Head(n, class, []float32{1.0 / 64}, -3)
	},
}

// int8Head differentiates the logits before they are limited to int8.
func int8Head(n *network, class graph.ID, scales []float32, zeroPoint int32) (features, slope graph.ID) {
	x := n.int8(1.0/16, 3, 1, 4, 4, 6)
	pooled := n.apply(graph.OpQuantMean, graph.QuantReduce{Reduce: graph.Reduce{Axes: []int{1, 2}}, Output: to(1.0/16, 3)}, x)
	w := n.weights(scales, zeroPoint, 5, 6)
	layer := *n.Node(n.apply(graph.OpQuantLinear, to(0.03, 0), pooled, w, n.bias(1.0/16, w)))
	limited, _ := n.Decompose(&layer, []graph.ID{n.Real(layer.Inputs[0]), n.Real(layer.Inputs[1]), n.Real(layer.Inputs[2])})
	return x, slopeOf(n, n.Node(limited).Inputs[0], class, x)
}

func slopeOf(n *network, logits, class, x graph.ID) graph.ID {
	hot := n.apply(graph.OpOneHot, graph.OneHot{Depth: n.Shape(logits)[1]}, class)
	return n.VJP(logits, hot, x)[0]
}

// Grad-CAM of a pooling-plus-linear head is CAM: a row of the weights.
func TestClassActivationMap(t *testing.T) {
	for name, head := range heads {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(4)
			class := n.Input("class", of(tensor.Int32, 1))
			n.fed[class] = []float64{0}
			x, slope := head(n, class)
			n.Output("channel weights", n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}}, slope))
			g := n.build(t)
			for class0 := range 5 {
				n.fed[class][0] = float64(class0)
				s := checkSimplified(t, g, n.fed)
				checkOnlyRows(t, s)
				feature, _ := s.Find(g.Node(x).Name)
				y, _ := s.Output("channel weights")
				if s.Ancestors(y)[feature] {
					t.Error("the channel weights still depend on the feature map")
				}
			}
		})
	}
}

// checkOnlyRows fails where more than a row of the weights is used.
func checkOnlyRows(t *testing.T, g *graph.Graph) {
	t.Helper()
	for _, op := range []graph.Op{graph.OpMatMul, graph.OpOneHot, graph.OpDequantize, graph.OpBroadcast, graph.OpReduceMean} {
		if count(g, op) != 0 {
			t.Errorf("a %s is left", op)
		}
	}
	for _, node := range g.Nodes() {
		if node.Op != graph.OpConstant && node.Type.Shape.Equal(tensor.Shape{5, 6}) {
			t.Errorf("%s %q is computed for the whole matrix", node.Op, node.Name)
		}
	}
}

// An index that is no class gives the nearest class's row.
func TestClassOutOfRange(t *testing.T) {
	n := newNetwork(4)
	class := n.Input("class", of(tensor.Int32, 2))
	n.fed[class] = []float64{-4, 17}
	w := n.floats(3, 2)
	hot := n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, class)
	n.Output("rows", n.apply(graph.OpMatMul, graph.MatMul{}, hot, w))
	g := n.build(t)
	s := simplify(t, g)
	rows, weights := outputs(t, s, refeed(t, g, n.fed, s))[0].Data, run(t, g, n.fed)[w].Data
	if want := slices.Concat(weights[:2], weights[4:]); !slices.Equal(rows, want) {
		t.Errorf("rows are %v, want the first and the last: %v", rows, want)
	}
}

// The product is left as it is where it is no choice of rows, and where only
// whole rows have a scale the matrix is dequantized first.
func TestFoldMatMulLeavesOthers(t *testing.T) {
	for name, c := range map[string]struct {
		build  func(n *network) graph.ID
		folded bool
	}{
		"transposed matrix": {func(n *network) graph.ID {
			hot := n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, n.indices(2, 1))
			return n.apply(graph.OpMatMul, graph.MatMul{TransposeB: true}, hot, n.input(2, 3))
		}, false},
		"transposed rows": {func(n *network) graph.ID {
			hot := n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, n.indices(2, 1))
			return n.apply(graph.OpMatMul, graph.MatMul{TransposeA: true}, hot, n.input(2, 3))
		}, false},
		"batches": {func(n *network) graph.ID {
			pairs := n.Constant("pairs", tensor.Must(tensor.Of(tensor.Shape{2, 2}, []int32{0, 1, 2, 0})))
			hot := n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, pairs)
			return n.apply(graph.OpMatMul, graph.MatMul{}, hot, n.input(2, 3, 2))
		}, false},
		"computed int8 matrix": {func(n *network) graph.ID {
			hot := n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, n.indices(2, 1))
			return n.apply(graph.OpMatMul, graph.MatMul{}, hot, n.Real(n.int8(0.1, 3, 3, 2)))
		}, true},
		"scales for columns": {func(n *network) graph.ID {
			hot := n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, n.indices(2, 1))
			q := &tensor.Quantization{Scale: []float32{1, 2}, ZeroPoint: []int32{3, 4}, Axis: 1}
			w := n.Constant("w", tensor.Must(tensor.Of(tensor.Shape{3, 2}, []int8{1, 2, 3, 4, 5, 6})).WithQuant(q))
			return n.apply(graph.OpMatMul, graph.MatMul{}, hot, n.Real(w))
		}, true},
	} {
		t.Run(name, func(t *testing.T) {
			n := newNetwork(1)
			n.input(1)
			n.Output("y", c.build(n))
			s := checkSimplified(t, n.build(t), n.fed)
			if folded := count(s, graph.OpMatMul) == 0; folded != c.folded {
				t.Errorf("folded: %v", folded)
			}
		})
	}
}
