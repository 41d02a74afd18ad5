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

// Open prepares the decoder of a model, for a number of threads; see
// [runtime.Plan.NewSession]. It fails with [ErrSilent] on a model without one.
func Open(m *model.Model, threads int) (*Speaker, *vocabulary.Vocabulary, error) {
	if m.Decoder == nil {
		return nil, nil, ErrSilent
	}
	var shape Shape
	if err := json.Unmarshal(m.Decoder.Shape, &shape); err != nil {
		return nil, nil, fmt.Errorf("decoder: %w", err)
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
