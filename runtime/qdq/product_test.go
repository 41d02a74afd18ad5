package qdq_test

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/qdq"
	"megl-edge/runtime/tensor"
)

// A linear layer on int8 operands with a float32 result keeps both operands.
func TestProducts(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Apply(graph.OpQuantize, "x", graph.QuantizedTo(0.5, 3), b.Input("in", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{2, 3}}))
	w := tensor.Must(tensor.Of(tensor.Shape{2, 3}, []int8{1, 2, 3, 4, 5, 6})).WithQuant(tensor.PerTensor(0.25, 0))
	bias := b.Constant("bias", tensor.Must(tensor.Of(tensor.Shape{2}, []float32{7, 8})))
	b.Output("y", b.Apply(graph.OpLinear, "layer", nil, b.Real(x), b.Real(b.Constant("w", w)), bias))
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if g, err = qdq.Fuse(g); err != nil {
		t.Fatal(err)
	}
	if g, err = qdq.Products(g); err != nil {
		t.Fatal(err)
	}
	id, ok := g.Find("layer")
	if !ok || g.Node(id).Op != graph.OpInt8Linear || len(g.Node(id).Inputs) != 3 {
		t.Fatalf("the layer is %+v", g.Node(id))
	}
	if s := qdq.Summarize(g); s.Int8 != 1 || len(s.Float) != 0 {
		t.Errorf("summary is %+v", s)
	}
}
