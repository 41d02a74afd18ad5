package gradcam

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
)

// Features appends the values of a network's target layer to a builder that extends
// it, as a grid with a cell for each cell of the heat map: real values, float32 [N ×
// height × width × channels]. Tokens that stand for no place are left out.
func Features(b *graph.Builder, network *graph.Graph, logits graph.ID, target string) (graph.ID, error) {
	at, err := findTarget(network, logits, target)
	if err != nil {
		return graph.None, err
	}
	h := newHead(b, at, logits, graph.None, graph.None)
	return b.Reshape(h.activation(), h.shape), b.Err()
}

// WithFeatures returns the graph of a model that explains itself with the values of
// its target layer as a further output, which a decoder of sentences reads.
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
