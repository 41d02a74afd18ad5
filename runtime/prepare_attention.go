package runtime

import (
	"megl-edge/kernels"
	"megl-edge/runtime/tensor"
)

func prepareAttention(o *operation) (kernel, error) {
	a := o.fused.attention
	scores, values := a.products[0].Type.Shape, a.products[1].Type.Shape
	rank := len(scores)
	q := o.graph.Node(a.products[0].Inputs[0]).Type.Shape
	shape := kernels.AttentionShape{
		Batch: scores[:rank-2].Elements(), Queries: scores[rank-2], Keys: scores[rank-1], Depth: q[rank-1], ValueDepth: values[rank-1],
		QueryScale: a.queryScale, ScoreScale: a.scoreScale,
	}
	name, task := "attention float32", kernels.AttentionF32
	if a.int8 {
		name, task = "attention int8", kernels.AttentionS8
	}
	bind := func(y tensor.Tensor, in []tensor.Tensor, threads int) kernels.Task {
		return task(shape,
			matrices(y, a.y, false, shape.ValueDepth), matrices(in[0], a.q, false, shape.Depth),
			matrices(in[1], a.k, a.transposeK, shape.Depth), matrices(in[2], a.v, a.transposeV, shape.ValueDepth), threads)
	}
	return kernel{name: name, macs: shape.MACs(), bind: bind}, nil
}

// matrices returns the matrices that a view makes of a value.
func matrices(t tensor.Tensor, v view, transposed bool, columns int) kernels.Matrices {
	offsets, stride, _ := v.matrices(transposed)
	return kernels.Matrices{Data: f32(t), Offsets: offsets, Stride: max(stride, columns)}
}
