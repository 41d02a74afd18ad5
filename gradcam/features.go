package gradcam

import "megl-edge/runtime/graph"

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
