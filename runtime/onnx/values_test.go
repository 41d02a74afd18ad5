package onnx_test

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

var (
	inf = float32(math.Inf(1))
	nan = float32(math.NaN())
)

// Results that were computed by hand, for the inputs of a line in their order.
var known = []struct {
	line string
	in   []tensor.Tensor
	want tensor.Tensor
}{
	{"Slice f:5 [-1] [-100] [0] [-2]", in(list[float32](0, 1, 2, 3, 4)), list[float32](4, 2, 0)},
	{"Slice f:5 [3] [0] [0] [-1]", in(list[float32](0, 1, 2, 3, 4)), list[float32](3, 2, 1)},
	{"Slice f:5 [1] [100] [0] [3]", in(list[float32](0, 1, 2, 3, 4)), list[float32](1, 4)},
	{"Slice f:5 [-3] [9223372036854775807]", in(list[float32](0, 1, 2, 3, 4)), list[float32](2, 3, 4)},
	{"Slice f:5 [4] [-9223372036854775808] [0] [-3]", in(list[float32](0, 1, 2, 3, 4)), list[float32](4, 1)},
	{"Slice f:2x3 [1,2] [-3,-4] [0,1] [-1,-1]", in(of(tensor.Shape{2, 3}, float32(1), 2, 3, 4, 5, 6)), of(tensor.Shape{2, 3}, float32(6), 5, 4, 3, 2, 1)},
	{"@9 Slice f:5 starts=[-2] ends=[5]", in(list[float32](0, 1, 2, 3, 4)), list[float32](3, 4)},

	{"Pad f:3 [2,2] _ _ mode=reflect", in(list[float32](1, 2, 3)), list[float32](3, 2, 1, 2, 3, 2, 1)},
	{"Pad f:3 [5,0] _ _ mode=reflect", in(list[float32](1, 2, 3)), list[float32](2, 1, 2, 3, 2, 1, 2, 3)},
	{"Pad f:4 [2,-1] _ _ mode=reflect", in(list[float32](1, 2, 3, 9)), list[float32](3, 2, 1, 2, 3)},
	{"Pad f:3 [1,4] _ _ mode=wrap", in(list[float32](1, 2, 3)), list[float32](3, 1, 2, 3, 1, 2, 3, 1)},
	{"Pad f:4 [-1,2] _ _ mode=wrap", in(list[float32](9, 1, 2, 3)), list[float32](1, 2, 3, 1, 2)},
	{"Pad f:3 [2,1] _ _ mode=edge", in(list[float32](1, 2, 3)), list[float32](1, 1, 1, 2, 3, 3)},
	{"Pad f:1 [2,1] _ _ mode=reflect", in(list[float32](7)), list[float32](7, 7, 7, 7)},
	{"Pad f:4 [-1,-2]", in(list[float32](1, 2, 3, 4)), list[float32](2)},
	{"Pad i64:2 [1,1] #-5", in(list[int64](1, 2)), list[int64](-5, 1, 2, -5)},

	{"Gather f:4 [-1,0,-4]", in(list[float32](1, 2, 3, 4)), list[float32](4, 1, 1)},
	{"Gather f:4 i64:2", in(list[float32](1, 2, 3, 4), list[int64](-2, 1)), list[float32](3, 2)},
	{"Transpose f:2x3", in(of(tensor.Shape{2, 3}, float32(1), 2, 3, 4, 5, 6)), of(tensor.Shape{3, 2}, float32(1), 4, 2, 5, 3, 6)},
	{"Range #7 #-2 #-4", nil, list[int64](7, 3, -1)},
	{"Range #0.5 #2.0 #0.5", nil, list[float32](0.5, 1, 1.5)},
	{"OneHot i64:2 #3 {5.0,6.0}", in(list[int64](-1, 1)), of(tensor.Shape{2, 3}, float32(5), 5, 6, 5, 6, 5)},
	{"CumSum i32:4 #0 exclusive=1 reverse=1", in(list[int32](1, 2, 3, 4)), list[int32](9, 7, 4, 0)},

	// The sign of Mod is that of the divisor, of fmod that of the dividend.
	{"Mod i32:4 i32:4", in(list[int32](7, -7, 7, -7), list[int32](3, 3, -3, -3)), list[int32](1, 2, -2, -1)},
	{"Mod i32:4 i32:4 fmod=1", in(list[int32](7, -7, 7, -7), list[int32](3, 3, -3, -3)), list[int32](1, -1, 1, -1)},
	{"Mod i8:3 i8:3", in(list[int8](-128, 127, -6), list[int8](7, -128, 3)), list[int8](5, -1, 0)},
	{"Mod u8:2 u8:2", in(list[uint8](200, 255), list[uint8](7, 16)), list[uint8](4, 15)},
	{"Mod i64:2 i64:2", in(list[int64](1<<60+1, -(1<<60)-1), list[int64](4, 4)), list[int64](1, 3)},
	{"Mod f:4 f:4 fmod=1", in(list[float32](5.5, -5.5, 5.5, -5.5), list[float32](2, 2, -2, -2)), list[float32](1.5, -1.5, 1.5, -1.5)},
	{"Div i32:4 i32:4", in(list[int32](7, -7, 7, -7), list[int32](2, 2, -2, -2)), list[int32](3, -3, -3, 3)},

	// Rounding to integers is towards zero, halves to even.
	{"Cast f:5 to=6", in(list[float32](1.9, -1.9, 0.5, -0.5, 1<<24)), list[int32](1, -1, 0, 0, 1<<24)},
	{"Cast f:5 to=3", in(list(300, -300, inf, -inf, nan)), list[int8](127, -128, 127, -128, 0)},
	{"Cast f:5 to=2", in(list(300, -300, inf, -inf, nan)), list[uint8](255, 0, 255, 0, 0)},
	{"Cast f:4 to=6", in(list(3e9, -3e9, -inf, nan)), list[int32](math.MaxInt32, math.MinInt32, math.MinInt32, 0)},
	{"Cast f:4 to=12", in(list(5e9, -1, 3e9, nan)), list[uint32](math.MaxUint32, 0, 3e9, 0)},
	{"Cast d:3 to=7", in(list(1e19, -1e19, math.NaN())), list[int64](math.MaxInt64, math.MinInt64, 0)},
	{"Cast i32:3 to=2", in(list[int32](300, -1, 256)), list[uint8](44, 255, 0)}, // integers wrap
	{"Cast f:4 to=9", in(list(0, 0.1, -inf, nan)), list(false, true, true, true)},
	{"Cast b:2 to=1", in(list(false, true)), list[float32](0, 1)},
	{"Cast i64:3 to=3", in(list[int64](-128, 127, 5)), list[int8](-128, 127, 5)},
	{"Round f:6", in(list[float32](0.5, 1.5, 2.5, -0.5, -1.5, 2.4)), list[float32](0, 2, 2, 0, -2, 2)},
	{"Clip f:4 #-1.0 #1.0", in(list[float32](-inf, -0.5, 2, inf)), list[float32](-1, -0.5, 1, 1)},
	{"Sign f:3", in(list[float32](-3, 0, 5)), list[float32](-1, 0, 1)},
	{"IsInf f:4", in(list[float32](inf, -inf, nan, 3)), list(true, true, false, false)},
	{"IsNaN f:3", in(list[float32](inf, nan, 3)), list(false, true, false)},
	{"GreaterOrEqual f:3 f:3", in(list[float32](nan, 1, 2), list[float32](nan, 1, 3)), list(false, true, false)},
	{"ArgMax f:4 axis=0 select_last_index=1", in(list[float32](3, 1, 3, 2)), list[int64](2)},
	{"ArgMin u8:4 axis=0", in(list[uint8](3, 1, 255, 1)), list[int64](1)},

	{"Resize f:1x1x1x4 _ _ [1,1,1,1] mode=linear coordinate_transformation_mode=pytorch_half_pixel", in(of(tensor.Shape{1, 1, 1, 4}, float32(1), 2, 3, 4)), of(tensor.Shape{1, 1, 1, 1}, float32(1))},
	{"Resize f:1x1x1x2 _ _ [1,1,1,4] mode=linear coordinate_transformation_mode=pytorch_half_pixel", in(of(tensor.Shape{1, 1, 1, 2}, float32(0), 4)), of(tensor.Shape{1, 1, 1, 4}, float32(0), 1, 3, 4)},
	{"Resize f:1x1x1x2 _ _ [1,1,1,3] mode=linear coordinate_transformation_mode=align_corners", in(of(tensor.Shape{1, 1, 1, 2}, float32(0), 4)), of(tensor.Shape{1, 1, 1, 3}, float32(0), 2, 4)},
	{"Resize f:1x1x1x3 _ _ [1,1,1,6] coordinate_transformation_mode=asymmetric nearest_mode=floor", in(of(tensor.Shape{1, 1, 1, 3}, float32(1), 2, 3)), of(tensor.Shape{1, 1, 1, 6}, float32(1), 1, 2, 2, 3, 3)},
	{"Resize f:1x1x1x4 _ {1.0,1.0,1.0,0.5} nearest_mode=ceil", in(of(tensor.Shape{1, 1, 1, 4}, float32(1), 2, 3, 4)), of(tensor.Shape{1, 1, 1, 2}, float32(2), 4)},
	{"Upsample f:1x1x1x2 {1.0,1.0,2.0,1.0}", in(of(tensor.Shape{1, 1, 1, 2}, float32(1), 2)), of(tensor.Shape{1, 1, 2, 2}, float32(1), 2, 1, 2)},

	// (x − mean)/√(variance + ε)·scale + offset
	{"BatchNormalization f:1x2x3 {2.0,3.0} {1.0,-1.0} {0.0,4.0} {4.0,16.0} epsilon=0.0", in(of(tensor.Shape{1, 2, 3}, float32(0), 2, 4, 0, 4, 8)), of(tensor.Shape{1, 2, 3}, float32(1), 3, 5, -4, -1, 2)},

	{"QuantizeLinear f:6 {0.5} _", in(list[float32](0, 0.25, 0.75, 127.5, 200, -1)), list[uint8](0, 0, 2, 255, 255, 0)},
	{"QuantizeLinear f:4 {0.5} =i8:1", in(list[float32](0.25, 1.25, 100, -100)), list[int8](0, 2, 127, -128)},
	{"QuantizeLinear f:3 {1.0} =u16:1", in(list[float32](-1, 65535.5, 2.5)), list[uint16](0, 65535, 2)},
	{"DequantizeLinear u8:3 {0.5} u8:1", in(list[uint8](0, 128, 255), list[uint8](128)), list[float32](-64, 0, 63.5)},
	{"DequantizeLinear i8:2x2 {0.5,2.0} _ axis=0", in(of(tensor.Shape{2, 2}, int8(1), 2, 3, -4)), of(tensor.Shape{2, 2}, float32(0.5), 1, 6, -8)},
}

