package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"megl-edge/runtime/onnx/proto"
)

// onnxClassifier is a model of an image and three classes, after f.
func onnxClassifier(f func(g *proto.Graph)) []byte {
	port := func(name string, dims ...int64) []proto.Value {
		t := proto.ValueType{Kind: proto.KindTensor, Elem: proto.Float}
		for _, d := range dims {
			t.Shape = append(t.Shape, proto.Dim{Length: d, Known: true})
		}
		return []proto.Value{{Name: name, Type: t}}
	}
	g := proto.Graph{
		Nodes: []proto.Node{
			{Op: "GlobalAveragePool", Inputs: []string{"x"}, Outputs: []string{"mean"}},
			{Op: "Flatten", Inputs: []string{"mean"}, Outputs: []string{"y"}},
		},
		Inputs: port("x", 1, 3, 8, 8), Outputs: port("y", 1, 3),
	}
	f(&g)
	m := proto.Model{IRVersion: 8, Opsets: []proto.OperatorSet{{Version: 17}}, Graph: g}
	return m.Bytes()
}

func TestDamagedONNX(t *testing.T) {
	output := filepath.Join(t.TempDir(), "x.megl")
	sound := onnxClassifier(func(*proto.Graph) {})
	done(t, "import", written(t, "sound.onnx", sound), "-o", output)
	if err := os.Remove(output); err != nil {
		t.Fatal(err)
	}
	bomb := proto.Tensor{Name: "shape", Type: proto.Int64, Dims: []int64{2}, Raw: slices.Repeat([]byte{0, 64, 0, 0, 0, 0, 0, 0}, 2)} // 16384×16384
	for _, c := range []struct {
		data []byte
		want string
	}{
		{sound[:len(sound)-3], "damaged"},
		{[]byte("no model at all"), "is no ONNX model"},
		{onnxClassifier(func(g *proto.Graph) { g.Nodes[0].Op = "Loop" }), "operator Loop is not supported"},
		{onnxClassifier(func(g *proto.Graph) { g.Nodes[0].Inputs[0] = "y" }), "cycle"},
		{onnxClassifier(func(g *proto.Graph) { g.Inputs[0].Type.Shape[2].Length = 1 << 40 }), "dimension"},
		{onnxClassifier(func(g *proto.Graph) { g.Outputs[0].Name = "a\nb" }), `output "a\nb" is computed by no node`},
		{onnxClassifier(func(g *proto.Graph) {
			g.Initializers = []proto.Tensor{bomb}
			g.Nodes = slices.Insert(g.Nodes, 0, proto.Node{Op: "ConstantOfShape", Inputs: []string{"shape"}, Outputs: []string{"c"}})
		}), "memory"},
	} {
		refused(t, c.want, "import", written(t, "damaged.onnx", c.data), "-o", output)
	}
	if _, err := os.Stat(output); err == nil {
		t.Error("a damaged model was imported")
	}
}
