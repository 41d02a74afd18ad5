package export_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/onnx/export"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// explained is a network with a heat map of the kind that package gradcam
// attaches: the rows of weights of one class, times the layer.
func explained(t *testing.T) *model.Model {
	n := newNetwork()
	weights := n.floats(3, 6)
	mean := layers(n)
	logits := classifier(n, mean, weights)
	n.Output(model.LogitsOutput, logits)
	n.Output(model.ProbabilitiesOutput, n.apply(graph.OpSoftmax, nil, logits))
	asked := n.Input(model.ClassInput, tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{1}})
	automatic := n.apply(graph.OpGreater, nil, n.Constant("none", tensor.Scalar[int32](0)), asked)
	class := n.Apply(graph.OpSelect, model.ClassOutput, nil, automatic, n.apply(graph.OpArgMax, nil, logits), asked)
	row := n.apply(graph.OpGather, graph.Axis{}, weights, class)
	layer := n.Node(mean).Inputs[0]
	shape := n.Shape(layer)
	heat := n.apply(graph.OpMatMul, graph.MatMul{TransposeB: true}, n.Reshape(layer, tensor.Shape{shape[1] * shape[2], 6}), row)
	heat = n.apply(graph.OpSelect, nil, n.apply(graph.OpGreater, nil, heat, n.Scalar(0)), heat, n.Scalar(0))
	n.Output(model.ClassOutput, class)
	n.Output(model.SaliencyOutput, n.Reshape(heat, tensor.Shape{1, shape[1], shape[2]}))
	m := n.finish(t)
	m.TargetLayer = n.Node(layer).Name
	return m
}

func file(t *testing.T, m *model.Model, opt export.Options) *proto.Model {
	t.Helper()
	data, err := export.ONNX(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, data)
}

