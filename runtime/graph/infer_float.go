package graph

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/tensor"
)

func floatType(shape tensor.Shape) tensor.Type {
	return tensor.Type{DType: tensor.Float32, Shape: shape}
}

func wantFloat(in ...tensor.Type) error {
	for i, t := range in {
		if t.DType != tensor.Float32 {
			return fmt.Errorf("input %d is %v, want F32", i, t)
		}
	}
	return nil
}

// wantNumbers fails unless all inputs are plain numbers of one type.
func wantNumbers(in ...tensor.Type) error {
	for i, t := range in {
		if t.DType == tensor.Bool || t.Quant != nil || t.DType != in[0].DType {
			return fmt.Errorf("input %d is %v, want numbers of one type, not quantized", i, t)
		}
	}
	return nil
}

// inferReal is the rule of functions of a real number.
func inferReal(_ Attr, in []tensor.Type) (tensor.Type, error) {
	if in[0].DType == tensor.Float64 {
		return in[0], nil
	}
	return in[0], wantFloat(in[0])
}

func inferSame(_ Attr, in []tensor.Type) (tensor.Type, error) { return in[0], nil }

// inferTwoAlike: two float32 values of one shape.
func inferTwoAlike(_ Attr, in []tensor.Type) (tensor.Type, error) {
	err := wantFloat(in...)
	if err == nil && !in[0].Shape.Equal(in[1].Shape) {
		err = fmt.Errorf("shapes %v and %v differ", in[0].Shape, in[1].Shape)
	}
	return in[0], err
}

func inferSameFloat(_ Attr, in []tensor.Type) (tensor.Type, error) { return in[0], wantFloat(in[0]) }

// boundedLength returns n as the length of an axis, unless no shape could hold
// it; sums of lengths are taken in int64 first, since int may have 32 bits.
func boundedLength(n int64) (int, error) {
	if n > math.MaxInt32 {
		return 0, fmt.Errorf("an axis of %d elements is too long", n)
	}
	return int(n), nil
}

func inferSoftmax(_ Attr, in []tensor.Type) (tensor.Type, error) {
	if x := in[0].Shape; len(x) == 0 || x[len(x)-1] == 0 {
		return tensor.Type{}, fmt.Errorf("input %v has no last axis to normalize", in[0])
	}
	return in[0], wantFloat(in[0])
}

func inferLinear(_ Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := linearShape(in)
	return floatType(shape), firstError(err, wantFloat(in...))
}

func linearShape(in []tensor.Type) (tensor.Shape, error) {
	x, w := in[0].Shape, in[1].Shape
	if len(x) != 2 || len(w) != 2 || x[1] != w[1] {
		return nil, fmt.Errorf("rows %v and weights %v do not fit: want m×k and n×k", x, w)
	}
	if w[0] == 0 || w[1] == 0 {
		return nil, fmt.Errorf("weights %v must have no empty axis", w)
	}
	if len(in) == 3 && !in[2].Shape.Equal(tensor.Shape{w[0]}) {
		return nil, fmt.Errorf("bias %v for %d outputs", in[2].Shape, w[0])
	}
	return tensor.Shape{x[0], w[0]}, nil
}

func inferMatMul(at Attr, in []tensor.Type) (tensor.Type, error) {
	attr := at.(MatMul)
	a, b := in[0].Shape, in[1].Shape
	rank := len(a)
	if rank < 2 || len(b) != rank || !a[:rank-2].Equal(b[:rank-2]) {
		return tensor.Type{}, fmt.Errorf("operands %v and %v do not fit", a, b)
	}
	m, ka := a[rank-2], a[rank-1]
	if attr.TransposeA {
		m, ka = ka, m
	}
	kb, n := b[rank-2], b[rank-1]
	if attr.TransposeB {
		kb, n = n, kb
	}
	if ka != kb {
		return tensor.Type{}, fmt.Errorf("operands %v and %v do not fit: %d against %d", a, b, ka, kb)
	}
	return numbersLike(in, append(a[:rank-2].Clone(), m, n))
}

