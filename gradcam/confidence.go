package gradcam

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
)

// Outputs of the graphs that an explainer runs.
const (
	unknownOutput = "unknown" // float32 [1]: see [Unknown]
	pooledOutput  = "pooled"  // float32 [1 × channels]: see [Options]
)

// withConfidence returns a graph of a model whose probabilities are calibrated, and
// which tells how unlike all classes a photo is; as it is where the model has no such
// confidence.
func withConfidence(g *graph.Graph, m *model.Model) (*graph.Graph, error) {
	c := m.Confidence
	if c == nil {
		return g, nil
	}
	b := graph.Extend(g)
	logits, _ := g.Output(model.LogitsOutput)
	cooled := b.Apply(graph.OpDiv, "", nil, logits, b.Scalar(c.Temperature))
	b.Output(model.ProbabilitiesOutput, b.Apply(graph.OpSoftmax, "", nil, cooled))
	if c.KnowsUnknown() {
		pooled, err := pooledFeatures(b, g, m)
		if err != nil {
			return nil, err
		}
		along := graph.Reduce{Axes: []int{1}, KeepDims: true}
		length := b.Apply(graph.OpSqrt, "", nil, b.Apply(graph.OpReduceSum, "", along, b.Mul(pooled, pooled)))
		direction := b.Apply(graph.OpDiv, "", nil, pooled, b.Add(length, b.Scalar(epsilon)))
		cosines := b.Apply(graph.OpLinear, "", nil, direction, b.Constant(unknownOutput+"/means", c.Means))
		nearest := b.Apply(graph.OpReduceMax, "", graph.Reduce{Axes: []int{1}}, cosines)
		b.Output(unknownOutput, b.Sub(b.Scalar(1), nearest))
	}
	return b.Build()
}

// withPooled returns a graph of a model with the means of its target layer.
func withPooled(g *graph.Graph, m *model.Model) (*graph.Graph, error) {
	b := graph.Extend(g)
	pooled, err := pooledFeatures(b, g, m)
	if err != nil {
		return nil, err
	}
	b.Output(pooledOutput, pooled)
	return b.Build()
}

// pooledFeatures appends the means of the target layer over positions, [1 × channels].
// b extends g, a graph of the model.
func pooledFeatures(b *graph.Builder, g *graph.Graph, m *model.Model) (graph.ID, error) {
	if m.TargetLayer == "" {
		return graph.None, ErrNoTargetLayer
	}
	of := *m
	of.Graph = g
	at, err := targetOf(&of)
	if err != nil {
		return graph.None, err
	}
	logits, _ := g.Output(model.LogitsOutput)
	h := newHead(b, at, logits, graph.None, graph.None)
	features := b.Reshape(h.activation(), h.shape)
	return b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: everywhere}, features), b.Err()
}
