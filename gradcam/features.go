package gradcam

import (
	"errors"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// Features appends what a decoder of sentences sees of a photo to a builder that extends
// its network, a grid with a cell for each cell of the heat map: real values, float32
// [N × height × width × channels + 3]. First come the values of the target layer, without
// tokens that stand for no place; then the mean colour of the cell's pixels, from −8 to 8,
// which a layer that tells classes apart has mostly forgotten.
func Features(b *graph.Builder, network *graph.Graph, logits graph.ID, target string) (graph.ID, error) {
	at, err := findTarget(network, logits, target)
	if err != nil {
		return graph.None, err
	}
	h := newHead(b, at, logits, graph.None, graph.None)
	image, ok := network.Find(model.ImageInput)
	if !ok {
		return graph.None, errNoImage
	}
	return b.Apply(graph.OpConcat, "", graph.Axis{Axis: 3}, b.Reshape(h.activation(), h.shape), h.colours(image)), b.Err()
}

// Colours is how many channels of the [Features] are a cell's colour, the last ones.
const Colours = 3

var errNoImage = errors.New("the network has no input of pixels")

// colours returns the mean colour of the pixels of each cell, [N × height × width × 3].
// Pixels that are left over at the right and at the bottom count nothing.
func (h *head) colours(image graph.ID) graph.ID {
	const (
		gray   = 127.5
		spread = 16
	)
	pixels := h.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{gray, gray, gray}, Std: []float32{spread, spread, spread}}, image)
	shape := h.Shape(pixels)
	if len(shape) != 4 {
		return graph.None
	}
	height, width := h.shape[1], h.shape[2]
	size := graph.HW{shape[1] / height, shape[2] / width}
	seen := h.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0, 0, 0}, Size: tensor.Shape{shape[0], size[0] * height, size[1] * width, 3}}, pixels)
	return h.Apply(graph.OpAvgPool, "", graph.Pool{Kernel: size, Stride: size}, seen)
}

// WithFeatures returns the graph of a model that explains itself with its [Features] as
// a further output.
func WithFeatures(g *graph.Graph, target string) (*graph.Graph, error) {
	b := graph.Extend(g)
	logits, _ := g.Output(model.LogitsOutput)
	features, err := Features(b, g, logits, target)
	if err != nil {
		return nil, err
	}
	b.Output(model.FeaturesOutput, features)
	return b.Build()
}
