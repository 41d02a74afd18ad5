package gradcam

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// everywhere are the axes of height and width.
var everywhere = []int{1, 2}

// head is the part of a classifier behind its target layer, in a graph that
// grows.
type head struct {
	*graph.Builder
	at     positions
	shape  tensor.Shape // of the target layer: [N × height × width × channels]
	logits graph.ID     // the layer that computes them
	scores graph.ID     // the logits as [N × classes]
	class  graph.ID     // to explain, int32 [N]
	rival  graph.ID     // whose score is taken off that of the class, int32 [N]; None for no such class
	// constantWeights keeps a gradient of the map from passing through the weights
	// of its channels.
	constantWeights bool
}

// newHead returns the head behind a layer of a graph that was built without
// error so far.
func newHead(b *graph.Builder, at positions, logits, scores, class graph.ID) *head {
	layer := b.Shape(at.layer)
	shape := tensor.Shape{layer[0], at.height, at.width, layer[len(layer)-1]}
	return &head{Builder: b, at: at, shape: shape, logits: logits, scores: scores, class: class, rival: graph.None}
}

// attachMap makes the map of a technique an output.
func (h *head) attachMap(t technique) {
	h.Output(model.SaliencyOutput, h.saliency(t))
}

// saliency returns the map of a technique, [N × height × width] in [0,1].
func (h *head) saliency(t technique) graph.ID {
	evidence := h.positive("positive_evidence", t.draw(h))
	return h.normalised(h.Reshape(evidence, h.shape[:3]))
}

// slope returns ∂score/∂A, of the target layer's shape.
func (h *head) slope() graph.ID {
	seed := h.oneHot(h.class)
	if h.rival != graph.None {
		seed = h.Sub(seed, h.oneHot(h.rival))
	}
	scores := matrix(h.Builder, beforeRounding(h.Builder, h.logits))
	return h.at.image(h.Builder, h.VJP(scores, seed, h.at.layer)[0])
}

func (h *head) oneHot(class graph.ID) graph.ID {
	return h.Apply(graph.OpOneHot, "", graph.OneHot{Depth: h.Shape(h.scores)[1]}, class)
}

// activation returns A, the real values of the target layer.
func (h *head) activation() graph.ID { return h.at.image(h.Builder, h.Real(h.at.layer)) }

// flat returns the target layer's values as [N × positions × channels].
func (h *head) flat(image graph.ID) graph.ID {
	return h.Reshape(image, tensor.Shape{h.shape[0], h.shape[1] * h.shape[2], h.shape[3]})
}

// weighted returns Σ_k weight_k·A_k, [N × positions × 1], of one weight for each
// channel.
func (h *head) weighted(activation, weights graph.ID) graph.ID {
	return h.Apply(graph.OpMatMul, "weighted_sum", graph.MatMul{},
		h.flat(activation), h.Reshape(weights, tensor.Shape{h.shape[0], h.shape[3], 1}))
}

// positive returns max(x, 0).
func (h *head) positive(name string, x graph.ID) graph.ID {
	return h.Apply(graph.OpClamp, name, graph.ReLU, x)
}

// normalised returns (map − min)/(max − min + 1e-7) of every image.
func (h *head) normalised(heat graph.ID) graph.ID {
	image := graph.Reduce{Axes: everywhere, KeepDims: true}
	least := h.Apply(graph.OpReduceMin, "", image, heat)
	most := h.Apply(graph.OpReduceMax, "", image, heat)
	span := h.Add(h.Sub(most, least), h.Scalar(epsilon))
	return h.Apply(graph.OpDiv, model.SaliencyOutput, nil, h.Sub(heat, least), span)
}
