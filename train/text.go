package train

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/sdtg"
	"megl-edge/sdtg/vocabulary"
	"megl-edge/train/data"
)

// ErrNoSentences says that no row has a sentence to learn from.
var ErrNoSentences = errors.New("no row has a sentence")

// LearnVocabulary makes a vocabulary of up to size tokens of a data set's sentences.
func LearnVocabulary(d *data.Dataset, size int) (*vocabulary.Vocabulary, error) {
	var sentences []string
	for i := range d.Len() {
		sentences = append(sentences, d.Row(i).Rationales...)
	}
	if len(sentences) == 0 {
		return nil, ErrNoSentences
	}
	return vocabulary.Learn(sentences, size)
}

// mostPhrases bounds what a model remembers of a data set's attributes.
const mostPhrases = 4096

// LearnPhrases returns the attributes of a data set's rows that occur in a sentence of
// their row, each once and in order: what the sentences name as evidence.
func LearnPhrases(d *data.Dataset) []string {
	seen := map[string]bool{}
	for i := range d.Len() {
		row := d.Row(i)
		text := strings.Join(row.Rationales, "\n")
		for _, attribute := range row.Attributes {
			if attribute != "" && strings.Contains(text, attribute) {
				seen[attribute] = true
			}
		}
	}
	phrases := slices.Sorted(maps.Keys(seen))
	return phrases[:min(len(phrases), mostPhrases)]
}

// addDecoder gives the network a decoder of first weights.
func (n *Network) addDecoder(s Settings) error {
	if n.Target == "" {
		return fmt.Errorf("sentences need a heat map: %w", gradcam.ErrNoTargetLayer)
	}
	b := graph.Extend(n.graph)
	logits, _ := n.graph.Output(model.LogitsOutput)
	features, err := gradcam.Features(b, n.graph, logits, n.Target)
	if err != nil {
		return err
	}
	channels := b.Shape(features)[3]
	shape := sdtg.DefaultShape(s.Vocabulary.Size(), len(n.Labels), n.Height, n.Width, channels)
	shape.Blind = s.Blind
	if err := shape.Check(); err != nil {
		return err
	}
	n.adoptDecoder(shape, shape.NewWeights(s.Seed))
	n.words, n.phrases = s.Vocabulary, s.Phrases
	return nil
}

// adoptDecoder makes the weights of a decoder those of the network.
func (n *Network) adoptDecoder(shape sdtg.Shape, weights map[string]tensor.Tensor) {
	for _, p := range shape.Parameters() {
		n.weights = append(n.weights, Weight{Name: p.Name, Value: weights[p.Name], Decay: len(p.Shape) > 1, decoder: true})
	}
	n.decoder = &shape
}

// keepDecoder goes on with the decoder of a model, if it speaks of the same classes by
// a map of the same size.
func (n *Network) keepDecoder(m *model.Model) error {
	described, err := sdtg.Describe(m)
	if errors.Is(err, sdtg.ErrSilent) {
		return nil
	}
	if err != nil {
		return err
	}
	if !slices.Equal(n.Labels, m.Labels) || n.Target == "" || described.Height != n.Height || described.Width != n.Width {
		return nil
	}
	weights, err := described.Float(m.Decoder.Weights)
	if err != nil {
		return err
	}
	words := &vocabulary.Vocabulary{}
	if err := json.Unmarshal([]byte(m.Vocabulary), words); err != nil {
		return fmt.Errorf("vocabulary: %w", err)
	}
	n.adoptDecoder(described.Shape, weights)
	n.words, n.phrases = words, described.Phrases
	return nil
}

// Speaks tells whether the network has a decoder of sentences.
func (n *Network) Speaks() bool { return n.decoder != nil }

