package qdq

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// longestSum is how many products of bytes int32 holds for sure.
const longestSum = 1 << 15

// Products returns g, after [Fuse], with int8 products in the place of linear
// layers on int8 operands whose result is not rounded: their sums are exact, and
// their result float32.
func Products(g *graph.Graph) (*graph.Graph, error) {
	if !hasDequantized(g) {
		return g, nil
	}
	f := newFuser(g)
	g, err := graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op != graph.OpLinear {
			return graph.None
		}
		x, w := b.Node(n.Inputs[0]), b.Node(n.Inputs[1])
		if x.Op != graph.OpDequantize || w.Op != graph.OpDequantize || b.Node(w.Inputs[0]).Op != graph.OpConstant {
			return graph.None
		}
		old, ok := g.Find(n.Name)
		if !ok {
			return graph.None
		}
		if _, why := f.weights(g.Node(old).Inputs[1]); why != "" {
			return graph.None
		}
		if t := b.Type(x.Inputs[0]); t.DType != tensor.Int8 || !t.Quant.IsPerTensor() || t.Shape[1] > longestSum {
			return graph.None
		}
		return b.Apply(graph.OpInt8Linear, n.Name, nil, append([]graph.ID{x.Inputs[0], w.Inputs[0]}, n.Inputs[2:]...)...)
	})
	if err != nil {
		return nil, err
	}
	return graph.Simplify(g)
}

func hasDequantized(g *graph.Graph) bool {
	for _, n := range g.Nodes() {
		if n.Op == graph.OpDequantize {
			return true
		}
	}
	return false
}
