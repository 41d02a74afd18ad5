package runtime_test

import (
	"bytes"
	"fmt"
	"testing"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// attentionForm is one way in which models write softmax(q·kᵀ)·v.
type attentionForm struct {
	product      graph.Op
	batch        int
	scaleQueries bool // before the product, not after
	transposedK  bool // as an operator of its own, not an attribute
	merged       bool // the heads are put side by side
	reused       bool // something else reads the queries too
}

// attentionNet has one projection for queries, keys and values of 3 heads, 7
// tokens and 5 channels. With plain set the weights are a result too, which keeps
// them from being computed within one kernel.
func attentionNet(t *testing.T, f attentionForm, plain bool) *graph.Graph {
	const heads, tokens, depth = 3, 7, 5
	n := newNetwork(9)
	x := n.Input("x", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{f.batch * tokens, 11}})
	x = n.Apply(graph.OpLinear, "", nil, x, n.floats(3*heads*depth, 11))
	x = n.Apply(graph.OpReshape, "", graph.Shape{Shape: tensor.Shape{f.batch, tokens, 3, heads, depth}}, x)
	part := func(i int) graph.ID {
		p := n.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0, i, 0, 0}, Size: tensor.Shape{f.batch, tokens, 1, heads, depth}}, x)
		p = n.Apply(graph.OpReshape, "", graph.Shape{Shape: tensor.Shape{f.batch, tokens, heads, depth}}, p)
		return n.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, p)
	}
	scale := n.Constant("", tensor.Scalar[float32](0.37))
	q, k, v := part(0), part(1), part(2)
	if f.reused {
		n.Output("queries", q)
	}
	if f.scaleQueries {
		q = n.Apply(graph.OpMul, "", nil, q, scale)
	}
	if f.transposedK {
		k = n.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 1, 3, 2}}, k)
	}
	scores := n.Apply(f.product, "", graph.MatMul{TransposeB: !f.transposedK}, q, k)
	if !f.scaleQueries {
		scores = n.Apply(graph.OpMul, "", nil, scale, scores)
	}
	weights := n.Apply(graph.OpSoftmax, "", nil, scores)
	if plain {
		n.Output("weights", weights)
	}
	y := n.Apply(f.product, "", graph.MatMul{}, weights, v)
	if f.merged {
		y = n.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, y)
		y = n.Apply(graph.OpReshape, "", graph.Shape{Shape: tensor.Shape{f.batch * tokens, heads * depth}}, y)
	}
	n.Output("y", y)
	g, err := n.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// Attention in one kernel gives the bytes of its operators, and leaves no step
// that only moves elements.
func TestAttentionIsOneStep(t *testing.T) {
	for i := range 64 {
		f := attentionForm{graph.OpMatMul, 1 + i&1, i&2 != 0, i&4 != 0, i&8 != 0, i&32 != 0}
		if i&16 != 0 {
			f.product = graph.OpInt8MatMul
		}
		name := fmt.Sprintf("%+v", f)
		fused, plain := attentionNet(t, f, false), attentionNet(t, f, true)
		plan, err := runtime.Compile(fused, runtime.Options{Outputs: []string{"y"}})
		if err != nil {
			t.Fatal(name, err)
		}
		if layers := plan.Layers(); len(layers) != 2 {
			t.Errorf("%s: the steps are %+v, want a linear layer and attention", name, layers)
		}
		if f.reused {
			if plan, err = runtime.Compile(fused, runtime.Options{}); err != nil {
				t.Fatal(name, err)
			}
		}
		separate, err := runtime.Compile(plain, runtime.Options{})
		if err != nil {
			t.Fatal(name, err)
		}
		want := attentionResult(t, separate, 1)
		for _, threads := range []int{1, 2, 5} {
			if got := attentionResult(t, plan, threads); !bytes.Equal(got, want) {
				t.Errorf("%s, %d threads: the result differs from that of the operators", name, threads)
			}
		}
	}
}

func attentionResult(t *testing.T, plan *runtime.Plan, threads int) []byte {
	t.Helper()
	s := plan.NewSession(threads)
	defer s.Close()
	x, err := s.Input("x")
	if err != nil {
		t.Fatal(err)
	}
	for i := range tensor.Elements[float32](x) {
		tensor.Elements[float32](x)[i] = float32(i*7919%113)/56 - 1
	}
	s.Run()
	if allocations := testing.AllocsPerRun(3, s.Run); allocations != 0 {
		t.Errorf("a run allocates %v times", allocations)
	}
	y, err := s.Output("y")
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Clone(y.Data)
}