func inferElementwise(_ Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := broadcastShapes(in[0].Shape, in[1].Shape)
	if err != nil {
		return tensor.Type{}, err
	}
	return numbersLike(in, shape)
}

// numbersLike returns the type of a result of the inputs' element type.
func numbersLike(in []tensor.Type, shape tensor.Shape) (tensor.Type, error) {
	return tensor.Type{DType: in[0].DType, Shape: shape}, wantNumbers(in...)
}

// broadcastShapes returns the shape that both broadcast to: aligned at the last
// axis, with axes of length 1 stretched.
func broadcastShapes(a, b tensor.Shape) (tensor.Shape, error) {
	if len(a) < len(b) {
		a, b = b, a
	}
	shape := a.Clone()
	for i := range b {
		d := &shape[len(a)-len(b)+i]
		switch {
		case *d == 1:
			*d = b[i]
		case b[i] != 1 && b[i] != *d:
			return nil, fmt.Errorf("shapes %v and %v do not broadcast", a, b)
		}
	}
	return shape, nil
}

func inferBatchNorm(_ Attr, in []tensor.Type) (tensor.Type, error) {
	x := in[0].Shape
	if len(x) == 0 {
		return tensor.Type{}, errors.New("input is a scalar")
	}
	for _, t := range in[1:] {
		if !t.Shape.Equal(tensor.Shape{x[len(x)-1]}) {
			return tensor.Type{}, fmt.Errorf("statistics %v for %d channels", t.Shape, x[len(x)-1])
		}
	}
	return in[0], wantFloat(in...)
}

func inferReduce(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := reduceShape(a.(Reduce), in[0].Shape)
	if err != nil {
		return tensor.Type{}, err
	}
	return numbersLike(in, shape)
}

func inferCumSum(a Attr, in []tensor.Type) (tensor.Type, error) {
	if axis := a.(CumSum).Axis; axis >= len(in[0].Shape) {
		return tensor.Type{}, fmt.Errorf("axis %d of %v", axis, in[0])
	}
	return in[0], wantNumbers(in...)
}

func inferLayerNorm(_ Attr, in []tensor.Type) (tensor.Type, error) {
	x := in[0].Shape
	if len(x) == 0 || x[len(x)-1] == 0 {
		return tensor.Type{}, fmt.Errorf("input %v has no last axis to normalize", in[0])
	}
	for _, t := range in[1:] {
		if !t.Shape.Equal(tensor.Shape{x[len(x)-1]}) {
			return tensor.Type{}, fmt.Errorf("scale or offset %v for %d channels", t.Shape, x[len(x)-1])
		}
	}
	return in[0], wantFloat(in...)
}

func reduceShape(a Reduce, x tensor.Shape) (tensor.Shape, error) {
	shape := tensor.Shape{}
	for axis, d := range x {
		switch {
		case !slices.Contains(a.Axes, axis):
			shape = append(shape, d)
		case d == 0:
			return nil, fmt.Errorf("axis %d of %v is empty", axis, x)
		case a.KeepDims:
			shape = append(shape, 1)
		}
	}
	if n := len(a.Axes); n > 0 && a.Axes[n-1] >= len(x) {
		return nil, fmt.Errorf("axes %v of a value of shape %v", a.Axes, x)
	}
	return shape, nil
}

func inferNormalize(at Attr, in []tensor.Type) (tensor.Type, error) {
	a, x := at.(Normalize), in[0]
	if x.DType != tensor.UInt8 {
		return tensor.Type{}, fmt.Errorf("input is %v, want U8 pixels", x)
	}
	if n := len(x.Shape); n == 0 || x.Shape[n-1] != len(a.Mean) {
		return tensor.Type{}, fmt.Errorf("%d means for pixels of shape %v", len(a.Mean), x.Shape)
	}
	return floatType(x.Shape), nil
}
