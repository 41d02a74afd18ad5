package loss

import "megl-edge/runtime/graph"

// Prediction returns the cross-entropy −Σ target·log softmax(logits), a scalar.
// logits and target are [N × classes]; a row of target is the distribution that
// is asked for times the photo's weight, so a photo without label is a row of 0.
func Prediction(b *graph.Builder, logits, target graph.ID) graph.ID {
	return b.Apply(graph.OpReduceSum, "loss/prediction", graph.Reduce{Axes: []int{0}}, crossEntropy(b, logits, target))
}

// crossEntropy returns the weighted cross-entropy of every photo, [N].
func crossEntropy(b *graph.Builder, logits, target graph.ID) graph.ID {
	return negated(b, b.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{1}}, b.Mul(target, logarithms(b, logits))))
}

// logarithms returns log softmax of every row.
func logarithms(b *graph.Builder, logits graph.ID) graph.ID {
	row := graph.Reduce{Axes: []int{1}, KeepDims: true}
	// The greatest logit is taken off, which changes nothing but keeps the
	// exponentials finite: no gradient passes there.
	greatest := b.Apply(graph.OpStopGradient, "", nil, b.Apply(graph.OpReduceMax, "", row, logits))
	shifted := b.Sub(logits, greatest)
	total := b.Apply(graph.OpReduceSum, "", row, b.Apply(graph.OpExp, "", nil, shifted))
	return b.Sub(shifted, b.Apply(graph.OpLog, "", nil, total))
}

func negated(b *graph.Builder, x graph.ID) graph.ID { return b.Sub(b.Scalar(0), x) }
