package qdq

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// activations returns the int8 values that all inputs of a node dequantize,
// each of a scale that fits the result's.
func (f *fuser) activations(n *graph.Node, to graph.Quantized) ([]graph.ID, string) {
	sources := make([]graph.ID, len(n.Inputs))
	for i := range n.Inputs {
		var why string
		if sources[i], why = f.source(n, i); why != "" {
			return nil, why
		}
		if !near(float64(f.quant(sources[i]).Scale[0]), float64(to.Scale)) {
			return nil, tooFarApart
		}
	}
	return sources, ""
}

// sum is an addition of two activations, or that of a bias to the result of a
// layer.
func (f *fuser) sum(n *graph.Node, r request) (*fusion, string) {
	if m := f.biased(n, r); m != nil {
		return m, ""
	}
	sources, why := f.activations(n, r.to)
	if why != "" {
		return nil, why
	}
	shape := n.Type.Shape
	return &fusion{sources, func(b *graph.Builder, now []graph.ID) graph.ID {
		return b.Apply(graph.OpQuantAdd, n.Name, r.to, spread(b, now[0], shape), spread(b, now[1], shape))
	}}, ""
}

// spread returns x broadcast to a shape, which quant_add leaves to others.
func spread(b *graph.Builder, x graph.ID, shape tensor.Shape) graph.ID {
	if b.Shape(x).Equal(shape) {
		return x
	}
	return b.Apply(graph.OpBroadcast, b.Node(x).Name+"/broadcast", graph.Shape{Shape: shape}, x)
}

func (f *fuser) product(n *graph.Node, r request) (*fusion, string) {
	sources, why := f.activations(n, r.to)
	if why != "" {
		return nil, why
	}
	// The kernel takes the first factor in units of the result's scale, the
	// second as it is.
	if !near(float64(f.quant(sources[1]).Scale[0]), 1) {
		return nil, tooFarApart
	}
	return one(n, graph.OpQuantMul, r.to, sources), ""
}

// maxAveraged is how many values less their zero point a sum in int32 holds.
const maxAveraged = 1 << 23

// average is a pooling or a reduction.
func (f *fuser) average(n *graph.Node, op graph.Op, attr graph.Attr, r request) (*fusion, string) {
	sources, why := f.activations(n, r.to)
	if why != "" {
		return nil, why
	}
	if at, ok := attr.(graph.QuantReduce); ok && reduced(at.Reduce, f.shape(sources[0])) > maxAveraged {
		return nil, "its sums do not fit int32"
	}
	return one(n, op, attr, sources), ""
}

// reduced returns how many values one mean is of.
func reduced(at graph.Reduce, x tensor.Shape) int {
	count := 1
	for _, axis := range at.Axes {
		count *= x[axis]
	}
	return count
}

// function is a function of one value. Its table is computed as the float ops
// compute, so that no scale is refused.
func (f *fuser) function(n *graph.Node, name string, r request) (*fusion, string) {
	source, why := f.source(n, 0)
	if why != "" {
		return nil, why
	}
	return one(n, graph.OpQuantUnary, graph.QuantUnary{Function: name, Output: r.to}, []graph.ID{source}), ""
}

// one is a fusion to a single op.
func one(n *graph.Node, op graph.Op, attr graph.Attr, sources []graph.ID) *fusion {
	return &fusion{sources, func(b *graph.Builder, now []graph.ID) graph.ID {
		return b.Apply(op, n.Name, attr, now...)
	}}
}
