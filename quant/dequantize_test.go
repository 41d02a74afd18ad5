package quant_test

import (
	"math"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/quant"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// A model that was quantized and dequantized is float32 throughout, keeps its
// layers' names and answers nearly as before.
func TestDequantize(t *testing.T) {
	m := floatModel(t, "")
	q, err := calibrated(t, m).Quantize()
	if err != nil {
		t.Fatal(err)
	}
	network, err := gradcam.Network(q.Graph)
	if err != nil {
		t.Fatal(err)
	}
	if network, err = quant.Dequantize(network); err != nil {
		t.Fatal(err)
	}
	for _, n := range network.Nodes() {
		if n.Type.DType == tensor.Int8 || n.Op == graph.OpQuantize || n.Op == graph.OpDequantize {
			t.Errorf("%s %q is %v", n.Op, n.Name, n.Type)
		}
	}
	back := &model.Model{Labels: m.Labels, Preprocess: m.Preprocess}
	if back.Graph, back.TargetLayer, err = gradcam.Attach(network, q.TargetLayer); err != nil {
		t.Fatal(err)
	}
	for i := range 8 {
		got, want := logits(t, back, photo(i)), logits(t, m, photo(i))
		var dot, a, b float64
		for j := range got {
			dot += float64(got[j]) * float64(want[j])
			a += float64(got[j]) * float64(got[j])
			b += float64(want[j]) * float64(want[j])
		}
		if cosine := dot / math.Sqrt(a*b); !(cosine > 0.999) {
			t.Errorf("photo %d: cosine %.5f", i, cosine)
		}
	}
}
