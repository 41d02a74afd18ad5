package qdq

import (
	"megl-edge/runtime/graph"
)

// moves tells whether an op only moves values or picks the greatest, and so
// works on stored numbers as on real ones.
func moves(op graph.Op) bool {
	switch op {
	case graph.OpReshape, graph.OpBroadcast, graph.OpTranspose, graph.OpConcat, graph.OpSlice, graph.OpPad,
		graph.OpGather, graph.OpGatherElements, graph.OpMaxPool:
		return true
	}
	return false
}

// values returns the inputs that are moved; others are indices.
func values(n *graph.Node) []graph.ID {
	if n.Op == graph.OpGather || n.Op == graph.OpGatherElements {
		return n.Inputs[:1]
	}
	return n.Inputs
}

// moved quantizes before moving.
func (f *fuser) moved(n *graph.Node, r request) (*fusion, string) {
	if n.Op == graph.OpPad {
		if q := quantized(r.to, n.Attr.(graph.Pad).Value); q < r.to.Min || q > r.to.Max {
			return nil, "it pads with a value outside the range of its result"
		}
	}
	moved := values(n)
	parts := make([]*fusion, len(moved))
	var sources []graph.ID
	for i, in := range moved {
		r.name = f.graph.Node(in).Name + "/requantized"
		part, why := f.match(in, r)
		if part == nil {
			return nil, why
		}
		parts[i] = part
		sources = append(sources, part.sources...)
	}
	indices := n.Inputs[len(moved):]
	return &fusion{append(sources, indices...), func(b *graph.Builder, now []graph.ID) graph.ID {
		var inputs []graph.ID
		for _, part := range parts {
			inputs = append(inputs, part.build(b, now[:len(part.sources)]))
			now = now[len(part.sources):]
		}
		return b.Apply(n.Op, n.Name, n.Attr, append(inputs, now...)...)
	}}, ""
}

// requantized brings an int8 value to another scale or range: to its own it is
// itself.
func (f *fuser) requantized(dequantize *graph.Node, r request) (*fusion, string) {
	source := dequantize.Inputs[0]
	if !isActivation(f.graph.Node(source)) {
		return nil, "it is not int8 with one scale and zero point"
	}
	full := graph.QuantizedTo(r.to.Scale, r.to.ZeroPoint)
	same := r.to == full && f.quant(source).Equal(r.to.Quantization())
	return &fusion{[]graph.ID{source}, func(b *graph.Builder, now []graph.ID) graph.ID {
		if same {
			return now[0]
		}
		return b.Apply(graph.OpQuantUnary, r.name, graph.QuantUnary{Function: graph.Identity, Output: r.to}, now[0])
	}}, ""
}
