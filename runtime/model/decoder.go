package model

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/tensor"
)

// FeaturesOutput is what the decoder of a model that speaks sees, float32 [1 × height ×
// width × channels], with the cells of the heat map: the values of the target layer, and
// the mean colour of each cell.
const FeaturesOutput = "features"

// Decoder is what a model says sentences with. Package sdtg knows what it means.
type Decoder struct {
	Shape   json.RawMessage
	Weights map[string]tensor.Tensor
}

// decoderPrefix stands before the names of a decoder's weights in the file.
const decoderPrefix = "sentences/"

func (m *Model) checkDecoder() error {
	if m.Decoder == nil {
		return nil
	}
	if m.Vocabulary == "" || !json.Valid(m.Decoder.Shape) {
		return errors.New("the model has a decoder of sentences without its vocabulary or its shape")
	}
	if err := m.checkOutput(FeaturesOutput, tensor.Float32, 4); err != nil {
		return err
	}
	if err := m.checkOutput(SaliencyOutput, tensor.Float32, 3); err != nil {
		return fmt.Errorf("the model has a decoder of sentences: %w", err)
	}
	features, _ := m.Graph.Output(FeaturesOutput)
	saliency, _ := m.Graph.Output(SaliencyOutput)
	if seen, cells := m.Graph.Node(features).Type.Shape, m.Graph.Node(saliency).Type.Shape; !seen[:3].Equal(cells) {
		return fmt.Errorf("the features of shape %v are not those of a heat map of shape %v", seen, cells)
	}
	return nil
}

// entries returns the weights as they stand in a file.
func (d *Decoder) entries() []safetensors.Entry {
	var entries []safetensors.Entry
	for _, name := range slices.Sorted(maps.Keys(d.Weights)) {
		entries = append(entries, safetensors.Entry{Name: decoderPrefix + name, Tensor: d.Weights[name]})
	}
	return entries
}

// readDecoder returns the decoder of a file; nil where there is none.
func readDecoder(f *safetensors.File) (*Decoder, error) {
	shape, ok := f.Metadata()[keyDecoder]
	if !ok {
		return nil, nil
	}
	d := &Decoder{Shape: json.RawMessage(shape), Weights: map[string]tensor.Tensor{}}
	for _, name := range f.Names() {
		own, ok := strings.CutPrefix(name, decoderPrefix)
		if !ok {
			continue
		}
		var err error
		if d.Weights[own], err = f.Tensor(name); err != nil {
			return nil, err
		}
	}
	return d, nil
}