func TestInputAndOutputs(t *testing.T) {
	m := explained(t)
	for saliency, want := range map[bool]string{false: "image[1 3 8 8] → logits[1 3]", true: "image[1 3 8 8] → logits[1 3] saliency[1 4 8]"} {
		f := file(t, m, export.Options{WithSaliency: saliency})
		got := values(f.Graph.Inputs) + " → " + values(f.Graph.Outputs)
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// values writes the names and shapes of float values.
func values(list []proto.Value) string {
	var parts []string
	for _, v := range list {
		var lengths []string
		for _, d := range v.Type.Shape {
			lengths = append(lengths, string('0'+rune(d.Length)))
		}
		text := v.Name + "[" + strings.Join(lengths, " ") + "]"
		if v.Type.Elem != proto.Float {
			text += " of " + v.Type.Elem.String()
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

// The class is always the most likely one: nothing chooses, and its row of the
// weights is there.
func TestSaliency(t *testing.T) {
	f := file(t, explained(t), export.Options{WithSaliency: true})
	for op, want := range map[string]int{
		"Where": 1, "Greater": 1, "Softmax": 0, "Min": 0, "Max": 0, "ArgMax": 1, "Gather": 1, "MatMul": 1,
	} {
		if got := count(f, op); got != want {
			t.Errorf("%d × %s, want %d", got, op, want)
		}
	}
	// The layer is flattened with its channels last.
	if n := count(f, "Transpose"); n != 1 {
		t.Errorf("%d transpositions, want that of the layer", n)
	}
	f = file(t, explained(t), export.Options{})
	if n := count(f, "ArgMax") + count(f, "Transpose") + count(f, "MatMul"); n != 0 {
		t.Errorf("without the map %d nodes of it are left", n)
	}
}

func TestMetadata(t *testing.T) {
	m := explained(t)
	m.Provenance.Source = "network.tflite"
	f := file(t, m, export.Options{})
	metadata := map[string]string{}
	for _, e := range f.Metadata {
		metadata[e.Key] = e.Value
	}
	var labels []string
	if err := json.Unmarshal([]byte(metadata[export.KeyLabels]), &labels); err != nil || !slices.Equal(labels, m.Labels) {
		t.Errorf("labels %v, %v", labels, err)
	}
	p, err := vision.ParsePreprocess([]byte(metadata[export.KeyPreprocess]))
	if err != nil || p != m.Preprocess {
		t.Errorf("preprocess %v, %v", p, err)
	}
	var provenance model.Provenance
	if err := json.Unmarshal([]byte(metadata[export.KeyProvenance]), &provenance); err != nil || !reflect.DeepEqual(provenance, m.Provenance) {
		t.Errorf("provenance %v, %v", provenance, err)
	}
	if got := metadata[export.KeyTargetLayer]; got != m.TargetLayer || find(t, f, got).Op != "Relu" {
		t.Errorf("target layer %q, want %q", got, m.TargetLayer)
	}
	if f.Producer != "megl-edge" {
		t.Errorf("producer %q", f.Producer)
	}
}

func TestVersions(t *testing.T) {
	m := explained(t)
	for opset, ir := range map[int]int64{0: 8, 13: 8, 18: 8, 19: 9, 20: 9, 21: 10} {
		if got := file(t, m, export.Options{Opset: opset}); got.IRVersion != ir {
			t.Errorf("opset %d: IR version %d, want %d", opset, got.IRVersion, ir)
		}
	}
	for _, opset := range []int{-1, 12, 22} {
		if _, err := export.ONNX(m, export.Options{Opset: opset}); err == nil || !strings.Contains(err.Error(), "13 to 21") {
			t.Errorf("opset %d: %v", opset, err)
		}
	}
}

func TestSameBytes(t *testing.T) {
	opt := export.Options{WithSaliency: true}
	first, err := export.ONNX(explained(t), opt)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := export.ONNX(explained(t), opt); err != nil || !bytes.Equal(first, again) {
		t.Errorf("not the same bytes again, %v", err)
	}
}

// A result that is another value under a new name, and layers with the names of
// the file's own values.
func TestNamesThatAreTaken(t *testing.T) {
	n := newNetwork()
	x := n.Apply(graph.OpExp, model.LogitsOutput, nil, n.vector())
	m := exported(t, n, n.apply(graph.OpStopGradient, nil, n.Apply(graph.OpTanh, "saliency", nil, x)), export.Options{})
	if got := find(t, m, model.LogitsOutput); got.Op != "Exp" || got.Outputs[0] == model.LogitsOutput {
		t.Errorf("%v", got)
	}
	if last := m.Graph.Nodes[len(m.Graph.Nodes)-1]; last.Op != "Identity" || last.Outputs[0] != model.LogitsOutput {
		t.Errorf("the last node is %v", last)
	}
}

func TestRefused(t *testing.T) {
	plainly := newNetwork()
	pixels := plainly.Node(plainly.image).Inputs[0]
	cast := plainly.apply(graph.OpCast, graph.Cast{DType: tensor.Float32}, pixels)

	twice := newNetwork()
	other := graph.Normalize{Mean: []float32{1, 2, 3}, Std: []float32{1, 1, 1}}
	again := twice.apply(graph.OpNormalize, other, twice.Node(twice.image).Inputs[0])

	narrowSum := newNetwork()
	integers := narrowSum.apply(graph.OpCast, graph.Cast{DType: tensor.Int16}, narrowSum.image)

	shifted := newNetwork()
	shade := shifted.apply(graph.OpCast, graph.Cast{DType: tensor.UInt8}, shifted.image)
	shifted.image = shifted.apply(graph.OpNormalize, other, shade)

	blind, empty := newNetwork(), newNetwork()
	for name, c := range map[string]struct {
		model *model.Model
		opt   export.Options
		want  string
	}{
		"pixels":      {plainly.model(t, cast), export.Options{}, "without being normalised"},
		"two ways":    {twice.model(t, twice.Add(twice.image, again)), export.Options{}, "in two ways"},
		"type":        {narrowSum.model(t, narrowSum.Add(integers, integers)), export.Options{Opset: 13}, "opset 13 of ONNX has no add of I16"},
		"not a photo": {shifted.model(t, shifted.vector()), export.Options{}, "not the photo itself"},
		"empty":       {empty.model(t, emptied(empty)), export.Options{Opset: 13}, "needs opset 14"},
		"no photo":    {blind.model(t, blind.floats(1, 3)), export.Options{}, "do not depend on the photo"},
		"no labels":   {&model.Model{Graph: explained(t).Graph}, export.Options{}, "preprocess"},
		"further one": {withInput(t), export.Options{}, "further input"},
	} {
		if _, err := export.ONNX(c.model, c.opt); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, err, c.want)
		}
	}
	n := newNetwork()
	if _, err := export.ONNX(n.model(t, n.vector()), export.Options{WithSaliency: true}); !errors.Is(err, export.ErrNoSaliency) {
		t.Errorf("without a map: %v", err)
	}
}

// emptied returns one element, put behind a shape without any.
func emptied(n *network) graph.ID {
	none := n.apply(graph.OpSlice, graph.Slice{Start: []int{0, 0}, Size: tensor.Shape{1, 0}}, n.vector())
	return n.apply(graph.OpPad, graph.Pad{Before: []int{1}, After: []int{0}}, n.Reshape(none, tensor.Shape{0}))
}

func TestEmptyAxis(t *testing.T) {
	n := newNetwork()
	m := exported(t, n, emptied(n), export.Options{Opset: 14})
	if got := attributeOf(t, find(t, m, "reshape"), "allowzero").Int; got != 1 {
		t.Errorf("allowzero is %d", got)
	}
}

// Indices that are in range anyway are not limited again.
func TestIndicesAreLimitedOnce(t *testing.T) {
	n := newNetwork()
	indices := n.apply(graph.OpCast, graph.Cast{DType: tensor.Int32}, n.vector())
	indices = n.apply(graph.OpMaximum, nil, indices, n.int32s(0))
	indices = n.Reshape(n.apply(graph.OpMinimum, nil, indices, n.int32s(7)), tensor.Shape{3})
	x := n.apply(graph.OpGather, graph.Axis{Axis: 1}, n.image, indices)
	m := exported(t, n, n.apply(graph.OpGather, graph.Axis{Axis: 3}, x, indices), export.Options{})
	if most, least := count(m, "Max"), count(m, "Min"); most != 1 || least != 2 {
		t.Errorf("%d × Max, %d × Min, want one, and a second limit for the shorter axis", most, least)
	}
}

// withInput returns a model that wants more than a photo.
func withInput(t *testing.T) *model.Model {
	n := newNetwork()
	more := n.Input("more", tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, 3}})
	return n.model(t, n.Add(n.vector(), more))
}
