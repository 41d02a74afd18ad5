package sdtg

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// The names of inputs and outputs of the graphs that write a sentence.
const (
	featuresInput = "text.features" // of the target layer, float32 [1 × Height × Width × Channels]
	saliencyInput = "text.saliency" // float32 [1 × Height × Width]
	wordInput     = "text.word"     // vector of the class or of the token before, float32 [1 × Embedding]
	placeInput    = "text.place"    // int32 [1], 0 behind the class
	logitsOutput  = "text.logits"   // float32 [1 × Vocabulary]
	powersOutput  = "text.powers"   // Σ exp(logit − the greatest one), float32 [1]
)

// memoryName names what a layer looks at: keys or values, of the cells or of the
// words so far, both inputs of a step; those of the words are outputs, too.
func memoryName(layer int, attention, part string) string {
	return fmt.Sprintf("text.%s.%d.%s", attention, layer, part)
}

// sightName names the weights of the cells, float32 [1 × 1 × 1 × cells].
const sightName = "text.sight"

// sharesName names what a layer takes of each cell: float32 [Heads × cells].
func sharesName(layer int) string { return fmt.Sprintf("text.shares.%d", layer) }

// look returns the graph that computes, once for a sentence, what its words look at
// among the cells.
func (s Shape) look(weight func(b *graph.Builder, name string) graph.ID) (*graph.Graph, error) {
	b := graph.NewBuilder()
	features := b.Input(featuresInput, tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, s.Height, s.Width, s.Channels}})
	saliency := b.Input(saliencyInput, tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{1, s.Height, s.Width}})
	d, err := s.decoder(b, b.Shape(features), 1, func(name string) graph.ID { return weight(b, name) })
	if err != nil {
		return nil, err
	}
	cells := d.cellMemories(features, saliency)
	b.Output(sightName, cells[0].weights)
	for layer, m := range cells {
		b.Output(memoryName(layer, crossAttention, "keys"), m.keys)
		b.Output(memoryName(layer, crossAttention, "values"), m.values)
	}
	return b.Build()
}

// step returns the graph of one word. Its bits are those of [Shape.Logits]: what
// stands behind the place is 0 there, and hidden.
func (s Shape) step(weight func(b *graph.Builder, name string) graph.ID) (*graph.Graph, error) {
	b := graph.NewBuilder()
	d, err := s.decoder(b, tensor.Shape{1}, 1, func(name string) graph.ID { return weight(b, name) })
	if err != nil {
		return nil, err
	}
	input := func(name string, shape ...int) graph.ID {
		return b.Input(name, tensor.Type{DType: tensor.Float32, Shape: shape})
	}
	depth := s.Embedding / s.Heads
	word := input(wordInput, 1, s.Embedding)
	place := b.Input(placeInput, tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{1}})
	row := func(table graph.ID) graph.ID { return b.Apply(graph.OpGather, "", graph.Axis{}, table, place) }
	x := b.Add(word, row(d.weight(positionWeights)))
	mask := row(b.Reshape(b.Constant("decoder/causal", s.causal()), tensor.Shape{s.Length, s.Length}))
	mask = b.Reshape(mask, tensor.Shape{1, 1, 1, s.Length})
	sight := input(sightName, 1, 1, 1, s.cells())
	cells := make([]memory, s.Layers)
	for layer := range cells {
		cells[layer] = memory{
			input(memoryName(layer, crossAttention, "keys"), 1, s.Heads, s.cells(), depth),
			input(memoryName(layer, crossAttention, "values"), 1, s.Heads, s.cells(), depth), graph.None, sight,
		}
	}
	// at brings a vector to its place among zeros.
	everywhere := b.Apply(graph.OpBroadcast, "", graph.Shape{Shape: tensor.Shape{1, s.Heads, 1, depth}}, b.Reshape(place, tensor.Shape{1, 1, 1, 1}))
	add := func(part string, layer int, vector graph.ID) graph.ID {
		name := memoryName(layer, selfAttention, part)
		at := b.Apply(graph.OpScatterAddElements, "", graph.Scatter{Axis: 2, Shape: tensor.Shape{1, s.Heads, s.Length, depth}}, vector, everywhere)
		all := b.Add(input(name, 1, s.Heads, s.Length, depth), at)
		b.Output(name, all)
		return all
	}
	logits := d.layers(x, cells, func(layer int, normed graph.ID) memory {
		own := d.remember(layerName(layer, selfAttention), normed, 1)
		return memory{add("keys", layer, own.keys), add("values", layer, own.values), mask, graph.None}
	})
	b.Output(logitsOutput, logits)
	greatest := b.Apply(graph.OpReduceMax, "", graph.Reduce{Axes: []int{1}, KeepDims: true}, logits)
	powers := b.Apply(graph.OpExp, "", nil, b.Sub(logits, greatest))
	b.Output(powersOutput, b.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{1}}, powers))
	for layer, shares := range d.shares {
		b.Output(sharesName(layer), b.Reshape(shares, tensor.Shape{s.Heads, s.cells()}))
	}
	return b.Build()
}
