package gradcam

import (
	"megl-edge/runtime/graph"
)

// Saliency appends the heat map of a network to a builder that extends it, and
// returns it: what a loss compares with a person's mask. It is Grad-CAM as by
// [Attach], float32 [N × height × width] in [0,1], of the layer named target.
// logits are the network's class scores; class, int32 [N], says what each map
// explains, −1 the most likely class.
//
// The map depends on the weights twice, by the target layer's values and by the
// slopes that weigh its channels; a gradient of the map follows both. With
// constantWeights it follows the values alone, as other published methods do.
func Saliency(b *graph.Builder, network *graph.Graph, logits graph.ID, target string, class graph.ID, constantWeights bool) (graph.ID, error) {
	at, err := findTarget(network, logits, target)
	if err != nil {
		return graph.None, err
	}
	scores := matrix(b, logits)
	explained := b.Apply(graph.OpStopGradient, "", nil, orLikely(b, "", scores, class))
	if b.Err() != nil {
		return graph.None, b.Err()
	}
	h := newHead(b, at, logits, scores, explained)
	h.constantWeights = constantWeights
	return h.saliency(techniques[0]), b.Err()
}
