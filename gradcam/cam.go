package gradcam

import "megl-edge/runtime/graph"

// The maps that weight the target layer by its slopes.

// gradCAM: Σ_k α_k·A_k with α_k the mean over positions of ∂score/∂A_k (Selvaraju
// et al., "Grad-CAM", ICCV 2017).
func (h *head) gradCAM() graph.ID {
	slope, activation := h.slope(), h.activation()
	weights := h.Apply(graph.OpReduceMean, "channel_weights", graph.Reduce{Axes: everywhere}, slope)
	if h.constantWeights {
		weights = h.Apply(graph.OpStopGradient, "", nil, weights)
	}
	return h.weighted(activation, weights)
}

// layerCAM: Σ_k relu(∂score/∂A_k)·A_k, cell by cell (Jiang et al., "LayerCAM", IEEE
// TIP 2021).
func (h *head) layerCAM() graph.ID {
	slope, activation := h.slope(), h.activation()
	cells := h.Mul(h.positive("cell_weights", slope), activation)
	return h.Apply(graph.OpReduceSum, "weighted_sum", graph.Reduce{Axes: []int{3}}, cells)
}

// gradCAMPlusPlus: Σ_k w_k·A_k with w_k = Σ α_k·relu(g_k) over positions, g_k =
// ∂score/∂A_k and α_k = g_k²/(2·g_k² + ΣA_k·g_k³) (Chattopadhyay et al.,
// "Grad-CAM++", WACV 2018, whose class score is the exponential of ours: its
// factor is the same everywhere and left out).
//
// Where g_k is above 0, and nowhere else does α_k count, it is 1/(2 + ΣA_k·g_k):
// no term is added to keep it finite, which beside slopes of 10⁻⁴ would outweigh
// the squares. The paper's A is the result of a ReLU; where ΣA_k is below 0 it is
// taken as 0.
func (h *head) gradCAMPlusPlus() graph.ID {
	slope, activation := h.slope(), h.activation()
	rise := h.positive("", slope)
	total := h.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: everywhere, KeepDims: true}, activation)
	share := h.Div(rise, h.Add(h.Mul(h.positive("", total), rise), h.Scalar(2)))
	weights := h.Apply(graph.OpReduceSum, "channel_weights", graph.Reduce{Axes: everywhere}, share)
	return h.weighted(activation, weights)
}
