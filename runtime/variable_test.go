package runtime_test

import (
	"bytes"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Weights that are fed in a run, as in training, give the bytes that the same
// weights give as constants of the model.
func TestWeightsOfTheRun(t *testing.T) {
	constant, err := runtime.Fold(floatNet(t))
	if err != nil {
		t.Fatal(err)
	}
	weights := map[string]tensor.Tensor{}
	fed, err := graph.Rewrite(constant, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op != graph.OpConstant || n.Type.DType != tensor.Float32 || n.Type.Shape.Elements() == 1 {
			return graph.None
		}
		weights[n.Name] = *n.Value
		return b.Input(n.Name, n.Type)
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(weights) < 8 {
		t.Fatalf("the network has only %d weights", len(weights))
	}
	reference := compile(t, constant).NewSession(1)
	defer reference.Close()
	fill(t, reference, 4)
	want := result(t, reference, constant.Outputs())
	for _, level := range asm.Levels() {
		for _, threads := range []int{1, 2, 7} {
			restore := asm.Force(level)
			s := compile(t, fed).NewSession(threads)
			fill(t, s, 4)
			for name, value := range weights {
				in, err := s.Input(name)
				if err != nil {
					t.Fatal(err)
				}
				copy(in.Data, value.Data)
			}
			got := result(t, s, fed.Outputs())
			s.Close()
			restore()
			if !bytes.Equal(got, want) {
				t.Fatalf("level %v with %d threads gives another result", level, threads)
			}
		}
	}
}
