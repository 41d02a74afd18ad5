package sdtg

import (
	"encoding/json"
	"errors"
	"fmt"

	"megl-edge/runtime/model"
	"megl-edge/sdtg/vocabulary"
)

// ErrSilent says that a model has nothing to say sentences with.
var ErrSilent = errors.New("the model has no decoder of sentences")

// ShapeOf returns the shape of a model's decoder. It fails with [ErrSilent] on a model
// without one.
func ShapeOf(m *model.Model) (Shape, error) {
	var s Shape
	if m.Decoder == nil {
		return s, ErrSilent
	}
	if err := json.Unmarshal(m.Decoder.Shape, &s); err != nil {
		return s, fmt.Errorf("decoder: %w", err)
	}
	return s, nil
}

// Open prepares the decoder of a model, for a number of threads; see
// [runtime.Plan.NewSession]. It fails with [ErrSilent] on a model without one.
func Open(m *model.Model, threads int) (*Speaker, *vocabulary.Vocabulary, error) {
	shape, err := ShapeOf(m)
	if err != nil {
		return nil, nil, err
	}
	words := &vocabulary.Vocabulary{}
	if err := json.Unmarshal([]byte(m.Vocabulary), words); err != nil {
		return nil, nil, fmt.Errorf("vocabulary: %w", err)
	}
	if words.Size() != shape.Vocabulary || words.End == vocabulary.None || shape.Classes != m.Classes() {
		return nil, nil, fmt.Errorf("the decoder is for %d tokens and %d classes; the vocabulary has %d, the model %d classes",
			shape.Vocabulary, shape.Classes, words.Size(), m.Classes())
	}
	k, err := NewSpeaker(shape, m.Decoder.Weights, threads)
	return k, words, err
}
