package loss

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Textual returns what a decoder's sentences lack, a scalar:
//
//	−Σ weight·log softmax(logits)[token]
//
// over photos and places (MEGL, eq. 2). logits are [N × length × vocabulary], tokens
// int32 [N × length] what the sentences say, and weights [N × length]: 0 behind the
// end of a sentence and for a photo that has none.
func Textual(b *graph.Builder, logits, tokens, weights graph.ID) graph.ID {
	shape := b.Shape(logits)
	if b.Err() != nil || len(shape) != 3 {
		return graph.None
	}
	rows := b.Reshape(logits, tensor.Shape{shape[0] * shape[1], shape[2]})
	place := tensor.Shape{shape[0] * shape[1], 1}
	expected := b.Apply(graph.OpGatherElements, "", graph.Axis{Axis: 1}, logarithms(b, rows), b.Reshape(tokens, place))
	weighted := b.Mul(expected, b.Reshape(weights, place))
	return b.Apply(graph.OpReduceSum, "loss/textual", graph.Reduce{Axes: []int{0, 1}}, negated(b, weighted))
}