// giveDecoder gives a model copies of what the network speaks with.
func (n *Network) giveDecoder(m *model.Model) error {
	var err error
	if m.Graph, err = gradcam.WithFeatures(m.Graph, n.Target); err != nil {
		return err
	}
	words, err := json.Marshal(n.words)
	if err != nil {
		return err
	}
	shape, err := json.Marshal(sdtg.Description{Shape: *n.decoder, Phrases: n.phrases})
	if err != nil {
		return err
	}
	m.Vocabulary = string(words)
	m.Decoder = &model.Decoder{Shape: shape, Weights: map[string]tensor.Tensor{}}
	for _, w := range n.weights {
		if w.decoder {
			m.Decoder.Weights[w.Name] = w.Value.Clone()
		}
	}
	return nil
}

// SentenceLength returns how many tokens a sentence may have, its end included; 0
// where the network says nothing.
func (n *Network) SentenceLength() int {
	if n.decoder == nil {
		return 0
	}
	return n.decoder.Length
}

// sentence returns the tokens of a text, its end included. One that is too long is
// cut, and has none.
func (n *Network) sentence(text string) []int32 {
	tokens := n.words.Encode(text)
	if len(tokens) < n.decoder.Length {
		tokens = append(tokens, n.words.End)
	}
	said := make([]int32, min(len(tokens), n.decoder.Length))
	for i := range said {
		said[i] = int32(tokens[i])
	}
	return said
}

// LongSentences counts the sentences of a data set that are longer than the decoder
// learns, and all of them.
func (n *Network) LongSentences(d *data.Dataset) (long, all int) {
	for i := range d.Len() {
		for _, text := range d.Row(i).Rationales {
			if all++; len(n.words.Encode(text)) >= n.decoder.Length {
				long++
			}
		}
	}
	return long, all
}

// untold is one in how many sentences learns without being told the class: what
// describes it must then be seen, where the heat map is.
const untold = 2

const rationaleKey = 0x776f726473 // of the stream that sentences are chosen from

// speak gives photo i of a batch one of its sentences, another one in another epoch.
// Every sentence counts alike, however long it is. One of a photo without label
// counts nothing: nobody knows what it argues for.
func (f *feeder) speak(b *Batch, i int, e *data.Example, epoch uint64, share float32) {
	if e.TextWeight == 0 || e.LabelWeight == 0 {
		return
	}
	random := rand.NewPCG(f.options.Seed^rationaleKey, epoch<<32|uint64(e.Index))
	said := f.network.sentence(e.Rationales[random.Uint64()%uint64(len(e.Rationales))])
	if !f.network.decoder.Blind && random.Uint64()%untold == 0 {
		b.Told[i] = int32(len(f.network.Labels))
	}
	at := i * f.network.decoder.Length
	copy(b.Tokens[at:], said)
	for place := range said {
		b.TokenWeight[at+place] = share / float32(len(said))
	}
}

// say appends the decoder to a builder that extends the network for a batch, and
// returns what it expects where the given tokens stand.
func (n *Network) say(b *graph.Builder, many *graph.Graph, logits, told, saliency, tokens graph.ID, throughFeatures bool) (graph.ID, error) {
	features, err := gradcam.Features(b, many, logits, n.Target)
	if err != nil {
		return graph.None, err
	}
	if !throughFeatures {
		features = b.Apply(graph.OpStopGradient, "", nil, features)
	}
	shape := b.Shape(tokens)
	before := b.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0}, Size: tensor.Shape{shape[0], shape[1] - 1}}, tokens)
	weights := map[string]*Weight{}
	for i := range n.weights {
		weights[n.weights[i].Name] = &n.weights[i]
	}
	weight := func(name string) graph.ID {
		if id, ok := b.Find(name); ok {
			return id
		}
		if w := weights[name]; !w.Frozen {
			return b.Input(name, w.Value.Type)
		}
		return b.Constant(name, weights[name].Value)
	}
	in := sdtg.Inputs{Features: features, Saliency: saliency, Class: told, Tokens: before}
	return n.decoder.Logits(b, in, weight)
}
