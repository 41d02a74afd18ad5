package sdtg

import (
	"fmt"

	"megl-edge/gradcam"
	"megl-edge/runtime/tensor"
)

// Shape is what makes up a decoder.
type Shape struct {
	Vocabulary int `json:"vocabulary"` // tokens
	Classes    int `json:"classes"`
	Height     int `json:"height"` // cells of the heat map
	Width      int `json:"width"`
	Channels   int `json:"channels"`  // of what is seen of a cell; the last ones are its colour
	Embedding  int `json:"embedding"` // length of a token's vector; a multiple of Heads
	Layers     int `json:"layers"`
	Heads      int `json:"heads"`
	Length     int `json:"length"` // tokens of the longest sentence, its end included
	// Blind decoders see nothing of the photo but the class: what others say better is
	// what they see.
	Blind bool `json:"blind,omitempty"`
}

// DefaultShape returns a decoder of two layers, of half a million weights besides
// those for each token, class and channel.
func DefaultShape(vocabulary, classes, height, width, channels int) Shape {
	return Shape{
		Vocabulary: vocabulary, Classes: classes, Height: height, Width: width, Channels: channels,
		Embedding: 128, Layers: 2, Heads: 4, Length: 32,
	}
}

// The limits of a decoder. They keep what a damaged file asks for within reason.
const (
	mostTokens    = 1 << 16
	mostCells     = 1 << 12
	mostChannels  = 1 << 14
	mostEmbedding = 1 << 10
	mostLayers    = 16
	mostLength    = 1 << 10
)

// Check returns what is wrong with a shape.
func (s Shape) Check() error {
	for _, limit := range []struct {
		what        string
		value, most int
	}{
		{"tokens", s.Vocabulary, mostTokens}, {"classes", s.Classes, mostTokens},
		{"rows of cells", s.Height, mostCells}, {"columns of cells", s.Width, mostCells / max(1, s.Height)},
		{"channels behind the colours", s.Channels - gradcam.Colours, mostChannels}, {"numbers for a token", s.Embedding, mostEmbedding},
		{"layers", s.Layers, mostLayers}, {"heads", s.Heads, s.Embedding}, {"tokens of a sentence", s.Length, mostLength},
	} {
		if limit.value < 1 || limit.value > limit.most {
			return fmt.Errorf("a decoder with %d %s, want 1 to %d", limit.value, limit.what, limit.most)
		}
	}
	if s.Embedding%s.Heads != 0 {
		return fmt.Errorf("a decoder with %d numbers for a token, want a multiple of its %d heads", s.Embedding, s.Heads)
	}
	return nil
}

// cells returns the number of cells of a map.
func (s Shape) cells() int { return s.Height * s.Width }

// The weights of a decoder; those of a layer follow layerName.
const (
	tokenWeights    = "decoder/tokens"  // [Vocabulary × Embedding], for what goes in and for what comes out
	classWeights    = "decoder/classes" // [Classes + 1 × Embedding], the last one for no class
	positionWeights = "decoder/places"  // [Length × Embedding]
	cellWeights     = "decoder/cells"   // [cells × Embedding]
	imageWeights    = "decoder/image"   // W_I, [Embedding × Channels without colours]
	salientWeights  = "decoder/salient" // W_A, likewise
	colourWeights   = "decoder/colours" // [Embedding × colours]
	visualOffset    = "decoder/visual"  // [Embedding]
	visualNorm      = "decoder/seen"    // of what is seen of the cells, as those of a layer
	finalNorm       = "decoder/norm"    // scale and offset, as those of a layer
	selfAttention   = "self"            // queries, keys, values and the projection of their sum
	crossAttention  = "cross"
	feedForward     = "feed" // to widening·Embedding and back
)

// widening is how much longer the vectors of a feed-forward network are inside.
const widening = 4

func layerName(layer int, part string) string { return fmt.Sprintf("decoder/layer %d/%s", layer, part) }

// Parameter is a weight of a decoder before training.
type Parameter struct {
	Name  string
	Shape tensor.Shape
	// Matrix tells whether vectors are multiplied by it: on a device it can be int8.
	Matrix bool
	start  start
}

// start is where a weight begins.
type start int

const (
	zeros  start = iota
	ones         // scales
	spread       // uniform, by how many values go into a sum
)

// Parameters returns the weights, in the order that their first values are drawn.
func (s Shape) Parameters() []Parameter {
	e := s.Embedding
	list := []Parameter{
		{tokenWeights, tensor.Shape{s.Vocabulary, e}, true, spread},
		{classWeights, tensor.Shape{s.Classes + 1, e}, false, spread},
		{positionWeights, tensor.Shape{s.Length, e}, false, spread},
		{cellWeights, tensor.Shape{s.cells(), e}, false, spread},
		{imageWeights, tensor.Shape{e, s.Channels - gradcam.Colours}, true, spread},
		{salientWeights, tensor.Shape{e, s.Channels - gradcam.Colours}, true, spread},
		{colourWeights, tensor.Shape{e, gradcam.Colours}, false, spread},
		{visualOffset, tensor.Shape{e}, false, zeros},
	}
	list = append(list, norm(visualNorm, e)...)
	for layer := range s.Layers {
		for _, attention := range []string{selfAttention, crossAttention} {
			name := layerName(layer, attention)
			list = append(list, norm(name, e)...)
			for _, part := range []string{"queries", "keys", "values", "sum"} {
				list = append(list, linear(name+"/"+part, e, e)...)
			}
		}
		name := layerName(layer, feedForward)
		list = append(list, norm(name, e)...)
		list = append(list, linear(name+"/wide", widening*e, e)...)
		list = append(list, linear(name+"/narrow", e, widening*e)...)
	}
	return append(list, norm(finalNorm, e)...)
}

func norm(name string, length int) []Parameter {
	return []Parameter{{name + "/scale", tensor.Shape{length}, false, ones}, {name + "/offset", tensor.Shape{length}, false, zeros}}
}

func linear(name string, rows, columns int) []Parameter {
	return []Parameter{{name + "/weights", tensor.Shape{rows, columns}, true, spread}, {name + "/bias", tensor.Shape{rows}, false, zeros}}
}
