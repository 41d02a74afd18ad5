package quant

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// corrected returns the bias of a convolution less what rounding its weights adds
// to its results on average: Σ Δw·mean(x) (Nagel et al., "Data-Free Quantization",
// ICCV 2019, §4.2; the means are those of the calibration photos, and borders
// count as the rest).
func corrected(b *graph.Builder, n *graph.Node, rounded graph.ID, mean *channels) graph.ID {
	exact, stored := b.Node(n.Inputs[1]), b.Node(b.Node(rounded).Inputs[0])
	shape := exact.Type.Shape
	filters, size := shape[0], shape[1:].Elements()
	bias := make([]float32, filters)
	if len(n.Inputs) == 3 {
		old := b.Node(n.Inputs[2])
		if old.Op != graph.OpConstant {
			return n.Inputs[2]
		}
		copy(bias, tensor.Elements[float32](*old.Value))
	}
	w, q := tensor.Elements[float32](*exact.Value), tensor.Elements[int8](*stored.Value)
	perGroup, within := filters/convOf(n).Groups, shape[3]
	for o := range filters {
		shift, scale := 0.0, stored.Type.Quant.Scale[o]
		for i := range size {
			difference := float64(scale*float32(q[o*size+i])) - float64(w[o*size+i])
			shift += float64(difference * mean.mean(o/perGroup*within+i%within))
		}
		bias[o] -= float32(shift)
	}
	return b.Constant(n.Name+"/bias", tensor.Must(tensor.Of(tensor.Shape{filters}, bias)))
}
