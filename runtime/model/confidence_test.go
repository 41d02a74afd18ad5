package model_test

import (
	"bytes"
	"math"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// confident is the speaking model with a mean for each class.
func confident(t *testing.T) *model.Model {
	t.Helper()
	m := speaking(t)
	b := graph.Extend(m.Graph)
	b.Output(model.ClassOutput, b.Input(model.ClassInput, tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{1}}))
	var err error
	if m.Graph, err = b.Build(); err != nil {
		t.Fatal(err)
	}
	m.Vocabulary, m.TargetLayer = "{}", "features"
	means := make([]float32, m.Classes()*3)
	means[1] = 1
	m.Confidence = &model.Confidence{Temperature: 1.25, Threshold: 0.5, Means: tensor.Must(tensor.Of(tensor.Shape{m.Classes(), 3}, means))}
	return m
}

func TestConfidenceRoundTrip(t *testing.T) {
	var file bytes.Buffer
	if err := confident(t).Write(&file); err != nil {
		t.Fatal(err)
	}
	m, err := model.Parse(file.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	c := m.Confidence
	if c == nil || c.Temperature != 1.25 || c.Threshold != 0.5 || !c.KnowsUnknown() || tensor.Elements[float32](c.Means)[1] != 1 {
		t.Errorf("the confidence is %+v", c)
	}
	plain := confident(t)
	plain.Confidence = &model.Confidence{Temperature: 2}
	file.Reset()
	if err := plain.Write(&file); err != nil {
		t.Fatal(err)
	}
	if m, err = model.Parse(file.Bytes()); err != nil || m.Confidence.KnowsUnknown() || m.Confidence.Temperature != 2 {
		t.Errorf("without means it is %+v, %v", m.Confidence, err)
	}
}

func TestConfidenceThatDoesNotFit(t *testing.T) {
	for want, spoil := range map[string]func(c *model.Confidence){
		"temperature is 0": func(c *model.Confidence) { c.Temperature = 0 },
		"+Inf":             func(c *model.Confidence) { c.Temperature = float32(math.Inf(1)) },
		"NaN":              func(c *model.Confidence) { c.Threshold = float32(math.NaN()) },
		"means hold":       func(c *model.Confidence) { tensor.Elements[float32](c.Means)[0] = float32(math.Inf(-1)) },
		"classes and":      func(c *model.Confidence) { c.Means = tensor.Must(tensor.Of(tensor.Shape{1, 3}, make([]float32, 3))) },
	} {
		m := confident(t)
		spoil(m.Confidence)
		if err := m.Check(); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
}
