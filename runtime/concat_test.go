package runtime_test

import (
	"bytes"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Values that are joined along the outermost axis are computed in their places; the
// result is that of copies.
func TestConcatInPlace(t *testing.T) {
	build := func(exposed bool) *graph.Graph {
		n := newNetwork(4)
		x := n.Input("image", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, 40, 24}})
		a := n.Apply(graph.OpSigmoid, "a", nil, x)
		b := n.Reshape(n.Apply(graph.OpExp, "b", nil, x), tensor.Shape{1, 40, 24})
		twice := n.Apply(graph.OpTanh, "twice", nil, x)
		y := n.Apply(graph.OpConcat, "y", graph.Axis{Axis: 1}, n.floats(1, 3, 24), a, b, twice, twice)
		n.Output("y", n.Apply(graph.OpClamp, "", graph.ReLU, y))
		if exposed {
			n.Output("a", a)
			n.Output("b", b)
		}
		return build(t, n.Builder)
	}
	var results [2][]byte
	for i, exposed := range []bool{false, true} {
		g := build(exposed)
		p := compile(t, g)
		s := p.NewSession(1)
		image, err := s.Input("image")
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range tensor.Elements[float32](image) {
			tensor.Elements[float32](image)[j] = v + float32(j%17)/8 - 1
		}
		results[i] = result(t, s, g.Outputs()[:1])
		s.Close()
		if m := p.Memory(); i == 0 && m.Values >= (40*24*3+163*24*2+200)*4 {
			t.Errorf("%d bytes of values: what is joined has places of its own", m.Values)
		}
	}
	if !bytes.Equal(results[0], results[1]) {
		t.Error("joined in place the result is another")
	}
}
