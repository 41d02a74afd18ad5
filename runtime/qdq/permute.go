package qdq

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// constantBytes is the memory of all constants of a graph. No more than that is
// copied when weights are brought into order: each once, whatever a file asks.
func constantBytes(g *graph.Graph) int {
	bytes := 0
	for _, n := range g.Nodes() {
		if n.Op == graph.OpConstant {
			bytes += len(n.Value.Data)
		}
	}
	return bytes
}

// permuted returns an int8 tensor with its axes in another order: axis i is axis
// perm[i] of t. Scales along an axis go with it.
func permuted(t tensor.Tensor, perm []int) tensor.Tensor {
	from := strides(t.Shape)
	typ := tensor.Type{DType: t.DType, Shape: make(tensor.Shape, len(perm)), Quant: t.Quant}
	steps := make([]int, len(perm))
	for i, p := range perm {
		typ.Shape[i], steps[i] = t.Shape[p], from[p]
	}
	if q := t.Quant; !q.IsPerTensor() {
		typ.Quant = &tensor.Quantization{Scale: q.Scale, ZeroPoint: q.ZeroPoint, Axis: slices.Index(perm, q.Axis)}
	}
	y := tensor.Zeros(typ)
	gather(y.Data, t.Data, typ.Shape, steps)
	return y
}

// strides returns how far apart neighbours along each axis are.
func strides(s tensor.Shape) []int {
	strides := make([]int, len(s))
	step := 1
	for axis := len(s) - 1; axis >= 0; axis-- {
		strides[axis] = step
		step *= s[axis]
	}
	return strides
}

// gather fills y, of the given shape, with what lies in x at other strides, and
// returns the rest of y.
func gather(y, x []byte, shape tensor.Shape, strides []int) []byte {
	if len(y) == 0 {
		return y
	}
	if len(shape) == 0 {
		y[0] = x[0]
		return y[1:]
	}
	for i := range shape[0] {
		y = gather(y, x[i*strides[0]:], shape[1:], strides[1:])
	}
	return y
}
