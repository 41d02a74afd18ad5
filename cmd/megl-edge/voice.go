package main

import (
	"errors"
	"strings"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
	"megl-edge/sdtg"
	"megl-edge/sdtg/vocabulary"
)

// voice says why a model sees a class; one of a model without decoder says nothing.
type voice struct {
	speaker *sdtg.Speaker
	words   *vocabulary.Vocabulary
}

// beams is how many sentences a voice weighs at a time.
const beams = 3

// openVoice prepares the decoder of a model for maps of the given method: of another
// than the decoder learned from, it says nothing.
func openVoice(m *model.Model, method gradcam.Method, threads int) (*voice, error) {
	if method != gradcam.GradCAM {
		return &voice{}, nil
	}
	speaker, words, err := sdtg.Open(m, threads)
	if errors.Is(err, sdtg.ErrSilent) {
		return &voice{}, nil
	}
	return &voice{speaker, words}, err
}

func (v *voice) close() {
	if v.speaker != nil {
		v.speaker.Close()
	}
}

// say returns a sentence for the class and the map of an explanation; empty where
// nothing speaks for the class.
func (v *voice) say(x *gradcam.Explanation) (string, error) {
	if v.speaker == nil || !x.Evidence() {
		return "", nil
	}
	said, err := v.speaker.SayBest(x.Features, x.Map.Values, x.Class, int32(v.words.End), beams, v.allowed)
	if err != nil {
		return "", err
	}
	tokens := make([]int, len(said.Tokens))
	for i, token := range said.Tokens {
		tokens[i] = int(token)
	}
	text, err := v.words.Decode(tokens)
	return strings.ToValidUTF8(strings.TrimSpace(text), "\uFFFD"), err
}

// allowed keeps special tokens other than the end out of sentences.
func (v *voice) allowed(_ []int32, token int32) bool {
	return int(token) != v.words.Padding && int(token) != v.words.Begin
}
