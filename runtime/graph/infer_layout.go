package graph

import (
	"fmt"

	"megl-edge/runtime/tensor"
)

// moved returns the type of x with another shape. Values that only move keep
// their quantization, as long as it is one for all.
func moved(x tensor.Type, shape tensor.Shape) (tensor.Type, error) {
	if x.Quant != nil && !x.Quant.IsPerTensor() {
		return tensor.Type{}, fmt.Errorf("input %v is quantized per axis", x)
	}
	return tensor.Type{DType: x.DType, Shape: shape, Quant: x.Quant}, nil
}

func inferReshape(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape := a.(Shape).Shape
	if shape.Elements() != in[0].Shape.Elements() {
		return tensor.Type{}, fmt.Errorf("shape %v cannot become %v", in[0].Shape, shape)
	}
	return moved(in[0], shape)
}

func inferBroadcast(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape := a.(Shape).Shape
	if got, err := broadcastShapes(in[0].Shape, shape); err != nil || !got.Equal(shape) {
		return tensor.Type{}, fmt.Errorf("shape %v does not broadcast to %v", in[0].Shape, shape)
	}
	return moved(in[0], shape)
}

func inferTranspose(a Attr, in []tensor.Type) (tensor.Type, error) {
	perm, x := a.(Transpose).Perm, in[0].Shape
	if len(perm) != len(x) {
		return tensor.Type{}, fmt.Errorf("permutation %v of shape %v", perm, x)
	}
	shape := make(tensor.Shape, len(x))
	for i, p := range perm {
		shape[i] = x[p]
	}
	return moved(in[0], shape)
}

func inferConcat(a Attr, in []tensor.Type) (tensor.Type, error) {
	axis := a.(Axis).Axis
	shape := in[0].Shape.Clone()
	if axis >= len(shape) {
		return tensor.Type{}, fmt.Errorf("axis %d of shape %v", axis, shape)
	}
	total := int64(0)
	for i, t := range in {
		if !joins(t, in[0], axis) {
			return tensor.Type{}, fmt.Errorf("input %d is %v, input 0 is %v: element type, quantization and all axes but %d must agree", i, t, in[0], axis)
		}
		total += int64(t.Shape[axis])
	}
	var err error
	if shape[axis], err = boundedLength(total); err != nil {
		return tensor.Type{}, err
	}
	return moved(in[0], shape)
}

// joins tells whether t can stand beside first along the axis.
func joins(t, first tensor.Type, axis int) bool {
	return t.DType == first.DType && t.Quant.Equal(first.Quant) && len(t.Shape) == len(first.Shape) &&
		t.Shape[:axis].Equal(first.Shape[:axis]) && t.Shape[axis+1:].Equal(first.Shape[axis+1:])
}

func inferSlice(at Attr, in []tensor.Type) (tensor.Type, error) {
	a, x := at.(Slice), in[0].Shape
	if len(a.Start) != len(x) || len(a.Size) != len(x) {
		return tensor.Type{}, fmt.Errorf("slice from %v of size %v out of shape %v", a.Start, a.Size, x)
	}
	for i, start := range a.Start {
		if start < 0 || start > x[i] || a.Size[i] > x[i]-start {
			return tensor.Type{}, fmt.Errorf("slice from %v of size %v out of shape %v", a.Start, a.Size, x)
		}
	}
	return moved(in[0], a.Size)
}

func inferPad(at Attr, in []tensor.Type) (tensor.Type, error) {
	a, x := at.(Pad), in[0].Shape
	if len(a.Before) != len(x) || len(a.After) != len(x) {
		return tensor.Type{}, fmt.Errorf("padding %v before and %v after shape %v", a.Before, a.After, x)
	}
	if err := wantPaddable(in[0], a.Value); err != nil {
		return tensor.Type{}, err
	}
	shape := x.Clone()
	for i, d := range x {
		var err error
		if shape[i], err = boundedLength(int64(d) + int64(a.Before[i]) + int64(a.After[i])); err != nil {
			return tensor.Type{}, err
		}
	}
	return moved(in[0], shape)
}

// wantPaddable fails where it is not plain what number of type t is worth value.
func wantPaddable(t tensor.Type, value float32) error {
	switch {
	case t.DType == tensor.Float32, t.DType == tensor.Int8 && t.Quant != nil, t.Quant == nil && value == 0:
		return nil
	}
	return fmt.Errorf("input %v padded with %v: want F32, quantized I8, or plain integers and 0", t, value)
}

