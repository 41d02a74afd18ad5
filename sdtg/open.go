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

// Description is what a model file says of its decoder, as JSON.
type Description struct {
	Shape
	// Phrases are what the sentences it learned from name as evidence; see
	// [Voice.Say].
	Phrases []string `json:"phrases,omitempty"`
}

// Describe returns the description of a model's decoder. It fails with [ErrSilent] on
// a model without one.
func Describe(m *model.Model) (Description, error) {
	var d Description
	if m.Decoder == nil {
		return d, ErrSilent
	}
	if err := json.Unmarshal(m.Decoder.Shape, &d); err != nil {
		return d, fmt.Errorf("decoder: %w", err)
	}
	return d, nil
}

// Open prepares the decoder of a model, for a number of threads; see
// [runtime.Plan.NewSession]. It fails with [ErrSilent] on a model without one.
func Open(m *model.Model, threads int) (*Speaker, *vocabulary.Vocabulary, error) {
	described, err := Describe(m)
	if err != nil {
		return nil, nil, err
	}
	words := &vocabulary.Vocabulary{}
	if err := json.Unmarshal([]byte(m.Vocabulary), words); err != nil {
		return nil, nil, fmt.Errorf("vocabulary: %w", err)
	}
	if words.Size() != described.Vocabulary || words.End == vocabulary.None || described.Classes != m.Classes() {
		return nil, nil, fmt.Errorf("the decoder is for %d tokens and %d classes; the vocabulary has %d, the model %d classes",
			described.Vocabulary, described.Classes, words.Size(), m.Classes())
	}
	k, err := NewSpeaker(described.Shape, m.Decoder.Weights, threads)
	return k, words, err
}
