package export

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"

	"megl-edge/runtime/model"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/vision"
)

// The versions of the ONNX operators that can be written.
const (
	OldestOpset  = 13
	NewestOpset  = 21
	DefaultOpset = 17
)

// The keys of the file's metadata. The values are those of a model file: JSON,
// except for the name of the target layer.
const (
	KeyLabels      = "labels"
	KeyPreprocess  = "preprocess"
	KeyTargetLayer = "target_layer"
	KeyProvenance  = "provenance"
)

// Options says what is written.
type Options struct {
	// Opset is the version of the ONNX operators, 13 to 21; 0 is 17.
	Opset int
	// WithSaliency adds the heat map as a second output.
	WithSaliency bool
}

// ErrNoSaliency says that a model has no heat map to write.
var ErrNoSaliency = errors.New("the model has no heat map")

// ONNX returns the model as an ONNX file. It has one input, "image", float32
// [1 × 3 × height × width], normalised as the metadata say: (pixel − mean)/std.
// Its outputs are "logits", float32 [1 × classes], and with
// [Options.WithSaliency] "saliency", float32 [1 × height × width], the map of the
// class with the largest logit.
func ONNX(m *model.Model, opt Options) ([]byte, error) {
	if opt.Opset == 0 {
		opt.Opset = DefaultOpset
	}
	if opt.Opset < OldestOpset || opt.Opset > NewestOpset {
		return nil, fmt.Errorf("opset %d: versions %d to %d can be written", opt.Opset, OldestOpset, NewestOpset)
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	g, outputs, err := prepare(m, opt.WithSaliency)
	if err != nil {
		return nil, err
	}
	e := newExporter(g, opt.Opset, outputs)
	e.run(outputs)
	if e.err == nil && e.pixels == nil {
		e.fail("the classes do not depend on the photo")
	}
	if e.err != nil {
		return nil, e.err
	}
	return e.encode(m)
}

// maxFile is the longest message that protocol buffers allow.
const maxFile = math.MaxInt32

func (e *exporter) encode(m *model.Model) ([]byte, error) {
	size := int64(0)
	for _, t := range e.file.Initializers {
		if size += int64(len(t.Raw)); size > maxFile {
			return nil, errors.New("the weights take more than the 2 GiB that an ONNX file can hold")
		}
	}
	e.file.Name = "network"
	file := proto.Model{
		IRVersion: irVersion(e.opset), Producer: "megl-edge",
		Graph: e.file, Opsets: []proto.OperatorSet{{Version: int64(e.opset)}},
	}
	var err error
	if file.Metadata, err = e.metadata(m); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// irVersion returns the version of the file format that came with an opset, and
// at least 8, which every current runtime reads.
func irVersion(opset int) int64 {
	switch {
	case opset >= 21:
		return 10
	case opset >= 19:
		return 9
	}
	return 8
}

// metadata returns what makes the file a model again. The normalisation is that
// of the graph.
func (e *exporter) metadata(m *model.Model) ([]proto.Entry, error) {
	p := m.Preprocess
	copy(p.Mean[:], e.pixels.Mean)
	copy(p.Std[:], e.pixels.Std)
	return entries(m, p, e.targetLayer(m))
}

func entries(m *model.Model, p vision.Preprocess, target string) ([]proto.Entry, error) {
	list := []proto.Entry{}
	for _, part := range []struct {
		key   string
		value any
	}{{KeyLabels, m.Labels}, {KeyPreprocess, p}, {KeyProvenance, m.Provenance}} {
		text, err := json.Marshal(part.value)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", part.key, err)
		}
		list = append(list, proto.Entry{Key: part.key, Value: string(text)})
	}
	if target != "" {
		list = append(list, proto.Entry{Key: KeyTargetLayer, Value: target})
	}
	return list, nil
}

// targetLayer returns the name that the value of the target layer has in the
// file, or none where the file has no such value.
func (e *exporter) targetLayer(m *model.Model) string {
	id, ok := e.graph.Find(m.TargetLayer)
	if !ok || e.values[id] == nil || len(e.values[id].forms) == 0 {
		return ""
	}
	return e.values[id].forms[0].name
}
