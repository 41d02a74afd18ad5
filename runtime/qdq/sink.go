package qdq

import (
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// sinkDequantize moves int8 values instead of real ones: dequantize goes behind
// the ops that only move values or pick a maximum. Weights are moved now, and a
// value that is quantized twice in the same way is quantized once.
func sinkDequantize(g *graph.Graph) (*graph.Graph, error) {
	type key struct {
		value graph.ID
		to    graph.Quantized
	}
	quantized := map[key]graph.ID{}
	s := &sinker{room: constantBytes(g), moved: map[string]graph.ID{}}
	return graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		switch {
		case n.Op == graph.OpQuantize:
			k := key{n.Inputs[0], n.Attr.(graph.Quantized)}
			if _, known := quantized[k]; !known {
				quantized[k] = b.Copy(n)
			}
			return quantized[k]
		case moves(n.Op):
			s.Builder = b
			return s.sunk(n)
		}
		return graph.None
	})
}

type sinker struct {
	*graph.Builder
	room  int                 // bytes of weights that may still be copied
	moved map[string]graph.ID // weights in another order, so that each is made once
}

// sunk returns what stands for an op that moves dequantized values, or None.
func (s *sinker) sunk(n *graph.Node) graph.ID {
	if w := s.movedWeights(n); w != graph.None {
		return w
	}
	inputs := slices.Clone(n.Inputs)
	for i := range values(n) {
		source := s.Node(inputs[i])
		if source.Op != graph.OpDequantize || !isActivation(s.Node(source.Inputs[0])) {
			return graph.None
		}
		inputs[i] = source.Inputs[0]
		if !s.Type(inputs[i]).Quant.Equal(s.Type(inputs[0]).Quant) {
			return graph.None
		}
	}
	if q := s.Type(inputs[0]).Quant; n.Op == graph.OpPad && !holds(q.Scale[0], q.ZeroPoint[0], n.Attr.(graph.Pad).Value) {
		return graph.None
	}
	return s.Apply(graph.OpDequantize, n.Name+"/real", nil, s.Apply(n.Op, n.Name, n.Attr, inputs...))
}

// movedWeights returns a transposed or reshaped int8 constant as a dequantized
// constant of its own, or None where n is none.
func (s *sinker) movedWeights(n *graph.Node) graph.ID {
	dequantize := s.Node(n.Inputs[0])
	if dequantize.Op != graph.OpDequantize {
		return graph.None
	}
	w := s.Node(dequantize.Inputs[0])
	if w.Op != graph.OpConstant || w.Type.DType != tensor.Int8 {
		return graph.None
	}
	switch {
	case n.Op == graph.OpReshape && w.Type.Quant.IsPerTensor():
		moved := *w.Value
		moved.Shape = n.Type.Shape
		return s.Apply(graph.OpDequantize, n.Name, nil, s.Constant(w.Name, moved))
	case n.Op == graph.OpTranspose:
		return s.transposed(n, dequantize.Inputs[0])
	}
	return graph.None
}

// transposed returns a constant in the order of a transpose node, dequantized;
// None where too much was copied before.
func (s *sinker) transposed(n *graph.Node, constant graph.ID) graph.ID {
	perm := n.Attr.(graph.Transpose).Perm
	key := fmt.Sprint(constant, perm)
	if y, known := s.moved[key]; known {
		return y
	}
	w := s.Node(constant)
	if s.room -= w.Type.Bytes(); s.room < 0 {
		return graph.None
	}
	s.moved[key] = s.Apply(graph.OpDequantize, n.Name, nil, s.Constant(w.Name, permuted(*w.Value, perm)))
	return s.moved[key]
}
