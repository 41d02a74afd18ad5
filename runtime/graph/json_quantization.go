package graph

import (
	"fmt"
	"slices"

	"megl-edge/runtime/tensor"
)

// axisQuantization is how a constant's quantization along an axis is stored: the
// numbers as tensors, because a network has tens of thousands of them.
type axisQuantization struct {
	Axis       int    `json:"axis"`
	Scales     string `json:"scales"`                // name of a tensor F32[n]
	ZeroPoints string `json:"zero_points,omitempty"` // of a tensor I32[n]; all 0 where absent
}

// encodeQuantization moves a constant's quantization along an axis out of its
// type and returns the tensors that hold it.
func (j *nodeJSON) encodeQuantization(g *Graph, n *Node) []NamedTensor {
	q := n.Type.Quant
	if q == nil || q.IsPerTensor() {
		return nil
	}
	bare := n.Type
	bare.Quant = nil
	j.Type = &bare
	shape := tensor.Shape{len(q.Scale)}
	scales := NamedTensor{g.freeName(n.Name + ".scales"), tensor.Must(tensor.Of(shape, q.Scale))}
	j.Quant = &axisQuantization{Axis: q.Axis, Scales: scales.Name}
	if !slices.ContainsFunc(q.ZeroPoint, func(z int32) bool { return z != 0 }) {
		return []NamedTensor{scales}
	}
	zeros := NamedTensor{g.freeName(n.Name + ".zero_points"), tensor.Must(tensor.Of(shape, q.ZeroPoint))}
	j.Quant.ZeroPoints = zeros.Name
	return []NamedTensor{scales, zeros}
}

// freeName returns a name for a tensor that no node has.
func (g *Graph) freeName(name string) string {
	for {
		if _, taken := g.names[name]; !taken {
			return name
		}
		name += "_"
	}
}

// decode returns the quantization that is stored.
func (a *axisQuantization) decode(lookup func(string) (tensor.Tensor, error)) (*tensor.Quantization, error) {
	scales, err := numbers[float32](a.Scales, tensor.Float32, lookup)
	if err != nil {
		return nil, err
	}
	q := &tensor.Quantization{Axis: a.Axis, Scale: scales, ZeroPoint: make([]int32, len(scales))}
	if a.ZeroPoints != "" {
		q.ZeroPoint, err = numbers[int32](a.ZeroPoints, tensor.Int32, lookup)
	}
	return q, err
}

// numbers returns the elements of a tensor of one dimension.
func numbers[T float32 | int32](name string, dtype tensor.DType, lookup func(string) (tensor.Tensor, error)) ([]T, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	t, err := lookup(name)
	if err != nil {
		return nil, err
	}
	if err := t.Check(); err != nil {
		return nil, fmt.Errorf("tensor %q: %w", name, err)
	}
	if t.DType != dtype || len(t.Shape) != 1 {
		return nil, fmt.Errorf("tensor %q is %v, want %v of one dimension", name, t.Type, dtype)
	}
	return tensor.Elements[T](t), nil
}
