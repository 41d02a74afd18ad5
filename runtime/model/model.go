package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// The inputs and outputs of a model's graph.
const (
	// ImageInput is the photo, uint8 [1 × height × width × 3], RGB.
	ImageInput = "image"
	// LogitsOutput is the class scores before the softmax, float32 [1 × classes].
	LogitsOutput = "logits"
	// ProbabilitiesOutput is the softmax of the logits, float32 [1 × classes].
	ProbabilitiesOutput = "probabilities"
)

// The further ones of a model that explains itself.
const (
	// ClassInput is the class to explain, int32 [1]; −1 asks for the one with
	// the largest logit.
	ClassInput = "class"
	// ClassOutput is the class that the map explains, int32 [1].
	ClassOutput = "explained_class"
	// SaliencyOutput is the heat map, float32 [1 × height × width] in [0,1]; zero
	// everywhere where there is no positive evidence.
	SaliencyOutput = "saliency"
)

// Model is a network with all that is needed to use it.
type Model struct {
	Graph       *graph.Graph
	Labels      []string // one for each class
	Preprocess  vision.Preprocess
	TargetLayer string   // the heat map's layer; empty where there is no map
	Vocabulary  string   // of the sentences, as JSON of package sdtg/vocabulary; empty where there are none
	Decoder     *Decoder // of the sentences; nil where there are none
	Provenance  Provenance
	// Prior is what training held the heat maps to; nil where it did not.
	Prior *Prior
	// Metrics are what the model reached on the photos that it was validated with,
	// by the names of the scores; nil where it was not.
	Metrics map[string]float64
	// Confidence is nil where nothing was fitted: probabilities are then those of the
	// network, and no photo is unknown.
	Confidence *Confidence

	file *safetensors.File // that the constants lie in; nil for a model in memory
}

// Provenance says where a model comes from.
type Provenance struct {
	Source       string `json:"source,omitempty"`        // name of the imported file
	SourceSHA256 string `json:"source_sha256,omitempty"` // of that file, hexadecimal
	Tool         string `json:"tool,omitempty"`          // program and version that wrote the model
	Note         string `json:"note,omitempty"`          // what a reader should know, such as an assumption made
	Steps        []Step `json:"steps,omitempty"`         // from the source to this model, the last one last
}

// Step is one of the commands that made a model. Hashes are SHA-256, hexadecimal. What
// does not decide the bytes of the model is left out of it: folders, threads, reports.
type Step struct {
	Command string `json:"command"`        // with the names of its files
	Tool    string `json:"tool"`           // program and version
	Parent  string `json:"parent"`         // of the model file that it started from
	Data    string `json:"data,omitempty"` // of rows, photos and masks that it learned from
	Seed    uint64 `json:"seed"`
}

// Close releases the file that the model was loaded from. The graph and what
// was compiled from it must not be used afterwards.
func (m *Model) Close() error {
	if m.file == nil {
		return nil
	}
	return m.file.Close()
}

// Drop tells the system that a constant is not needed in memory now, where the
// model was loaded from a file: it is read from there again when it is used. It
// is what [runtime.Options] calls Packed.
func (m *Model) Drop(t tensor.Tensor) {
	if m.file != nil {
		m.file.Drop(t.Data)
	}
}

// Classes returns the number of classes.
func (m *Model) Classes() int {
	id, ok := m.Graph.Output(LogitsOutput)
	if !ok {
		return 0
	}
	shape := m.Graph.Node(id).Type.Shape
	return shape[len(shape)-1]
}

// maxLabel is the longest label in bytes.
const maxLabel = 1 << 10