func in(values ...tensor.Tensor) []tensor.Tensor { return values }

func TestKnownResults(t *testing.T) {
	for _, k := range known {
		t.Run(k.line, func(t *testing.T) {
			checkEqual(t, written(k.line).results(t, k.in...)[0], k.want)
		})
	}
}

func checkEqual(t *testing.T, got, want tensor.Tensor) {
	t.Helper()
	same := bytes.Equal(got.Data, want.Data)
	if got.DType == tensor.Float32 && want.DType == tensor.Float32 { // where both zeros are one
		same = slices.Equal(tensor.Elements[float32](got), tensor.Elements[float32](want))
	}
	if !got.Type.Equal(want.Type) || !same {
		t.Errorf("%v %v, want %v %v", got.Type, elements(got), want.Type, elements(want))
	}
}

// Axes and positions may be int32, too.
func TestSliceByInt32(t *testing.T) {
	n := newNetwork(13)
	x := n.input(proto.Float, 2, 4)
	var inputs []string
	for _, v := range []int32{-1, 0, 1, -2} { // start, end, axis, step
		inputs = append(inputs, n.constant(list(v)))
	}
	n.returns(n.apply("Slice", append([]string{x}, inputs...)))
	checkEqual(t, n.results(t, of(tensor.Shape{2, 4}, float32(1), 2, 3, 4, 5, 6, 7, 8))[0], of(tensor.Shape{2, 2}, float32(4), 2, 8, 6))
}

