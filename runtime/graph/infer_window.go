package graph

import (
	"fmt"
	"slices"

	"megl-edge/runtime/tensor"
)

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

func inferConvFilterGrad(at Attr, in []tensor.Type) (tensor.Type, error) {
	a := at.(ConvFilterGrad)
	x, dy := in[0].Shape, in[1].Shape
	if len(x) != 4 || len(dy) != 4 {
		return tensor.Type{}, fmt.Errorf("image %v and adjoint %v must have 4 dimensions", x, dy)
	}
	if x[3]%a.Groups != 0 {
		return tensor.Type{}, fmt.Errorf("%d channels cannot be split into %d groups", x[3], a.Groups)
	}
	filter := tensor.Shape{dy[3], a.Kernel[0], a.Kernel[1], x[3] / a.Groups}
	want, err := convShape(a.Conv, []tensor.Type{in[0], floatType(filter)})
	if err == nil && !want.Equal(dy) {
		err = fmt.Errorf("adjoint is %v, the convolution of %v with %v gives %v", dy, x, filter, want)
	}
	return floatType(filter), firstError(err, wantFloat(in...))
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

func inferArgMaxPool(a Attr, in []tensor.Type) (tensor.Type, error) {
	t, err := inferPool(a, in)
	return tensor.Type{DType: tensor.Int32, Shape: t.Shape}, err
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
