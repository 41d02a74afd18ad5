package sdtg

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"megl-edge/gradcam/render"
	"megl-edge/runtime/model"
	"megl-edge/sdtg/vocabulary"
)

// Voice says in a sentence why a model sees a class, and where on the photo each
// phrase of it has its evidence. It is used by one goroutine at a time.
type Voice struct {
	// Beams is how many sentences are weighed at a time; 1, as a voice is opened, takes
	// the most likely token each time.
	Beams int

	speaker *Speaker
	words   *vocabulary.Vocabulary
	tokens  []string // texts of the tokens
	naming  naming
	phrases []string
}

// OpenVoice prepares the decoder of a model; see [Open].
func OpenVoice(m *model.Model, threads int) (*Voice, error) {
	described, err := Describe(m)
	if err != nil {
		return nil, err
	}
	speaker, words, err := Open(m, threads)
	if err != nil {
		return nil, err
	}
	v := &Voice{Beams: 1, speaker: speaker, words: words, tokens: make([]string, words.Size()), naming: newNaming(m.Labels), phrases: described.Phrases}
	for token := range v.tokens {
		v.tokens[token], _ = words.Decode([]int{token})
	}
	return v, nil
}

// Close ends the voice's threads.
func (v *Voice) Close() { v.speaker.Close() }

// Account is what a voice says of a photo.
type Account struct {
	Text    string // valid UTF-8
	Phrases []Phrase
	*Sentence
	starts   []int // where the tokens begin in the text
	saliency []float32
	shape    Shape
}

// Phrase is a part of a sentence that names evidence.
type Phrase struct {
	Start, End int // bytes of the text
	Region
}

// Say says what speaks for a class, of the target layer's values, [height × width ×
// channels], and the heat map of the class. The sentence names no other class,
// unless it contrasts with it. Its phrases are those the voice has learned as
// evidence, or, of a model that knows none, what stands between words that join.
func (v *Voice) Say(features []float32, saliency render.Map, class int) (*Account, error) {
	if class < 0 || class >= len(v.naming.names) {
		return nil, fmt.Errorf("class %d of %d: %w", class, len(v.naming.names), ErrNoClass)
	}
	// Where every sentence would end in another class's name, words that only begin
	// with one are given up, too.
	var said *Sentence
	for _, strict := range []bool{false, true} {
		var err error
		said, err = v.speaker.SayBest(features, saliency.Values, class, int32(v.words.End), v.Beams, v.allows(class, strict))
		if err != nil {
			return nil, err
		}
		if len(said.Tokens) > 0 {
			break
		}
	}
	return v.account(said, saliency.Values)
}

// SayBlind is [Voice.Say] of a decoder that sees nothing.
func (v *Voice) SayBlind(class int) (*Account, error) {
	s := v.speaker.Shape
	empty := render.Map{Height: s.Height, Width: s.Width, Values: make([]float32, s.cells())}
	return v.Say(make([]float32, s.cells()*s.Channels), empty, class)
}

// allows returns which tokens may follow others in a sentence about a class.
func (v *Voice) allows(class int, strict bool) func(before []int32, token int32) bool {
	return func(before []int32, token int32) bool {
		if int(token) == v.words.Padding || int(token) == v.words.Begin {
			return false
		}
		ends := int(token) == v.words.End
		text, _ := v.text(before)
		return !v.naming.namesOther(text+v.tokens[token], class, ends || strict)
	}
}

// text returns the text of tokens, and where each begins.
func (v *Voice) text(tokens []int32) (string, []int) {
	var text strings.Builder
	starts := make([]int, len(tokens))
	for i, token := range tokens {
		starts[i] = text.Len()
		text.WriteString(v.tokens[token])
	}
	return text.String(), starts
}

// account finds the phrases of a sentence.
func (v *Voice) account(said *Sentence, saliency []float32) (*Account, error) {
	raw, starts := v.text(said.Tokens)
	a := &Account{Sentence: said, saliency: saliency, shape: v.speaker.Shape}
	if !utf8.ValidString(raw) {
		// Bytes that are no letters leave no places to speak of.
		a.Text = strings.TrimSpace(strings.ToValidUTF8(raw, "\uFFFD"))
		return a, nil
	}
	a.Text = strings.TrimSpace(raw)
	shift := strings.Index(raw, a.Text)
	for i := range starts {
		starts[i] -= shift
	}
	a.starts = starts
	for _, s := range phrasesIn(a.Text, v.phrases) {
		region, err := a.Ground(s.start, s.end)
		if err != nil {
			return nil, err
		}
		a.Phrases = append(a.Phrases, Phrase{s.start, s.end, region})
	}
	return a, nil
}

var errNoPhrase = errors.New("no token lies in that part of the sentence")

// Ground returns the region of a part of the text, in bytes.
func (a *Account) Ground(start, end int) (Region, error) {
	var shares [][]float32
	for i, first := range a.starts {
		last := len(a.Text)
		if i+1 < len(a.starts) {
			last = a.starts[i+1]
		}
		if first < end && last > start {
			shares = append(shares, a.Shares[i])
		}
	}
	if len(shares) == 0 {
		return Region{}, errNoPhrase
	}
	return a.shape.Ground(shares, a.saliency)
}
