package sdtg

import (
	"errors"
	"fmt"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Speaker writes sentences. It is used by one goroutine at a time. [Speaker.Close]
// ends its threads.
type Speaker struct {
	Shape
	tokens, classes []float32 // vectors
	look, step      *runtime.Session
}

// Sentence is what a speaker says.
type Sentence struct {
	Tokens []int32 // its end not included
	// Shares are how much of each cell the choice of a token looked at, [tokens ×
	// cells], means over heads and layers; a row adds up to 1.
	Shares [][]float32
	// LogProbability is the sum over all tokens, the end included.
	LogProbability float64
}

// NewSpeaker prepares a decoder with the given weights for a number of threads; see
// [runtime.Plan.NewSession].
func NewSpeaker(s Shape, weights map[string]tensor.Tensor, threads int) (*Speaker, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	for _, p := range s.Parameters() {
		if w, ok := weights[p.Name]; !ok || w.DType != tensor.Float32 || !w.Shape.Equal(p.Shape) {
			return nil, fmt.Errorf("weight %q: want %v of float32", p.Name, p.Shape)
		}
	}
	constant := func(b *graph.Builder, name string) graph.ID {
		if id, ok := b.Find(name); ok {
			return id
		}
		return b.Constant(name, weights[name])
	}
	k := &Speaker{Shape: s, tokens: tensor.Elements[float32](weights[tokenWeights]), classes: tensor.Elements[float32](weights[classWeights])}
	for _, part := range []struct {
		session **runtime.Session
		build   func(func(*graph.Builder, string) graph.ID) (*graph.Graph, error)
	}{{&k.look, s.look}, {&k.step, s.step}} {
		g, err := part.build(constant)
		if err == nil {
			*part.session, err = session(g, threads)
		}
		if err != nil {
			k.Close()
			return nil, err
		}
	}
	return k, nil
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
	copy(memoryOf(k.look.Input, featuresInput), features)
	copy(memoryOf(k.look.Input, saliencyInput), saliency)
	k.look.Run()
	for layer := range k.Layers {
		for _, part := range []string{"keys", "values"} {
			name := memoryName(layer, crossAttention, part)
			copy(memoryOf(k.step.Input, name), memoryOf(k.look.Output, name))
			clear(memoryOf(k.step.Input, memoryName(layer, selfAttention, part)))
		}
	}
	return nil
}

// next takes the vector that stands before a place, and returns the logits of the
// token at it.
func (k *Speaker) next(vector []float32, place int) []float32 {
	copy(memoryOf(k.step.Input, wordInput), vector)
	at, _ := k.step.Input(placeInput)
	tensor.Elements[int32](at)[0] = int32(place)
	k.step.Run()
	for layer := range k.Layers {
		for _, part := range []string{"keys", "values"} {
			name := memoryName(layer, selfAttention, part)
			copy(memoryOf(k.step.Input, name), memoryOf(k.step.Output, name))
		}
	}
	return memoryOf(k.step.Output, logitsOutput)
}

// memoryOf returns the memory of an input or an output that the graph has.
func memoryOf(of func(string) (tensor.Tensor, error), name string) []float32 {
	value, err := of(name)
	if err != nil {
		panic(err)
	}
	return tensor.Elements[float32](value)
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
	said, vector := &Sentence{}, k.classes[class*k.Embedding:][:k.Embedding]
	for place := range k.Length {
		logits := k.next(vector, place)
		token := choose(logits, said.Tokens)
		if token < 0 || int(token) >= k.Vocabulary {
			return nil, fmt.Errorf("token %d was chosen, there are %d", token, k.Vocabulary)
		}
		said.LogProbability += float64(logits[token]) - logSum(logits)
		if token == end {
			break
		}
		said.Tokens = append(said.Tokens, token)
		said.Shares = append(said.Shares, k.shares())
		vector = k.tokens[int(token)*k.Embedding:][:k.Embedding]
	}
	return said, nil
}

// shares returns how much of each cell the last logits come from.
func (k *Speaker) shares() []float32 {
	mean := make([]float32, k.cells())
	part := 1 / float32(k.Layers*k.Heads)
	for layer := range k.Layers {
		for i, share := range memoryOf(k.step.Output, sharesName(layer)) {
			mean[i%len(mean)] += float32(share * part)
		}
	}
	return mean
}
