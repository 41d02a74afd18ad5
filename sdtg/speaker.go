package sdtg

import (
	"errors"
	"fmt"
	"slices"

	"megl-edge/kernels"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Speaker writes sentences. It is used by one goroutine at a time. [Speaker.Close]
// ends its threads.
type Speaker struct {
	Shape
	tokens, classes table
	look, step      *runtime.Session

	// The memory of the sessions' inputs and outputs.
	features, saliency []float32
	word               []float32
	place              []int32
	logits, powers     []float32
	ofCells, ofWords   []remembered // keys and values, layer by layer, and the weights of cells
	layerShares        [][]float32  // by layer
}

// remembered is keys or values, of the cells or of the words: where a run leaves them,
// and where a step reads them.
type remembered struct{ written, read []float32 }

// Sentence is what a speaker says.
type Sentence struct {
	Tokens []int32 // its end not included
	// Shares are how much of each cell the choice of a token looked at, [tokens ×
	// cells], means over heads and layers; a row adds up to 1.
	Shares [][]float32
	// LogProbability is the sum over all tokens, the end included.
	LogProbability float64
}

// NewSpeaker prepares a decoder with the given weights. It looks at a photo with a number
// of threads, see [runtime.Plan.NewSession], and writes with one.
func NewSpeaker(s Shape, weights map[string]tensor.Tensor, threads int) (*Speaker, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	weights, err := s.checked(weights)
	if err != nil {
		return nil, err
	}
	constant := func(b *graph.Builder, name string) graph.ID {
		if id, ok := b.Find(name); ok {
			return id
		}
		return b.Constant(name, weights[name])
	}
	k := &Speaker{Shape: s, tokens: table{weights[tokenWeights]}, classes: table{weights[classWeights]}}
	for _, part := range []struct {
		session **runtime.Session
		build   func(func(*graph.Builder, string) graph.ID) (*graph.Graph, error)
		threads int
	}{
		{&k.look, s.look, threads},
		{&k.step, s.step, 1}, // the products of one word are too small to share
	} {
		g, err := part.build(constant)
		if err == nil {
			*part.session, err = session(g, part.threads)
		}
		if err != nil {
			k.Close()
			return nil, err
		}
	}
	if err := k.bind(); err != nil {
		k.Close()
		return nil, err
	}
	return k, nil
}

// bind finds the memory of the sessions.
func (k *Speaker) bind() error {
	var failed error
	memory := func(of func(string) (tensor.Tensor, error), name string) tensor.Tensor {
		value, err := of(name)
		failed = errors.Join(failed, err)
		return value
	}
	floats := func(of func(string) (tensor.Tensor, error), name string) []float32 {
		return tensor.Elements[float32](memory(of, name))
	}
	k.features, k.saliency = floats(k.look.Input, featuresInput), floats(k.look.Input, saliencyInput)
	k.word, k.logits = floats(k.step.Input, wordInput), floats(k.step.Output, logitsOutput)
	k.powers = floats(k.step.Output, powersOutput)
	k.place = tensor.Elements[int32](memory(k.step.Input, placeInput))
	k.ofCells = append(k.ofCells, remembered{floats(k.look.Output, sightName), floats(k.step.Input, sightName)})
	for layer := range k.Layers {
		for _, part := range []string{"keys", "values"} {
			cells, words := memoryName(layer, crossAttention, part), memoryName(layer, selfAttention, part)
			k.ofCells = append(k.ofCells, remembered{floats(k.look.Output, cells), floats(k.step.Input, cells)})
			k.ofWords = append(k.ofWords, remembered{floats(k.step.Output, words), floats(k.step.Input, words)})
		}
		k.layerShares = append(k.layerShares, floats(k.step.Output, sharesName(layer)))
	}
	return failed
}

func session(g *graph.Graph, threads int) (*runtime.Session, error) {
	plan, err := runtime.Compile(g, runtime.Options{})
	if err != nil {
		return nil, err
	}
	return plan.NewSession(threads), nil
}

// Close ends the speaker's threads.
func (k *Speaker) Close() {
	for _, s := range []*runtime.Session{k.look, k.step} {
		if s != nil {
			s.Close()
		}
	}
}

// ErrNoClass says that there is no such class to speak of.
var ErrNoClass = errors.New("the decoder knows no such class")

// begin looks at a photo: the target layer's values, [Height × Width × Channels],
// and the heat map of a class, [Height × Width].
func (k *Speaker) begin(features, saliency []float32, class int) error {
	if class < 0 || class >= k.Classes {
		return fmt.Errorf("class %d of %d: %w", class, k.Classes, ErrNoClass)
	}
	if len(features) != k.cells()*k.Channels || len(saliency) != k.cells() {
		return fmt.Errorf("%d features and %d cells, want %d and %d", len(features), len(saliency), k.cells()*k.Channels, k.cells())
	}
	copy(k.features, features)
	copy(k.saliency, saliency)
	k.look.Run()
	for _, m := range k.ofCells {
		copy(m.read, m.written)
	}
	for _, m := range k.ofWords {
		clear(m.read)
	}
	return nil
}

// next takes the vector that stands before a place, and returns the logits of the
// token at it.
func (k *Speaker) next(vector []float32, place int) []float32 {
	copy(k.word, vector)
	k.place[0] = int32(place)
	k.step.Run()
	for _, m := range k.ofWords {
		copy(m.read, m.written)
	}
	return k.logits
}

// Say writes a sentence about what speaks for a class on a photo: the target
// layer's values, [Height × Width × Channels], and the heat map of the class,
// [Height × Width]. choose returns the token of a place, of the logits there and
// the tokens before it; end, which ends the sentence, belongs to the vocabulary. A
// sentence that becomes too long is cut.
func (k *Speaker) Say(features, saliency []float32, class int, end int32, choose func(logits []float32, before []int32) int32) (*Sentence, error) {
	if err := k.begin(features, saliency, class); err != nil {
		return nil, err
	}
	said, vector := &Sentence{}, k.classes.row(class)
	for place := range k.Length {
		logits := k.next(vector, place)
		token := choose(logits, said.Tokens)
		if token < 0 || int(token) >= k.Vocabulary {
			return nil, fmt.Errorf("token %d was chosen, there are %d", token, k.Vocabulary)
		}
		said.LogProbability += float64(logits[token]) - k.logSum()
		if token == end {
			break
		}
		said.Tokens = append(said.Tokens, token)
		said.Shares = append(said.Shares, k.shares())
		vector = k.tokens.row(int(token))
	}
	return said, nil
}

// logSum returns log Σ exp(logit) of the last logits.
func (k *Speaker) logSum() float64 {
	return float64(slices.Max(k.logits)) + kernels.Log64(float64(k.powers[0]))
}

// shares returns how much of each cell the last logits come from.
func (k *Speaker) shares() []float32 {
	mean := make([]float32, k.cells())
	part := 1 / float32(k.Layers*k.Heads)
	for _, shares := range k.layerShares {
		for i, share := range shares {
			mean[i%len(mean)] += float32(share * part)
		}
	}
	return mean
}
