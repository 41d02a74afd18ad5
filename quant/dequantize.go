package quant

import (
	"math"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Dequantize returns the float32 network that an int8 one stands for: training
// starts from it. Weights are the real values of the stored ones. Limits that
// are activations stay; those that are only the range of an int8 value go. A
// layer keeps the name of the quantized one. Constants, batch normalisations
// among them, are folded as package runtime does. A network that is float32
// already is only folded.
func Dequantize(g *graph.Graph) (*graph.Graph, error) {
	real, err := graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		switch n.Op {
		case graph.OpInput, graph.OpConstant:
			return graph.None
		case graph.OpQuantize, graph.OpDequantize:
			return b.Real(n.Inputs[0])
		}
		return dequantized(b, n)
	})
	if err != nil {
		return nil, err
	}
	if real, err = runtime.Fold(real); err != nil {
		return nil, err
	}
	return graph.Simplify(real)
}

// dequantized returns n on the real values of its inputs.
func dequantized(b *graph.Builder, n *graph.Node) graph.ID {
	inputs := make([]graph.ID, len(n.Inputs))
	for i, in := range n.Inputs {
		inputs[i] = in
		if t := b.Type(in); t.Quant != nil {
			inputs[i] = b.Real(in)
		}
	}
	if n.Type.Quant == nil && n.Op != graph.OpInt8Linear && n.Op != graph.OpInt8MatMul {
		return b.Apply(n.Op, n.Name, n.Attr, inputs...)
	}
	y, ok := b.Decompose(n, inputs)
	if !ok {
		return b.Apply(n.Op, n.Name, n.Attr, inputs...)
	}
	last := *b.Node(y)
	if last.Op == graph.OpClamp && last.Attr == onlyRange(n.Type.Quant) {
		last = *b.Node(last.Inputs[0])
	}
	if last.Op == graph.OpConstant || last.Op == graph.OpInput {
		return y
	}
	return b.Apply(last.Op, n.Name, last.Attr, last.Inputs...)
}

// onlyRange returns the limits of an int8 value without activation; nil where the
// range starts at 0, as that of a rectified value does.
func onlyRange(q *tensor.Quantization) graph.Attr {
	if q == nil || q.ZeroPoint[0] == math.MinInt8 {
		return nil
	}
	return graph.QuantizedTo(q.Scale[0], q.ZeroPoint[0]).Range()
}