// Check fails unless the parts of a model fit together.
func (m *Model) Check() error {
	if err := m.Preprocess.Check(); err != nil {
		return err
	}
	if err := m.checkPorts(); err != nil {
		return err
	}
	if n := len(m.Labels); n != m.Classes() {
		return fmt.Errorf("%d labels for %d classes", n, m.Classes())
	}
	for i, label := range m.Labels {
		if err := checkLabel(label); err != nil {
			return fmt.Errorf("label %d: %w", i, err)
		}
	}
	if _, ok := m.Graph.Find(m.TargetLayer); m.TargetLayer != "" && !ok {
		return fmt.Errorf("target layer %q is not in the graph", m.TargetLayer)
	}
	if m.Vocabulary != "" && !json.Valid([]byte(m.Vocabulary)) {
		return errors.New("vocabulary: not JSON")
	}
	return errors.Join(m.checkPrior(), m.checkDecoder(), m.checkConfidence())
}

func (m *Model) checkPrior() error {
	if m.Prior == nil {
		return nil
	}
	if m.TargetLayer == "" {
		return errors.New("the model has a prior for heat maps, but no heat map")
	}
	id, _ := m.Graph.Output(SaliencyOutput)
	if err := m.Prior.check(m.Graph.Node(id).Type.Shape, m.Classes()); err != nil {
		return fmt.Errorf("the prior %w", err)
	}
	return nil
}

// checkPorts fails unless the graph has the inputs and outputs of a model, with
// the types that their readers expect.
func (m *Model) checkPorts() error {
	if err := m.checkOutput(LogitsOutput, tensor.Float32, 2); err != nil {
		return err
	}
	scores := tensor.Shape{1, m.Classes()}
	if err := m.checkOutput(ProbabilitiesOutput, tensor.Float32, 2); err != nil {
		return err
	}
	if id, _ := m.Graph.Output(ProbabilitiesOutput); !m.Graph.Node(id).Type.Shape.Equal(scores) {
		return fmt.Errorf("output %q has shape %v, want %v", ProbabilitiesOutput, m.Graph.Node(id).Type.Shape, scores)
	}
	if err := m.checkInput(ImageInput, tensor.UInt8, tensor.Shape{1, m.Preprocess.Height, m.Preprocess.Width, 3}); err != nil {
		return err
	}
	if m.TargetLayer == "" {
		return nil
	}
	if err := m.checkInput(ClassInput, tensor.Int32, tensor.Shape{1}); err != nil {
		return err
	}
	if err := m.checkOutput(ClassOutput, tensor.Int32, 1); err != nil {
		return err
	}
	return m.checkOutput(SaliencyOutput, tensor.Float32, 3)
}

// checkOutput fails unless the named output has the given type and rank, for a
// batch of one, and is not empty.
func (m *Model) checkOutput(name string, dtype tensor.DType, rank int) error {
	id, ok := m.Graph.Output(name)
	if !ok {
		return fmt.Errorf("the graph has no output %q", name)
	}
	t := m.Graph.Node(id).Type
	if t.DType != dtype || len(t.Shape) != rank || t.Shape[0] != 1 || t.Shape.Elements() == 0 {
		return fmt.Errorf("output %q is %v, want %v of %d dimensions, the first of them 1", name, t, dtype, rank)
	}
	return nil
}

func (m *Model) checkInput(name string, dtype tensor.DType, shape tensor.Shape) error {
	id, ok := m.Graph.Find(name)
	if !ok || m.Graph.Node(id).Op != graph.OpInput {
		return fmt.Errorf("the graph has no input %q", name)
	}
	if t := m.Graph.Node(id).Type; t.DType != dtype || !t.Shape.Equal(shape) {
		return fmt.Errorf("input %q is %v, want %v[%v]", name, t, dtype, shape)
	}
	return nil
}

func checkLabel(label string) error {
	switch {
	case label == "":
		return errors.New("is empty")
	case len(label) > maxLabel:
		return fmt.Errorf("has %d bytes, at most %d are allowed", len(label), maxLabel)
	case !utf8.ValidString(label) || strings.ContainsFunc(label, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%q has characters that cannot be printed", label)
	}
	return nil
}