func inferGather(a Attr, in []tensor.Type) (tensor.Type, error) {
	axis, x := a.(Axis).Axis, in[0].Shape
	if axis >= len(x) || x[axis] == 0 || in[1].DType != tensor.Int32 {
		return tensor.Type{}, fmt.Errorf("gather along axis %d of %v with indices %v (want I32)", axis, in[0], in[1])
	}
	shape := append(x[:axis].Clone(), in[1].Shape...)
	return moved(in[0], append(shape, x[axis+1:]...))
}

func inferGatherElements(a Attr, in []tensor.Type) (tensor.Type, error) {
	axis, x, indices := a.(Axis).Axis, in[0].Shape, in[1].Shape
	if axis >= len(x) || len(x) != len(indices) || x[axis] == 0 || in[1].DType != tensor.Int32 {
		return tensor.Type{}, fmt.Errorf("elements along axis %d of %v at %v (want I32 of the same rank)", axis, in[0], in[1])
	}
	for i, d := range indices {
		if i != axis && d > x[i] {
			return tensor.Type{}, fmt.Errorf("indices %v reach beyond %v", indices, x)
		}
	}
	return moved(in[0], indices)
}

func inferScatterAddElements(at Attr, in []tensor.Type) (tensor.Type, error) {
	a, x := at.(Scatter), in[0].Shape
	if !in[1].Shape.Equal(x) || in[1].DType != tensor.Int32 {
		return tensor.Type{}, fmt.Errorf("indices are %v, want I32 of shape %v", in[1], x)
	}
	if _, err := inferGatherElements(Axis{a.Axis}, []tensor.Type{floatType(a.Shape), in[1]}); err != nil {
		return tensor.Type{}, err
	}
	return floatType(a.Shape), wantFloat(in[0])
}

func inferArgMax(_ Attr, in []tensor.Type) (tensor.Type, error) {
	x := in[0].Shape
	if len(x) == 0 || x[len(x)-1] == 0 {
		return tensor.Type{}, fmt.Errorf("input %v has no last axis to search", in[0])
	}
	return tensor.Type{DType: tensor.Int32, Shape: x[:len(x)-1].Clone()}, wantNumbers(in[0])
}

func inferArgTopK(a Attr, in []tensor.Type) (tensor.Type, error) {
	x, k := in[0].Shape, a.(TopK).K
	if len(x) == 0 || k > x[len(x)-1] {
		return tensor.Type{}, fmt.Errorf("the first %d of the last axis of %v", k, in[0])
	}
	shape := x.Clone()
	shape[len(x)-1] = k
	return tensor.Type{DType: tensor.Int32, Shape: shape}, wantNumbers(in[0])
}

func inferOneHot(a Attr, in []tensor.Type) (tensor.Type, error) {
	if in[0].DType != tensor.Int32 {
		return tensor.Type{}, fmt.Errorf("indices are %v, want I32", in[0])
	}
	return floatType(append(in[0].Shape.Clone(), a.(OneHot).Depth)), nil
}

func inferGreater(_ Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := broadcastShapes(in[0].Shape, in[1].Shape)
	return tensor.Type{DType: tensor.Bool, Shape: shape}, firstError(err, wantNumbers(in...))
}

func inferEqual(_ Attr, in []tensor.Type) (tensor.Type, error) {
	if in[0].DType == tensor.Bool {
		return inferLogical(nil, in)
	}
	return inferGreater(nil, in)
}

// inferLogical is the rule of one or two conditions.
func inferLogical(_ Attr, in []tensor.Type) (tensor.Type, error) {
	shape := in[0].Shape
	for i, t := range in {
		if t.DType != tensor.Bool {
			return tensor.Type{}, fmt.Errorf("input %d is %v, want BOOL", i, t)
		}
		var err error
		if shape, err = broadcastShapes(shape, t.Shape); err != nil {
			return tensor.Type{}, err
		}
	}
	return tensor.Type{DType: tensor.Bool, Shape: shape}, nil
}

func inferSelect(_ Attr, in []tensor.Type) (tensor.Type, error) {
	if in[0].DType != tensor.Bool || in[1].DType != in[2].DType || in[1].Quant != nil || in[2].Quant != nil {
		return tensor.Type{}, fmt.Errorf("selection by %v between %v and %v", in[0], in[1], in[2])
	}
	shape, err := broadcastShapes(in[1].Shape, in[2].Shape)
	if err == nil {
		shape, err = broadcastShapes(shape, in[0].Shape)
	}
	return tensor.Type{DType: in[1].DType, Shape: shape}, err
}

func inferCast(a Attr, in []tensor.Type) (tensor.Type, error) {
	to := a.(Cast).DType
	if to == tensor.Invalid {
		return tensor.Type{}, fmt.Errorf("to %v", to)
	}
	return tensor.Type{DType: to, Shape: in[0].Shape}, nil
}
