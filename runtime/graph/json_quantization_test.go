package graph_test

import (
	"bytes"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// perChannel returns a graph whose one constant is quantized along an axis, and
// a node that has the name its scales would like.
func perChannel(t *testing.T, zeroPoints []int32) *graph.Graph {
	t.Helper()
	b := graph.NewBuilder()
	w := tensor.Must(tensor.Of(tensor.Shape{2, 3}, []int8{1, 2, 3, 4, 5, 6}))
	c := b.Constant("w", w.WithQuant(&tensor.Quantization{Scale: []float32{0.1, 0.2, 0.3}, ZeroPoint: zeroPoints, Axis: 1}))
	b.Constant("w.scales", tensor.Scalar[float32](1))
	b.Output("y", b.Real(c))
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAxisQuantizationIsStoredAsTensors(t *testing.T) {
	for _, zeroPoints := range [][]int32{{0, 0, 0}, {0, -3, 5}} {
		g := perChannel(t, zeroPoints)
		data, tensors, err := graph.Encode(g)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(data, []byte("0.3")) {
			t.Errorf("the scales stand in the text: %s", data)
		}
		back, err := graph.Decode(data, lookupIn(tensors))
		if err != nil {
			t.Fatal(err)
		}
		want, _ := g.Find("w")
		got, _ := back.Find("w")
		if !back.Node(got).Type.Equal(g.Node(want).Type) {
			t.Errorf("read back as %+v, want %+v", back.Node(got).Type.Quant, g.Node(want).Type.Quant)
		}
		names := map[string]bool{}
		for _, n := range tensors {
			if names[n.Name] {
				t.Errorf("two tensors are named %q", n.Name)
			}
			names[n.Name] = true
		}
	}
}

func TestBadAxisQuantization(t *testing.T) {
	data, tensors, err := graph.Encode(perChannel(t, []int32{0, -3, 5}))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct{ old, new, phrase string }{
		"axis outside":        {`"axis":1`, `"axis":7`, "axis 7"},
		"axis of other size":  {`"axis":1`, `"axis":0`, "axis 0"},
		"negative axis":       {`"axis":1`, `"axis":-1`, "axis -1"},
		"missing scales":      {`"scales":"w.scales_"`, `"scales":"s"`, "no such tensor"},
		"no scales":           {`"scales":"w.scales_"`, `"scales":""`, "name"},
		"scales that are int": {`"scales":"w.scales_"`, `"scales":"w"`, "want F32"},
		"zeros that are real": {`"zero_points":"w.zero_points"`, `"zero_points":"w.scales_"`, "want I32"},
		"scalar scales":       {`"scales":"w.scales_"`, `"scales":"w.scales"`, "one dimension"},
		"unknown field":       {`"axis":1`, `"axis":1,"more":2`, "more"},
		"on a float":          {`"dtype":"I8","shape":[2,3]`, `"dtype":"F32","shape":[2,3]`, "constant"},
		"on an op":            {`"op":"dequantize"`, `"op":"dequantize","axis_quantization":{"axis":0,"scales":"w.scales_"}`, "only constants"},
	} {
		changed := strings.Replace(string(data), c.old, c.new, 1)
		if changed == string(data) {
			t.Fatalf("%s: %q is not in %s", name, c.old, data)
		}
		_, err := graph.Decode([]byte(changed), lookupIn(tensors))
		if err == nil || !strings.Contains(err.Error(), c.phrase) {
			t.Errorf("%s: %v, want %q", name, err, c.phrase)
		}
	}
}
