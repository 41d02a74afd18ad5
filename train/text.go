package train

import (
	"fmt"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/sdtg"
)

// addDecoder gives the network a decoder of first weights, for sentences of a
// vocabulary of so many tokens.
func (n *Network) addDecoder(tokens int, seed uint64) error {
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
	shape := sdtg.DefaultShape(tokens, len(n.Labels), n.Height, n.Width, channels)
	if err := shape.Check(); err != nil {
		return err
	}
	weights := shape.NewWeights(seed)
	for _, p := range shape.Parameters() {
		n.weights = append(n.weights, Weight{Name: p.Name, Value: weights[p.Name], Decay: len(p.Shape) > 1, decoder: true})
	}
	n.decoder = &shape
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

// say appends the decoder to a builder that extends the network for a batch, and
// returns what it expects where the given tokens stand.
func (n *Network) say(b *graph.Builder, many *graph.Graph, logits, class, saliency, tokens graph.ID) (graph.ID, error) {
	features, err := gradcam.Features(b, many, logits, n.Target)
	if err != nil {
		return graph.None, err
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
	in := sdtg.Inputs{Features: features, Saliency: saliency, Class: class, Tokens: before}
	return n.decoder.Logits(b, in, weight)
}
