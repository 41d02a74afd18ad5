package tensor_test

import (
	"math"
	"testing"

	"megl-edge/runtime/tensor"
)

func perAxis(axis int, scales ...float32) *tensor.Quantization {
	return &tensor.Quantization{Scale: scales, ZeroPoint: make([]int32, len(scales)), Axis: axis}
}

func TestQuantizationCheck(t *testing.T) {
	for _, c := range []struct {
		d    tensor.DType
		q    *tensor.Quantization
		want string // "": it is fine
	}{
		{tensor.Int8, tensor.PerTensor(0.5, -128), ""},
		{tensor.UInt8, tensor.PerTensor(0.5, 255), ""},
		{tensor.Int16, tensor.PerTensor(0.5, -32768), ""},
		{tensor.Int32, tensor.PerTensor(math.SmallestNonzeroFloat32, math.MaxInt32), ""},
		{tensor.Int8, perAxis(0, 1, 2), ""},
		{tensor.Int8, perAxis(1, 1, 2, 3), ""},
		{tensor.Int8, perAxis(-9, 1), ""}, // one scale: the axis means nothing
		{tensor.Int8, perAxis(0), "0 scales and 0 zero points"},
		{tensor.Int8, &tensor.Quantization{Scale: []float32{1}}, "1 scales and 0 zero points"},
		{tensor.Int8, perAxis(0, 1, 2, 3), "3 scales along axis 0 of shape 2×3"},
		{tensor.Int8, perAxis(2, 1, 2), "axis 2"},
		{tensor.Int8, perAxis(-1, 1, 2), "axis -1"},
		{tensor.Int8, perAxis(0, 1, 0), "scale 1 is 0"},
		{tensor.Int8, perAxis(0, -1, 1), "scale 0 is -1"},
		{tensor.Int8, tensor.PerTensor(float32(math.NaN()), 0), "scale 0 is NaN"},
		{tensor.Int8, tensor.PerTensor(float32(math.Inf(1)), 0), "scale 0 is +Inf"},
		{tensor.Int8, tensor.PerTensor(1, 128), "zero point 128 does not fit type I8"},
		{tensor.UInt8, tensor.PerTensor(1, -1), "zero point -1 does not fit type U8"},
		{tensor.Float32, tensor.PerTensor(1, 0), "type F32 cannot be quantized"},
		{tensor.Bool, tensor.PerTensor(1, 0), "type BOOL cannot be quantized"},
	} {
		err := tensor.Type{DType: c.d, Shape: tensor.Shape{2, 3}, Quant: c.q}.Check()
		if c.want != "" {
			checkMessage(t, err, c.want)
		} else if err != nil {
			t.Errorf("%v quantized by %+v is refused: %v", c.d, *c.q, err)
		}
	}
}

func TestIsPerTensor(t *testing.T) {
	var none *tensor.Quantization
	if none.IsPerTensor() || perAxis(0, 1, 2).IsPerTensor() || !tensor.PerTensor(1, 0).IsPerTensor() {
		t.Error("only one scale serves the whole tensor")
	}
}

func TestQuantizationEqual(t *testing.T) {
	var none *tensor.Quantization
	groups := [][]*tensor.Quantization{ // equal within a group, different between groups
		{none, nil},
		{tensor.PerTensor(1, 0), perAxis(3, 1)},
		{tensor.PerTensor(1, 1)},
		{tensor.PerTensor(2, 0)},
		{perAxis(0, 1, 2), perAxis(0, 1, 2)},
		{perAxis(1, 1, 2)},
		{perAxis(0, 1, 2, 3)},
	}
	for i, group := range groups {
		for j, other := range groups {
			for _, a := range group {
				for _, b := range other {
					if a.Equal(b) != (i == j) {
						t.Errorf("%+v equals %+v: %v", a, b, a.Equal(b))
					}
				}
			}
		}
	}
}

func TestType(t *testing.T) {
	x := tensor.Type{DType: tensor.Int16, Shape: tensor.Shape{2, 3}}
	if x.Bytes() != 12 || x.String() != "I16[2×3]" {
		t.Errorf("%v has %d bytes", x, x.Bytes())
	}
	for _, other := range []tensor.Type{
		{DType: tensor.UInt16, Shape: x.Shape},
		{DType: x.DType, Shape: tensor.Shape{3, 2}},
		{DType: x.DType, Shape: x.Shape, Quant: tensor.PerTensor(1, 0)},
	} {
		if x.Equal(other) || !other.Equal(other) {
			t.Errorf("%v equals %v", x, other)
		}
	}
}
