package runtime_test

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// A batch normalisation between a convolution and its activation costs nothing:
// it becomes part of the filter and the bias.
func TestBatchNormIsFolded(t *testing.T) {
	build := func(expose bool) *graph.Graph {
		n := newNetwork(7)
		positive := func(length int) graph.ID {
			values := make([]float32, length)
			for i := range values {
				values[i] = 0.5 + float32(i%3)
			}
			return n.Constant("variance", tensor.Must(tensor.Of(tensor.Shape{length}, values)))
		}
		x := n.Apply(graph.OpNormalize, "", pixels, n.image(9))
		x = n.Apply(graph.OpConv, "conv", square(1, 1, 1), x, n.floats(5, 3, 3, 3))
		if expose {
			n.Output("before", x)
		}
		x = n.Apply(graph.OpBatchNorm, "norm", graph.BatchNorm{Epsilon: 1e-3}, x, n.floats(5), n.floats(5), n.floats(5), positive(5))
		x = n.Apply(graph.OpClamp, "relu", graph.ReLU, x)
		n.Output("y", x)
		g, err := n.Build()
		if err != nil {
			t.Fatal(err)
		}
		return g
	}
	folded, exposed := compile(t, build(false)), compile(t, build(true))
	if got := len(folded.Layers()); got != 2 {
		t.Errorf("%d layers, want pixels and one convolution: %+v", got, folded.Layers())
	}
	if got := len(exposed.Layers()); got <= 2 {
		t.Errorf("a result that is read before the normalisation leaves %d layers", got)
	}
	outputs := []graph.Output{{Name: "y"}}
	a, b := folded.NewSession(1), exposed.NewSession(1)
	defer a.Close()
	defer b.Close()
	fill(t, a, 3)
	fill(t, b, 3)
	closeEnough(t, result(t, a, outputs), result(t, b, outputs))
}
