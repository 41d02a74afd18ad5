package qdq

import (
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// biasTolerance is how far a stored bias's scale may be off, as in package graph.
const biasTolerance = 1e-3

// bias returns a constant bias in units of input scale · weight scale, one
// number for each output channel of w.
func (f *fuser) bias(id graph.ID, x float32, w tensor.Tensor) (*tensor.Tensor, string) {
	n := f.graph.Node(id)
	for n.Op == graph.OpReshape {
		n = f.graph.Node(n.Inputs[0])
	}
	var t *tensor.Tensor
	switch n.Op {
	case graph.OpConstant:
		t = quantizedBias(tensor.Elements[float32](*n.Value), x, w.Quant.Scale)
	case graph.OpDequantize:
		stored := f.graph.Node(n.Inputs[0])
		if stored.Op != graph.OpConstant {
			return nil, "its bias is not constant"
		}
		t = storedBias(*stored.Value, x, w.Quant.Scale)
	default:
		return nil, "its bias is not constant"
	}
	if t == nil || len(t.Data) != 4*w.Shape[0] {
		return nil, "its bias does not fit int32 in units of input scale · weight scale"
	}
	return t, ""
}

// storedBias takes integers in the right units as they are, and rounds others.
func storedBias(t tensor.Tensor, x float32, w []float32) *tensor.Tensor {
	if t.DType == tensor.Int32 && len(t.Shape) == 1 && hasBiasScale(t.Quant, x, w) {
		return &t
	}
	count := t.Shape.Elements()
	if !t.Quant.IsPerTensor() && len(t.Quant.Scale) != count {
		return nil
	}
	values := make([]float32, count)
	for i := range values {
		c := i % len(t.Quant.Scale)
		values[i] = float32(stored(t, i)-t.Quant.ZeroPoint[c]) * t.Quant.Scale[c]
	}
	return quantizedBias(values, x, w)
}

// stored returns element i of an int8 or int32 tensor, the types that can be
// dequantized.
func stored(t tensor.Tensor, i int) int32 {
	if t.DType == tensor.Int8 {
		return int32(tensor.Elements[int8](t)[i])
	}
	return tensor.Elements[int32](t)[i]
}

// hasBiasScale tells whether numbers are in units of input scale · weight scale,
// by the rule of package graph.
func hasBiasScale(q *tensor.Quantization, x float32, w []float32) bool {
	if slices.ContainsFunc(q.ZeroPoint, func(z int32) bool { return z != 0 }) {
		return false
	}
	for i := range max(len(q.Scale), len(w)) {
		want := float64(x) * float64(w[i%len(w)])
		if got := float64(q.Scale[i%len(q.Scale)]); math.Abs(got-want) > biasTolerance*want {
			return false
		}
	}
	return true
}

// quantizedBias rounds half to even; nil where a value does not fit int32 or a
// scale is too small or too large for float32.
func quantizedBias(real []float32, x float32, w []float32) *tensor.Tensor {
	q := &tensor.Quantization{Scale: make([]float32, len(w)), ZeroPoint: make([]int32, len(w))}
	for i := range w {
		q.Scale[i] = x * w[i]
	}
	values := make([]int32, len(real))
	for i, v := range real {
		rounded := math.RoundToEven(float64(v) / (float64(x) * float64(w[i%len(w)])))
		if !(math.Abs(rounded) <= math.MaxInt32) {
			return nil
		}
		values[i] = int32(rounded)
	}
	t := tensor.Must(tensor.Of(tensor.Shape{len(values)}, values)).WithQuant(q)
	if t.Check() != nil || !hasBiasScale(q, x, w) {
		return nil
	}
	return &t
}
