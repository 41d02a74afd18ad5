package gradcam

import (
	"errors"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// errNoAttention says that a network has no attention to follow.
var errNoAttention = errors.New("attention rollout needs a vision transformer: no layer before the class scores attends to the tokens of the target layer")

// attentions lists the softmaxes of self-attention, [N × heads × tokens ×
// tokens], that come before the logits, the last first. The last may have one
// row, that of the class token, where nothing else is read of it. node is that of
// a graph or a builder.
func attentions(node func(graph.ID) *graph.Node, logits graph.ID, at positions) []graph.ID {
	tokens := node(at.layer).Type.Shape[1]
	var list []graph.ID
	for id := logits; id >= 0; id-- {
		n := node(id)
		s := n.Type.Shape
		if n.Op != graph.OpSoftmax || len(s) != 4 || s[3] != tokens {
			continue
		}
		if s[2] == tokens || s[2] == 1 && at.first > 0 && len(list) == 0 {
			list = append(list, id)
		}
	}
	return list
}

// rollout follows attention from the class token, or from all tokens where there
// is none, back to the patches: r·½(A_L + I)·…·½(A_1 + I), A_l the mean over the
// heads of layer l (Abnar and Zuidema, "Quantifying Attention Flow in
// Transformers", ACL 2020). It does not depend on the class.
func (h *head) rollout() graph.ID {
	tokens := h.Shape(h.at.layer)[1]
	start := make([]float32, tokens)
	for i := range start {
		switch {
		case h.at.first == 0:
			start[i] = 1 / float32(tokens)
		case i == 0:
			start[i] = 1
		}
	}
	batch := h.shape[0]
	row := h.Constant("rollout_start", tensor.Must(tensor.Of(tensor.Shape{1, 1, tokens}, start)))
	if batch > 1 {
		row = h.Apply(graph.OpBroadcast, "", graph.Shape{Shape: tensor.Shape{batch, 1, tokens}}, row)
	}
	for _, softmax := range attentions(h.Node, h.logits, h.at) {
		mean := h.Apply(graph.OpReduceMean, "attention", graph.Reduce{Axes: []int{1}}, softmax)
		attended := mean // what the class token alone attends to
		if h.Shape(softmax)[2] == tokens {
			attended = h.Apply(graph.OpMatMul, "", graph.MatMul{}, row, mean)
		}
		row = h.Mul(h.Add(attended, row), h.Scalar(0.5))
	}
	grid := graph.Slice{Start: []int{0, 0, h.at.first}, Size: tensor.Shape{batch, 1, h.at.height * h.at.width}}
	return h.Apply(graph.OpSlice, "rollout", grid, row)
}
