package qdq_test

import (
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/qdq"
	"megl-edge/runtime/tensor"
)

func TestReport(t *testing.T) {
	for _, c := range []struct {
		name  string
		build func(n *network)
		want  qdq.Summary
	}{
		{"all int8", func(n *network) {
			x := n.quantized(n.apply(graph.OpMaxPool, window, n.input(1, 6, 6, 3)), n.scale, 5)
			n.result(n.apply(graph.OpConv, square(1, 1, 1), x, n.weights(0, 4, 3, 3, 3)))
		}, qdq.Summary{Int8: 3}}, // the pooling's result has another scale: that is a step
		{"no quantization", func(n *network) {
			n.Output("y", n.apply(graph.OpLinear, nil, n.raw(2, 3), n.floats(1, 4, 3)))
		}, qdq.Summary{}},
		{"only weights", func(n *network) {
			n.Output("y", n.apply(graph.OpLinear, nil, n.raw(2, 3), n.weights(0, 4, 3)))
		}, float("linear", "input 0 has a float32 value")},
		{"product of activations", func(n *network) {
			n.result(n.apply(graph.OpMatMul, graph.MatMul{}, n.input(2, 3), n.input(3, 4)))
		}, float("matmul", "input 1 is no int8 constant")},
		{"zero points by channel", func(n *network) {
			q := &tensor.Quantization{Scale: []float32{0.01, 0.01}, ZeroPoint: []int32{0, 1}}
			w := n.Constant("w", tensor.Must(tensor.Of(tensor.Shape{2, 3}, n.bytes(6))).WithQuant(q))
			n.result(n.apply(graph.OpLinear, nil, n.input(1, 3), n.dequantize(w)))
		}, float("linear", "its weights have a different zero point per channel")},
		{"float result", func(n *network) {
			n.Output("y", n.apply(graph.OpLinear, nil, n.input(2, 3), n.weights(0, 4, 3)))
		}, float("linear", "its result is not quantized")},
		{"float result of a clamp", func(n *network) {
			n.Output("y", n.apply(graph.OpClamp, graph.ReLU, n.apply(graph.OpExp, nil, n.input(2, 3))))
		}, qdq.Summary{Float: []qdq.FloatOp{
			{Name: "the_exp", Op: graph.OpExp, Reason: "it has no int8 form"},
			{Name: "the_clamp", Op: graph.OpClamp, Reason: "input 0 has a float32 value"},
		}}},
		{"float input", func(n *network) {
			n.Output("y", n.quantize(n.apply(graph.OpAdd, nil, n.input(2, 3), n.floats(1, 2, 3)), 1, 0))
		}, float("add", "input 1 has a float32 value")},
		{"float weights", func(n *network) {
			n.result(n.apply(graph.OpLinear, nil, n.input(2, 3), n.floats(1, 4, 3)))
		}, float("linear", "its weights are not quantized")},
		{"scales along inputs", func(n *network) {
			n.wide = true
			n.result(n.apply(graph.OpLinear, nil, n.input(2, 3), n.weights(1, 4, 3)))
		}, float("linear", "its weights have scales for other than output channels")},
		{"large bias", func(n *network) {
			n.result(n.apply(graph.OpLinear, nil, n.input(2, 3), n.weights(0, 4, 3), n.floats(1e9, 4)))
		}, float("linear", "its bias does not fit int32 in units of input scale · weight scale")},
		{"read twice", func(n *network) {
			y := n.apply(graph.OpSigmoid, nil, n.input(2, 3))
			n.result(y)
			n.Output("real", y)
		}, float("sigmoid", "its float32 result is read 2 times")},
		{"scales far apart", func(n *network) {
			n.resultAs("y", n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1}}, n.input(2, 3)), 1e-30, 0)
		}, float("reduce_mean", "its scale and those of its operands are too far apart")},
	} {
		n := newNetwork()
		c.build(n)
		got := qdq.Report(fuse(t, n.build(t)))
		if got.Int8 != c.want.Int8 || !slices.Equal(got.Float, c.want.Float) {
			t.Errorf("%s: report is %+v, want %+v", c.name, got, c.want)
		}
	}
}

// float is the summary of a graph with one op.
func float(op graph.Op, reason string) qdq.Summary {
	return qdq.Summary{Float: []qdq.FloatOp{{Name: "the_" + string(op), Op: op, Reason: reason}}}
}

// Only what the named outputs need is counted.
func TestSummarizeOutputs(t *testing.T) {
	n := newNetwork()
	x := n.input(2, 3)
	n.result(n.apply(graph.OpLinear, nil, x, n.weights(0, 4, 3)))
	n.Output("map", n.apply(graph.OpExp, nil, x))
	g := fuse(t, n.build(t))
	if s := qdq.Summarize(g, "y"); s.Int8 != 1 || len(s.Float) != 0 {
		t.Errorf("y needs %+v", s)
	}
	if s := qdq.Summarize(g); s.Int8 != 1 || len(s.Float) != 1 {
		t.Errorf("all outputs need %+v", s)
	}
}
