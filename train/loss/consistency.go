package loss

import (
	"megl-edge/runtime/graph"
)

// consistencyEpsilon keeps the distributions away from 0.
const consistencyEpsilon = 1e-6

// consistency returns the divergence KL(p ‖ q) of every photo, [N]: of its heat
// map m, made a distribution p over its cells, from the prior's distribution q
// (MEGL, "Visual explanation distribution consistency").
func consistency(b *graph.Builder, m, q graph.ID) graph.ID {
	raised := b.Add(m, b.Scalar(consistencyEpsilon))
	total := b.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: cells.Axes, KeepDims: true}, raised)
	p := b.Div(raised, total)
	ratio := b.Sub(b.Apply(graph.OpLog, "", nil, p), b.Apply(graph.OpLog, "", nil, q))
	return b.Apply(graph.OpReduceSum, "", cells, b.Mul(p, ratio))
}

// Distribution makes a map of h·w cells, none below 0, a distribution in place:
// (m + 1e-6)/Σ, as the loss does with heat maps.
func Distribution(m []float32) {
	total := 0.0
	for i, v := range m {
		m[i] = v + consistencyEpsilon
		total += float64(m[i])
	}
	for i, v := range m {
		m[i] = float32(float64(v) / total)
	}
}
