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

func inferSame(_ Attr, in []tensor.Type) (tensor.Type, error) { return in[0], nil }

func inferSameFloat(_ Attr, in []tensor.Type) (tensor.Type, error) { return in[0], wantFloat(in[0]) }

func inferConv(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := convShape(a.(Conv), in)
	return floatType(shape), firstError(err, wantFloat(in...))
}

// convShape checks the shapes of a convolution and returns that of its result.
func convShape(a Conv, in []tensor.Type) (tensor.Shape, error) {
	x, filter := in[0].Shape, in[1].Shape
	if len(x) != 4 || len(filter) != 4 {
		return nil, fmt.Errorf("image %v and filter %v must have 4 dimensions", x, filter)
	}
	if err := checkFilter(a, x[3], filter); err != nil {
		return nil, err
	}
	if len(in) == 3 && !in[2].Shape.Equal(tensor.Shape{filter[0]}) {
		return nil, fmt.Errorf("bias %v for %d output channels", in[2].Shape, filter[0])
	}
	h, err := windowCount(x[1], filter[1], a.Stride[0], a.Dilation[0], a.Pad[0]+a.Pad[2])
	if err != nil {
		return nil, err
	}
	w, err := windowCount(x[2], filter[2], a.Stride[1], a.Dilation[1], a.Pad[1]+a.Pad[3])
	return tensor.Shape{x[0], h, w, filter[0]}, err
}

func checkFilter(a Conv, channels int, filter tensor.Shape) error {
	switch {
	case slices.Min(filter) < 1 || filter[1] > largestStep || filter[2] > largestStep:
		return fmt.Errorf("filter %v: want no empty axis and at most %d pixels", filter, largestStep)
	case filter[0]%a.Groups != 0:
		return fmt.Errorf("%d output channels cannot be split into %d groups", filter[0], a.Groups)
	case channels != filterChannels(a, filter):
		return fmt.Errorf("filter %v in %d groups does not fit %d channels", filter, a.Groups, channels)
	}
	return nil
}

// filterChannels returns the channels of the image that a filter fits. Groups
// that divide the output channels cannot make this overflow.
func filterChannels(a Conv, filter tensor.Shape) int { return filter[3] * a.Groups }

// windowCount returns how many windows fit along one axis.
func windowCount(length, kernel, stride, dilation, pad int) (int, error) {
	extent := (kernel-1)*dilation + 1
	room := int64(length) + int64(pad) - int64(extent)
	if length < 1 || room < 0 {
		return 0, fmt.Errorf("a window of %d does not fit into %d pixels and %d of padding", extent, length, pad)
	}
	return boundedLength(room/int64(stride) + 1)
}

// boundedLength returns n as the length of an axis, unless no shape could hold
// it; sums of lengths are taken in int64 first, since int may have 32 bits.
func boundedLength(n int64) (int, error) {
	if n > math.MaxInt32 {
		return 0, fmt.Errorf("an axis of %d elements is too long", n)
	}
	return int(n), nil
}

func inferConvInputGrad(at Attr, in []tensor.Type) (tensor.Type, error) {
	a := at.(ConvInputGrad)
	dy, filter := in[0].Shape, in[1].Shape
	if len(dy) != 4 || len(filter) != 4 {
		return tensor.Type{}, fmt.Errorf("adjoint %v and filter %v must have 4 dimensions", dy, filter)
	}
	if a.Groups > filter[0] {
		return tensor.Type{}, fmt.Errorf("%d output channels cannot be split into %d groups", filter[0], a.Groups)
	}
	x := tensor.Shape{dy[0], a.Height, a.Width, filterChannels(a.Conv, filter)}
	want, err := convShape(a.Conv, []tensor.Type{floatType(x), in[1]})
	if err == nil && !want.Equal(dy) {
		err = fmt.Errorf("adjoint is %v, the convolution of %v gives %v", dy, x, want)
	}
	return floatType(x), firstError(err, wantFloat(in...))
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
	return floatType(append(a[:rank-2].Clone(), m, n)), wantFloat(in...)
}

func inferElementwise(_ Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := broadcastShapes(in[0].Shape, in[1].Shape)
	return floatType(shape), firstError(err, wantFloat(in...))
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

func inferPool(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := poolShape(a.(Pool), in[0].Shape)
	if err == nil && in[0].DType != tensor.Float32 && in[0].DType != tensor.Int8 {
		err = fmt.Errorf("input is %v, want F32 or I8", in[0])
	}
	if err != nil {
		return tensor.Type{}, err
	}
	return moved(in[0], shape)
}

func inferFloatPool(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := poolShape(a.(Pool), in[0].Shape)
	return floatType(shape), firstError(err, wantFloat(in...))
}

func poolShape(a Pool, x tensor.Shape) (tensor.Shape, error) {
	if len(x) != 4 {
		return nil, fmt.Errorf("image %v must have 4 dimensions", x)
	}
	h, err := windowCount(x[1], a.Kernel[0], a.Stride[0], 1, a.Pad[0]+a.Pad[2])
	if err != nil {
		return nil, err
	}
	w, err := windowCount(x[2], a.Kernel[1], a.Stride[1], 1, a.Pad[1]+a.Pad[3])
	return tensor.Shape{x[0], h, w, x[3]}, err
}

func inferReduce(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := reduceShape(a.(Reduce), in[0].Shape)
	return floatType(shape), firstError(err, wantFloat(in...))
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
