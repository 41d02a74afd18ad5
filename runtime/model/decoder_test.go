package model_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// speaking is the small model with a decoder of two weights.
func speaking(t *testing.T) *model.Model {
	t.Helper()
	m := small(t)
	b := graph.Extend(m.Graph)
	b.Output(model.FeaturesOutput, b.Constant("features", tensor.Zeros(tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, 2, 2, 3}})))
	b.Output(model.SaliencyOutput, b.Constant("saliency", tensor.Zeros(tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, 2, 2}})))
	var err error
	if m.Graph, err = b.Build(); err != nil {
		t.Fatal(err)
	}
	m.Decoder = &model.Decoder{Shape: json.RawMessage(`{"layers":2}`), Weights: map[string]tensor.Tensor{
		"decoder/b": tensor.Must(tensor.Of(tensor.Shape{2}, []float32{1, 2})),
		"decoder/a": tensor.Must(tensor.Of(tensor.Shape{1, 1}, []float32{3})),
	}}
	return m
}

func TestDecoderRoundTrip(t *testing.T) {
	want := speaking(t)
	got, err := model.Parse(encoded(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if got.Decoder == nil || string(got.Decoder.Shape) != `{"layers":2}` || len(got.Decoder.Weights) != 2 {
		t.Fatalf("the decoder is %+v", got.Decoder)
	}
	for name, w := range want.Decoder.Weights {
		if own := got.Decoder.Weights[name]; !own.Shape.Equal(w.Shape) || !bytes.Equal(own.Data, w.Data) {
			t.Errorf("%s is %v, want %v", name, own, w)
		}
	}
	if !bytes.Equal(encoded(t, got), encoded(t, want)) {
		t.Error("written again it is another file")
	}
	silent, err := model.Parse(encoded(t, small(t)))
	if err != nil || silent.Decoder != nil {
		t.Errorf("a model without decoder has %+v, %v", silent.Decoder, err)
	}
}

func TestDecoderThatDoesNotFit(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*model.Model)
		says   string
	}{
		"no vocabulary": {func(m *model.Model) { m.Vocabulary = "" }, "vocabulary"},
		"no shape":      {func(m *model.Model) { m.Decoder.Shape = json.RawMessage("{") }, "shape"},
		"no features":   {func(m *model.Model) { m.Graph = small(t).Graph }, model.FeaturesOutput},
	} {
		m := speaking(t)
		c.change(m)
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