// Of nothing but zeros the scale does not matter, but it must be one.
func TestDynamicQuantizationOfZeros(t *testing.T) {
	y := written("DynamicQuantizeLinear f:3 ->3").results(t, list[float32](0, 0, 0))
	checkEqual(t, y[0], list[uint8](0, 0, 0))
	checkEqual(t, y[2], tensor.Scalar[uint8](0))
	if scale := tensor.Elements[float32](y[1])[0]; !(scale > 0) || scale > math.MaxFloat32 {
		t.Errorf("the scale is %v", scale)
	}
	y = written("DynamicQuantizeLinear f:4 ->3").results(t, list[float32](-1, 0, 0.5, 1.55))
	checkEqual(t, y[0], list[uint8](0, 100, 150, 255))
	checkEqual(t, y[2], tensor.Scalar[uint8](100))
}

// Transposes one after the other are one.
func TestTransposeChain(t *testing.T) {
	x := ramp[float32](2, 3, 4, 5)
	y := written("Transpose f:2x3x4x5 perm=[3,1,0,2] | Transpose $ perm=[1,0,3,2] | Transpose $").results(t, x)[0]
	// The axes 0 1 2 3 become 3 1 0 2, then 1 3 2 0, then 0 2 3 1.
	want := make([]float32, 0, 120)
	for a := range 2 {
		for c := range 4 {
			for d := range 5 {
				for b := range 3 {
					want = append(want, tensor.Elements[float32](x)[((a*3+b)*4+c)*5+d])
				}
			}
		}
	}
	checkEqual(t, y, of(tensor.Shape{2, 4, 5, 3}, want...))
}
