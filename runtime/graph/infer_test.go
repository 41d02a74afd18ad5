package graph_test

import (
	"math"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func of(d tensor.DType, shape ...int) tensor.Type { return tensor.Type{DType: d, Shape: shape} }

// perAxis returns a type with scales 1, 2, … along an axis.
func perAxis(d tensor.DType, axis int, shape ...int) tensor.Type {
	q := &tensor.Quantization{Axis: axis}
	for i := range shape[axis] {
		q.Scale = append(q.Scale, float32(i+1))
		q.ZeroPoint = append(q.ZeroPoint, 0)
	}
	return tensor.Type{DType: d, Shape: shape, Quant: q}
}

// int32s returns the type of a bias.
func int32s(scale float32, shape ...int) tensor.Type {
	return tensor.Type{DType: tensor.Int32, Shape: shape, Quant: tensor.PerTensor(scale, 0)}
}

func types(t ...tensor.Type) []tensor.Type { return t }

// result applies one op to inputs of the given types.
func result(op graph.Op, attr graph.Attr, in []tensor.Type) (tensor.Type, error) {
	b := graph.NewBuilder()
	ids := make([]graph.ID, len(in))
	for i, t := range in {
		ids[i] = b.Input(string(rune('a'+i)), t)
	}
	if b.Err() != nil {
		panic(b.Err())
	}
	y := b.Apply(op, "", attr, ids...)
	return b.Type(y), b.Err()
}

func reduceOver(axes ...int) graph.Reduce { return graph.Reduce{Axes: axes} }

var inferred = []struct {
	op   graph.Op
	attr graph.Attr
	in   []tensor.Type
	want tensor.Type
}{
	{graph.OpConv, oddConv, types(float(2, 5, 4, 2), float(3, 2, 2, 2), float(3)), float(2, 4, 5, 3)},
	{graph.OpConv, groupConv, types(float(0, 3, 4, 4), float(6, 3, 2, 2)), float(0, 3, 3, 6)},
	{graph.OpConvInputGrad, graph.ConvInputGrad{Conv: oddConv, Height: 5, Width: 4}, types(float(2, 4, 5, 3), float(3, 2, 2, 2)), float(2, 5, 4, 2)},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: oddConv, Kernel: graph.HW{2, 2}}, types(float(2, 5, 4, 2), float(2, 4, 5, 3)), float(3, 2, 2, 2)},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: groupConv, Kernel: graph.HW{2, 2}}, types(float(0, 3, 4, 4), float(0, 4, 3, 6)), float(6, 2, 2, 2)},
	{graph.OpLinear, nil, types(float(2, 3), float(4, 3), float(4)), float(2, 4)},
	{graph.OpMatMul, graph.MatMul{TransposeA: true, TransposeB: true}, types(float(7, 3, 2), float(7, 5, 3)), float(7, 2, 5)},
	{graph.OpAdd, nil, types(float(2, 1, 3), float(4, 1)), float(2, 4, 3)},
	{graph.OpSub, nil, types(float(), float(2, 0)), float(2, 0)},
	{graph.OpMul, nil, types(float(1), float()), float(1)},
	{graph.OpDiv, nil, types(float(3), float(2, 3)), float(2, 3)},
	{graph.OpClamp, graph.ReLU6, types(float(2)), float(2)},
	{graph.OpClamp, graph.ReLU, types(float()), float()},
	{graph.OpClampGrad, graph.ReLU, types(float(2, 3), float(2, 3)), float(2, 3)},
	{graph.OpSigmoid, nil, types(float(2)), float(2)},
	{graph.OpSqrt, nil, types(float(2)), float(2)},
	{graph.OpSqrt, nil, types(of(tensor.Float64, 2)), of(tensor.Float64, 2)},
	{graph.OpExp, nil, types(float(2)), float(2)},
	{graph.OpLog, nil, types(float(2)), float(2)},
	{graph.OpTanh, nil, types(float(2)), float(2)},
	{graph.OpErf, nil, types(float(2)), float(2)},
	{graph.OpFloor, nil, types(float(2)), float(2)},
	{graph.OpCeil, nil, types(float(2)), float(2)},
	{graph.OpRound, nil, types(float(2)), float(2)},
	{graph.OpGelu, nil, types(float(2)), float(2)},
	{graph.OpPow, nil, types(of(tensor.Int64, 2), of(tensor.Int64)), of(tensor.Int64, 2)},
	{graph.OpMaximum, nil, types(of(tensor.UInt16, 2), of(tensor.UInt16, 3, 1)), of(tensor.UInt16, 3, 2)},
	{graph.OpMinimum, nil, types(float(2), float(2)), float(2)},
	{graph.OpLayerNorm, graph.LayerNorm{}, types(float(2, 3), float(3), float(3)), float(2, 3)},
	{graph.OpCumSum, graph.CumSum{Axis: 1}, types(of(tensor.Int32, 2, 3)), of(tensor.Int32, 2, 3)},
	{graph.OpReduceProd, reduceOver(0), types(of(tensor.Int8, 2, 3)), of(tensor.Int8, 3)},
	{graph.OpMatMul, graph.MatMul{}, types(of(tensor.Int32, 2, 3), of(tensor.Int32, 3, 4)), of(tensor.Int32, 2, 4)},
	{graph.OpHardSwish, nil, types(float(2)), float(2)},
	{graph.OpBatchNorm, graph.BatchNorm{}, types(float(2, 3), float(3), float(3), float(3), float(3)), float(2, 3)},
	{graph.OpMaxPool, oddPool, types(float(2, 4, 3, 2)), float(2, 3, 3, 2)},
	{graph.OpMaxPool, oddPool, types(int8s(2, 1, 2, 4, 3, 2)), int8s(2, 1, 2, 3, 3, 2)},
	{graph.OpAvgPool, paddedPool, types(float(1, 3, 4, 3)), float(1, 3, 3, 3)},
	{graph.OpReduceSum, graph.Reduce{Axes: []int{0, 2}, KeepDims: true}, types(float(2, 3, 4)), float(1, 3, 1)},
	{graph.OpReduceMean, reduceOver(0, 2), types(float(2, 3, 4)), float(3)},
	{graph.OpReduceMax, reduceOver(0), types(float(2)), float()},
	{graph.OpReduceMin, reduceOver(), types(float(2)), float(2)},
	{graph.OpSoftmax, nil, types(float(2, 3)), float(2, 3)},
	{graph.OpNormalize, graph.Normalize{Mean: []float32{1, 2}, Std: []float32{3, 4}}, types(of(tensor.UInt8, 5, 2)), float(5, 2)},

	{graph.OpReshape, graph.Shape{Shape: tensor.Shape{3, 2}}, types(int8s(2, 1, 6)), int8s(2, 1, 3, 2)},
	{graph.OpReshape, graph.Shape{}, types(of(tensor.Bool, 1, 1)), of(tensor.Bool)},
	{graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{3, 2}}, types(int8s(2, 1, 1)), int8s(2, 1, 3, 2)},
	{graph.OpTranspose, graph.Transpose{Perm: []int{2, 0, 1}}, types(float(2, 3, 4)), float(4, 2, 3)},
	{graph.OpTranspose, graph.Transpose{}, types(float()), float()},
	{graph.OpConcat, graph.Axis{Axis: 1}, types(int8s(2, 1, 2, 3), int8s(2, 1, 2, 0), int8s(2, 1, 2, 4)), int8s(2, 1, 2, 7)},
	{graph.OpSlice, graph.Slice{Start: []int{1, 3}, Size: tensor.Shape{2, 0}}, types(float(3, 3)), float(2, 0)},
	{graph.OpPad, graph.Pad{Before: []int{1}, After: []int{2}, Value: 3}, types(int8s(2, 1, 3)), int8s(2, 1, 6)},
	{graph.OpPad, graph.Pad{Before: []int{1}, After: []int{2}}, types(of(tensor.UInt8, 3)), of(tensor.UInt8, 6)},
	{graph.OpGather, graph.Axis{Axis: 1}, types(float(2, 3, 4), of(tensor.Int32, 5, 6)), float(2, 5, 6, 4)},
	{graph.OpGather, graph.Axis{}, types(of(tensor.Int8, 3), of(tensor.Int32)), of(tensor.Int8)},
	{graph.OpGatherElements, graph.Axis{Axis: 1}, types(float(2, 3), of(tensor.Int32, 1, 5)), float(1, 5)},
	{graph.OpStopGradient, nil, types(int8s(2, 1, 2)), int8s(2, 1, 2)},

	{graph.OpScatterAddElements, graph.Scatter{Axis: 1, Shape: tensor.Shape{2, 3}}, types(float(1, 5), of(tensor.Int32, 1, 5)), float(2, 3)},
	{graph.OpArgMaxPool, oddPool, types(float(2, 4, 3, 2)), of(tensor.Int32, 2, 3, 3, 2)},
	{graph.OpArgMaxPool, oddPool, types(int8s(2, 1, 2, 4, 3, 2)), of(tensor.Int32, 2, 3, 3, 2)},
	{graph.OpArgMax, nil, types(float(2, 3)), of(tensor.Int32, 2)},
	{graph.OpArgMax, nil, types(of(tensor.Int64, 2, 3)), of(tensor.Int32, 2)},
	{graph.OpArgTopK, graph.TopK{K: 2}, types(float(2, 3)), of(tensor.Int32, 2, 2)},
	{graph.OpEqual, nil, types(of(tensor.Bool, 2), of(tensor.Bool)), of(tensor.Bool, 2)},
	{graph.OpEqual, nil, types(of(tensor.Int64, 2), of(tensor.Int64, 3, 1)), of(tensor.Bool, 3, 2)},
	{graph.OpAnd, nil, types(of(tensor.Bool, 2), of(tensor.Bool, 3, 1)), of(tensor.Bool, 3, 2)},
	{graph.OpOr, nil, types(of(tensor.Bool, 2), of(tensor.Bool, 3, 1)), of(tensor.Bool, 3, 2)},
	{graph.OpNot, nil, types(of(tensor.Bool, 2)), of(tensor.Bool, 2)},
	{graph.OpSelect, nil, types(of(tensor.Bool, 2), of(tensor.UInt8, 2), of(tensor.UInt8)), of(tensor.UInt8, 2)},
	{graph.OpCast, graph.Cast{DType: tensor.Int8}, types(float(2)), of(tensor.Int8, 2)},
	{graph.OpOneHot, graph.OneHot{Depth: 4}, types(of(tensor.Int32, 2)), float(2, 4)},
	{graph.OpGreater, nil, types(of(tensor.Int32, 2, 1), of(tensor.Int32, 3)), of(tensor.Bool, 2, 3)},
	{graph.OpSelect, nil, types(of(tensor.Bool, 4, 1, 1), float(2, 1), float(3)), float(4, 2, 3)},
	{graph.OpCast, graph.Cast{DType: tensor.Float32}, types(int8s(2, 1, 2)), float(2)},

	{graph.OpQuantize, to(2, 1), types(float(2)), int8s(2, 1, 2)},
	{graph.OpDequantize, nil, types(perAxis(tensor.Int8, 1, 2, 3)), float(2, 3)},
	{graph.OpQuantConv, graph.QuantConv{Conv: oddConv, Output: to(2, 1)},
		types(int8s(3, 1, 1, 5, 4, 2), perAxis(tensor.Int8, 0, 3, 2, 2, 2), tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{3},
			Quant: &tensor.Quantization{Scale: []float32{3, 6, 9}, ZeroPoint: []int32{0, 0, 0}}}), int8s(2, 1, 1, 4, 5, 3)},
	{graph.OpQuantLinear, to(2, 1), types(int8s(3, 1, 2, 3), int8s(0.5, 9, 4, 3), int32s(1.5, 4)), int8s(2, 1, 2, 4)},
	{graph.OpQuantAdd, to(2, 1), types(int8s(3, 1, 2), int8s(4, 5, 2)), int8s(2, 1, 2)},
	{graph.OpInt8Linear, nil, types(int8s(3, 1, 2, 3), perAxis(tensor.Int8, 0, 4, 3), float(4)), float(2, 4)},
	{graph.OpInt8Linear, nil, types(float(2, 3), int8s(3, 1, 4, 3)), float(2, 4)},
	{graph.OpInt8MatMul, graph.MatMul{TransposeB: true}, types(float(7, 2, 3), float(7, 5, 3)), float(7, 2, 5)},
	{graph.OpQuantMul, to(2, 1), types(int8s(3, 1, 2, 1), int8s(4, 5, 3)), int8s(2, 1, 2, 3)},
	{graph.OpQuantAvgPool, graph.QuantPool{Pool: oddPool, Output: to(2, 1)}, types(int8s(3, 1, 1, 4, 3, 2)), int8s(2, 1, 1, 3, 3, 2)},
	{graph.OpQuantMean, graph.QuantReduce{Reduce: reduceOver(1), Output: to(2, 1)}, types(int8s(3, 1, 4, 3)), int8s(2, 1, 4)},
	{graph.OpQuantUnary, graph.QuantUnary{Function: graph.Sigmoid, Output: to(2, 1)}, types(int8s(3, 1, 4, 3)), int8s(2, 1, 4, 3)},
}

func TestShapeRules(t *testing.T) {
	covered := map[graph.Op]bool{graph.OpInput: true, graph.OpConstant: true}
	for _, c := range inferred {
		covered[c.op] = true
		if got, err := result(c.op, c.attr, c.in); err != nil || !got.Equal(c.want) {
			t.Errorf("%s of %v is %v (%v), want %v", c.op, c.in, got, err, c.want)
		}
	}
	for _, op := range graph.Ops() {
		if !covered[op] {
			t.Errorf("%s has no valid case", op)
		}
	}
}

// convWith returns a 1×1 convolution changed by f.
func convWith(f func(a *graph.Conv)) graph.Conv {
	a := plainConv
	f(&a)
	return a
}

func poolWith(kernel, stride graph.HW, pad graph.Sides) graph.Pool {
	return graph.Pool{Kernel: kernel, Stride: stride, Pad: pad}
}

var (
	image    = float(1, 4, 4, 4)
	filter   = float(2, 2, 2, 4)
	pixels   = of(tensor.UInt8, 2, 3)
	infinity = float32(math.Inf(1))
	nan      = float32(math.NaN())
	tooLong  = slices.Repeat([]int{0}, 65)
)

var refused = []struct {
	op   graph.Op
	attr graph.Attr
	in   []tensor.Type
	want string
}{
	{graph.OpConv, plainConv, types(float(4, 4, 4), filter), "must have 4 dimensions"},
	{graph.OpConv, plainConv, types(image, float(2, 2, 4)), "must have 4 dimensions"},
	{graph.OpConv, plainConv, types(image, float(2, 2, 2, 3)), "does not fit 4 channels"},
	{graph.OpConv, plainConv, types(image, filter, float(3)), "bias 3 for 2 output channels"},
	{graph.OpConv, plainConv, types(image, filter, of(tensor.Int32, 2)), "input 2 is I32[2], want F32"},
	{graph.OpConv, plainConv, types(image, float(2, 5, 2, 4)), "a window of 5 does not fit into 4 pixels"},
	{graph.OpConv, plainConv, types(image, float(2, 2, 5, 4)), "a window of 5 does not fit into 4 pixels"},
	{graph.OpConv, plainConv, types(image, float(2, 0, 2, 4)), "no empty axis"},
	{graph.OpConv, plainConv, types(float(1, 4, 4, 0), float(2, 2, 2, 0)), "no empty axis"},
	{graph.OpConv, plainConv, types(float(1, 0, 4, 4), filter), "does not fit into 0 pixels"},
	{graph.OpConv, plainConv, types(image, float(1, 5000, 1, 4)), "at most 4096 pixels"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Groups = 0 }), types(image, filter), "groups is 0"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Groups = 4 }), types(image, float(6, 2, 2, 1)), "6 output channels cannot be split into 4 groups"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Groups = math.MaxInt }), types(image, filter), "cannot be split"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Groups = math.MaxInt/2 + 2 }), types(image, float(0, 1, 1, 2)), "no empty axis"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Stride[1] = 0 }), types(image, filter), "between 1 and 4096"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Dilation[0] = 5000 }), types(image, filter), "between 1 and 4096"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Pad[2] = -1 }), types(image, filter), "between 0 and 4096"},
	{graph.OpConv, convWith(func(a *graph.Conv) { a.Pad[2] = math.MaxInt }), types(image, filter), "between 0 and 4096"},
	{graph.OpConvInputGrad, graph.ConvInputGrad{Conv: plainConv, Height: 4, Width: 4}, types(float(1, 3, 3, 2), float(2, 2, 2)), "must have 4 dimensions"},
	{graph.OpConvInputGrad, graph.ConvInputGrad{Conv: plainConv, Height: 4, Width: 5}, types(float(1, 3, 3, 2), filter), "adjoint is 1×3×3×2, the convolution of 1×4×5×4 gives 1×3×4×2"},
	{graph.OpConvInputGrad, graph.ConvInputGrad{Conv: plainConv, Height: 0, Width: 5}, types(float(1, 3, 3, 2), filter), "input size is 0×5"},
	{graph.OpConvInputGrad, graph.ConvInputGrad{Conv: plainConv, Height: math.MaxInt, Width: 4}, types(float(1, 3, 3, 2), filter), ""},
	{graph.OpConvInputGrad, graph.ConvInputGrad{Conv: convWith(func(a *graph.Conv) { a.Groups = math.MaxInt/2 + 3 }), Height: 4, Width: 4}, types(float(1, 3, 3, 0), float(0, 2, 2, 2)), "cannot be split"},
	{graph.OpLinear, nil, types(float(2, 3), float(3, 4)), "do not fit"},
	{graph.OpLinear, nil, types(float(3), float(4, 3)), "do not fit"},
	{graph.OpLinear, nil, types(float(2, 0), float(4, 0)), "no empty axis"},
	{graph.OpLinear, nil, types(float(2, 3), float(0, 3)), "no empty axis"},
	{graph.OpLinear, nil, types(float(2, 3), float(4, 3), float(3)), "bias 3 for 4 outputs"},
	{graph.OpLinear, nil, types(float(2, 3), int8s(1, 0, 4, 3)), "input 1 is I8[4×3], want F32"},
	{graph.OpMatMul, graph.MatMul{}, types(float(3), float(3)), "do not fit"},
	{graph.OpMatMul, graph.MatMul{}, types(float(2, 3), float(4, 3)), "3 against 4"},
	{graph.OpMatMul, graph.MatMul{}, types(float(2, 2, 3), float(3, 3, 3)), "do not fit"},
	{graph.OpMatMul, graph.MatMul{}, types(float(2, 2, 3), float(3, 3)), "do not fit"},
	{graph.OpMatMul, graph.MatMul{}, types(float(1<<20, 0), float(0, 1<<20)), "more than 2 GiB"},
	{graph.OpAdd, nil, types(float(2, 3), float(2)), "shapes 2×3 and 2 do not broadcast"},
	{graph.OpSub, nil, types(float(2), of(tensor.Int32, 2)), "input 1 is I32[2], want numbers of one type"},
	{graph.OpMul, nil, types(float(1<<15, 1), float(1, 1<<15)), "more than 2 GiB"},
	{graph.OpDiv, nil, types(float(2), float(2), float(2)), "has 3 inputs"},
	{graph.OpClamp, graph.Clamp{Min: 1, Max: 0}, types(float(2)), "holds no number"},
	{graph.OpClamp, graph.Clamp{Min: nan, Max: 0}, types(float(2)), "holds no number"},
	{graph.OpClamp, graph.Clamp{Min: infinity, Max: infinity}, types(float(2)), "holds no number"},
	{graph.OpClamp, graph.ReLU, types(int8s(1, 0, 2)), "want F32"},
	{graph.OpClampGrad, graph.ReLU, types(float(2), float(3)), "differ"},
	{graph.OpClampGrad, graph.ReLU, types(float(2), int8s(1, 0, 2)), "want F32"},
	{graph.OpSigmoid, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpSqrt, nil, types(of(tensor.Bool, 2)), "want F32"},
	{graph.OpHardSwish, nil, types(of(tensor.Float64, 2)), "want F32"},
	{graph.OpBatchNorm, graph.BatchNorm{Epsilon: -1}, types(float(2, 3), float(3), float(3), float(3), float(3)), "epsilon is -1"},
	{graph.OpBatchNorm, graph.BatchNorm{Epsilon: nan}, types(float(2, 3), float(3), float(3), float(3), float(3)), "epsilon is NaN"},
	{graph.OpBatchNorm, graph.BatchNorm{}, types(float(2, 3), float(3), float(3), float(2), float(3)), "statistics 2 for 3 channels"},
	{graph.OpBatchNorm, graph.BatchNorm{}, types(float(), float(), float(), float(), float()), "input is a scalar"},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: plainConv, Kernel: graph.HW{2, 2}}, types(image, float(1, 3, 3)), "must have 4 dimensions"},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: plainConv, Kernel: graph.HW{2, 2}}, types(image, float(1, 4, 3, 2)), "adjoint is 1×4×3×2, the convolution of"},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: plainConv, Kernel: graph.HW{0, 2}}, types(image, image), "kernel [0 2]"},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: plainConv, Kernel: graph.HW{1, math.MaxInt}}, types(image, image), "kernel [1 "},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: groupConv, Kernel: graph.HW{1, 1}}, types(float(1, 3, 3, 3), image), "3 channels cannot be split into 2 groups"},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Kernel: graph.HW{1, 1}}, types(image, image), "groups is 0"},
	{graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: plainConv, Kernel: graph.HW{1, 1}}, types(image, of(tensor.Int32, image.Shape...)), "want F32"},
	{graph.OpMaxPool, oddPool, types(float(4, 4, 4)), "must have 4 dimensions"},
	{graph.OpMaxPool, oddPool, types(of(tensor.Int32, 1, 4, 4, 1)), "want F32 or I8"},
	{graph.OpMaxPool, oddPool, types(perAxis(tensor.Int8, 3, 1, 4, 4, 2)), "quantized per axis"},
	{graph.OpMaxPool, poolWith(graph.HW{0, 1}, graph.HW{1, 1}, graph.Sides{}), types(image), "kernel [0 1]"},
	{graph.OpMaxPool, poolWith(graph.HW{2, 1}, graph.HW{1, 0}, graph.Sides{}), types(image), "stride [1 0]"},
	{graph.OpMaxPool, poolWith(graph.HW{2, 2}, graph.HW{1, 1}, graph.Sides{0, 0, 0, 2}), types(image), "less padding than that"},
	{graph.OpAvgPool, poolWith(graph.HW{2, 2}, graph.HW{1, 1}, graph.Sides{-1, 0, 0, 0}), types(image), "padding [-1 0 0 0]"},
	{graph.OpAvgPool, poolWith(graph.HW{5, 2}, graph.HW{1, 1}, graph.Sides{}), types(image), "a window of 5 does not fit"},
	{graph.OpAvgPool, oddPool, types(int8s(1, 0, 1, 4, 4, 1)), "want F32"},
	{graph.OpReduceSum, reduceOver(2), types(float(2, 3)), "axes [2] of a value of shape 2×3"},
	{graph.OpReduceSum, reduceOver(1, 0), types(float(2, 3)), "must be ascending"},
	{graph.OpReduceMean, reduceOver(0, 0), types(float(2, 3)), "must be ascending"},
	{graph.OpReduceMean, reduceOver(-1), types(float(2, 3)), "not negative"},
	{graph.OpReduceMax, reduceOver(1), types(float(2, 0)), "axis 1 of 2×0 is empty"},
	{graph.OpReduceMin, reduceOver(0), types(int8s(1, 0, 2)), "not quantized"},
	{graph.OpReduceProd, reduceOver(0), types(of(tensor.Bool, 2)), "want numbers"},
	{graph.OpCumSum, graph.CumSum{Axis: 1}, types(float(2)), "axis 1 of F32[2]"},
	{graph.OpCumSum, graph.CumSum{Axis: -1}, types(float(2)), "axis -1 is negative"},
	{graph.OpLayerNorm, graph.LayerNorm{Epsilon: -1}, types(float(2, 3), float(3)), "epsilon is -1"},
	{graph.OpLayerNorm, graph.LayerNorm{}, types(float(2, 3), float(2)), "for 3 channels"},
	{graph.OpLayerNorm, graph.LayerNorm{}, types(float(), float()), "no last axis"},
	{graph.OpExp, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpLog, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpTanh, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpErf, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpFloor, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpCeil, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpRound, nil, types(of(tensor.Int32, 2)), "want F32"},
	{graph.OpGelu, nil, types(of(tensor.Float64, 2)), "want F32"},
	{graph.OpPow, nil, types(float(2), of(tensor.Int32, 2)), "numbers of one type"},
	{graph.OpMaximum, nil, types(float(2), float(3)), "do not broadcast"},
	{graph.OpMinimum, nil, types(of(tensor.Bool, 2), of(tensor.Bool, 2)), "want numbers"},
	{graph.OpReduceMin, reduceOver(tooLong...), types(float(2)), "a list for 65 axes"},
	{graph.OpSoftmax, nil, types(float()), "no last axis"},
	{graph.OpSoftmax, nil, types(float(2, 0)), "no last axis"},
	{graph.OpSoftmax, nil, types(int8s(1, 0, 2)), "want F32"},
	{graph.OpNormalize, graph.Normalize{Mean: []float32{1}, Std: []float32{3}}, types(pixels), "1 means for pixels of shape 2×3"},
	{graph.OpNormalize, graph.Normalize{Mean: []float32{1}, Std: []float32{3, 4}}, types(pixels), "1 means and 2 standard deviations"},
	{graph.OpNormalize, graph.Normalize{Mean: []float32{1, 1, 1}, Std: []float32{3, 0, 1}}, types(pixels), "channel 1"},
	{graph.OpNormalize, graph.Normalize{Mean: []float32{1, 1, nan}, Std: []float32{3, 1, 1}}, types(pixels), "channel 2"},
	{graph.OpNormalize, graph.Normalize{Mean: []float32{1, 1, 1}, Std: []float32{3, 1, 1}}, types(float(2, 3)), "want U8"},
	{graph.OpNormalize, graph.Normalize{}, types(of(tensor.UInt8)), "0 means"},

	{graph.OpReshape, graph.Shape{Shape: tensor.Shape{4}}, types(float(5)), "shape 5 cannot become 4"},
	{graph.OpReshape, graph.Shape{Shape: tensor.Shape{-1, -5}}, types(float(5)), "negative dimension"},
	{graph.OpReshape, graph.Shape{Shape: tensor.Shape{1 << 20, 1 << 20}}, types(float(5)), "more than 2 GiB"},
	{graph.OpReshape, graph.Shape{Shape: tensor.Shape{6}}, types(perAxis(tensor.Int8, 0, 2, 3)), "quantized per axis"},
	{graph.OpReshape, graph.Shape{Shape: tooLong}, types(float(0)), "a shape of 65 dimensions"},
	{graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{2}}, types(float(3)), "shape 3 does not broadcast to 2"},
	{graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{1}}, types(float(3)), "shape 3 does not broadcast to 1"},
	{graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{3}}, types(float(1, 3)), "shape 1×3 does not broadcast to 3"},
	{graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{1 << 30}}, types(float()), "more than 2 GiB"},
	{graph.OpTranspose, graph.Transpose{Perm: []int{0}}, types(float(2, 3)), "permutation [0] of shape 2×3"},
	{graph.OpTranspose, graph.Transpose{Perm: []int{0, 0}}, types(float(2, 3)), "[0 0] is no permutation"},
	{graph.OpTranspose, graph.Transpose{Perm: []int{0, 2}}, types(float(2, 3)), "is no permutation"},
	{graph.OpTranspose, graph.Transpose{Perm: []int{-1, 0}}, types(float(2, 3)), "is no permutation"},
	{graph.OpTranspose, graph.Transpose{Perm: tooLong}, types(float(2, 3)), "a list for 65 axes"},
	{graph.OpConcat, graph.Axis{Axis: 1}, types(float(2)), "axis 1 of shape 2"},
	{graph.OpConcat, graph.Axis{Axis: -1}, types(float(2)), "axis -1 is negative"},
	{graph.OpConcat, graph.Axis{}, types(float(2), of(tensor.Int32, 2)), "must agree"},
	{graph.OpConcat, graph.Axis{}, types(int8s(1, 0, 2), int8s(1, 1, 2)), "must agree"},
	{graph.OpConcat, graph.Axis{}, types(int8s(1, 0, 2), of(tensor.Int8, 2)), "must agree"},
	{graph.OpConcat, graph.Axis{}, types(float(2, 3), float(2, 4)), "must agree"},
	{graph.OpConcat, graph.Axis{}, types(float(2, 3), float(2)), "must agree"},
	{graph.OpConcat, graph.Axis{}, types(of(tensor.UInt8, 1<<30), of(tensor.UInt8, 1<<30), of(tensor.UInt8, 1<<30), of(tensor.UInt8, 1<<30)), "too long"},
	{graph.OpConcat, graph.Axis{}, nil, "has 0 inputs"},
	{graph.OpSlice, graph.Slice{Start: []int{1}, Size: tensor.Shape{3}}, types(float(3)), "out of shape 3"},
	{graph.OpSlice, graph.Slice{Start: []int{-1}, Size: tensor.Shape{3}}, types(float(3)), "out of shape 3"},
	{graph.OpSlice, graph.Slice{Start: []int{math.MaxInt}, Size: tensor.Shape{3}}, types(float(3)), "out of shape 3"},
	{graph.OpSlice, graph.Slice{Start: []int{0}, Size: tensor.Shape{-1}}, types(float(3)), "negative dimension"},
	{graph.OpSlice, graph.Slice{Start: []int{0}, Size: tensor.Shape{1, 1}}, types(float(3)), "out of shape 3"},
	{graph.OpSlice, graph.Slice{Start: tooLong, Size: tensor.Shape{1}}, types(float(3)), "a list for 65 axes"},
	{graph.OpPad, graph.Pad{Before: []int{1}, After: []int{1, 1}}, types(float(3)), "after shape 3"},
	{graph.OpPad, graph.Pad{Before: []int{-1}, After: []int{1}}, types(float(3)), "must lie between 0"},
	{graph.OpPad, graph.Pad{Before: []int{math.MaxInt32}, After: []int{math.MaxInt32}}, types(of(tensor.UInt8, 4)), "too long"},
	{graph.OpPad, graph.Pad{Before: tooLong, After: []int{1}}, types(float(3)), "a list for 65 axes"},
	{graph.OpPad, graph.Pad{Before: []int{1}, After: []int{1}, Value: -infinity}, types(float(3)), "want a finite number"},
	{graph.OpPad, graph.Pad{Before: []int{1}, After: []int{1}, Value: 1}, types(of(tensor.Int32, 3)), "plain integers and 0"},
	{graph.OpPad, graph.Pad{Before: []int{1}, After: []int{1}}, types(int32s(1, 3)), "plain integers and 0"},
	{graph.OpGather, graph.Axis{Axis: 1}, types(float(2), of(tensor.Int32)), "gather along axis 1"},
	{graph.OpGather, graph.Axis{}, types(float(0), of(tensor.Int32)), "gather along axis 0"},
	{graph.OpGather, graph.Axis{}, types(float(2), of(tensor.Int64)), "want I32"},
	{graph.OpGather, graph.Axis{}, types(float(2, 1<<16), of(tensor.Int32, 1<<16)), "more than 2 GiB"},

	{graph.OpScatterAddElements, graph.Scatter{Axis: 1, Shape: tensor.Shape{2, 3}}, types(float(2, 3), of(tensor.Int32, 2, 2)), "want I32 of shape 2×3"},
	{graph.OpScatterAddElements, graph.Scatter{Axis: 1, Shape: tensor.Shape{2, 3}}, types(float(2, 3), of(tensor.Int64, 2, 3)), "want I32"},
	{graph.OpScatterAddElements, graph.Scatter{Axis: 1, Shape: tensor.Shape{2, 3}}, types(of(tensor.Int32, 2, 3), of(tensor.Int32, 2, 3)), "want F32"},
	{graph.OpScatterAddElements, graph.Scatter{Axis: 1, Shape: tensor.Shape{1, 3}}, types(float(2, 3), of(tensor.Int32, 2, 3)), "reach beyond"},
	{graph.OpScatterAddElements, graph.Scatter{Axis: 2, Shape: tensor.Shape{2, 3}}, types(float(2, 3), of(tensor.Int32, 2, 3)), "axis 2"},
	{graph.OpScatterAddElements, graph.Scatter{Axis: -1, Shape: tensor.Shape{2, 3}}, types(float(2, 3), of(tensor.Int32, 2, 3)), "axis -1 is negative"},
	{graph.OpScatterAddElements, graph.Scatter{Shape: tensor.Shape{1 << 20, 1 << 20}}, types(float(2, 3), of(tensor.Int32, 2, 3)), ""},
	{graph.OpArgMaxPool, oddPool, types(of(tensor.Int32, 1, 4, 4, 1)), "want F32 or I8"},
	{graph.OpArgMax, nil, types(float()), "no last axis"},
	{graph.OpArgMax, nil, types(float(2, 0)), "no last axis"},
	{graph.OpArgMax, nil, types(int8s(1, 0, 2)), "not quantized"},
	{graph.OpArgTopK, graph.TopK{K: 3}, types(float(2)), "the first 3 of the last axis"},
	{graph.OpArgTopK, graph.TopK{K: -3}, types(float(2)), "k is -3"},
	{graph.OpGatherElements, graph.Axis{Axis: 1}, types(float(2, 3), of(tensor.Int32, 3, 1)), "reach beyond"},
	{graph.OpGatherElements, graph.Axis{Axis: 1}, types(float(2, 3), of(tensor.Int64, 2, 1)), "want I32"},
	{graph.OpGatherElements, graph.Axis{Axis: 1}, types(float(2, 3), of(tensor.Int32, 2)), "same rank"},
	{graph.OpOneHot, graph.OneHot{}, types(of(tensor.Int32, 2)), "depth is 0"},
	{graph.OpOneHot, graph.OneHot{Depth: 3}, types(float(2)), "want I32"},
	{graph.OpOneHot, graph.OneHot{Depth: math.MaxInt}, types(of(tensor.Int32, 2)), "more than 2 GiB"},
	{graph.OpGreater, nil, types(float(2), of(tensor.Int32, 2)), "want numbers of one type"},
	{graph.OpGreater, nil, types(int8s(1, 0, 2), int8s(1, 0, 2)), "want numbers of one type"},
	{graph.OpGreater, nil, types(float(2), float(3)), "do not broadcast"},
	{graph.OpSelect, nil, types(float(2), float(2), float(2)), "selection by F32[2]"},
	{graph.OpSelect, nil, types(of(tensor.Bool, 2), float(2), of(tensor.Int32, 2)), "between F32[2] and I32[2]"},
	{graph.OpEqual, nil, types(of(tensor.Bool, 2), float(2)), "input 1 is F32[2], want BOOL"},
	{graph.OpAnd, nil, types(of(tensor.Bool, 2), float(2)), "want BOOL"},
	{graph.OpOr, nil, types(of(tensor.Bool, 2), of(tensor.Bool, 3)), "do not broadcast"},
	{graph.OpNot, nil, types(float(2)), "want BOOL"},
	{graph.OpSelect, nil, types(of(tensor.Bool, 2), float(3), float(3)), "do not broadcast"},
	{graph.OpCast, graph.Cast{}, types(float(2)), "to INVALID"},

	{graph.OpQuantize, to(0, 0), types(float(2)), "scale 0 is 0"},
	{graph.OpQuantize, to(nan, 0), types(float(2)), "scale 0 is NaN"},
	{graph.OpQuantize, to(1, 300), types(float(2)), "zero point 300 does not fit"},
	{graph.OpQuantize, graph.Quantized{Scale: 1, Min: 1, Max: 0}, types(float(2)), "range 1 to 0 is empty"},
	{graph.OpQuantize, to(1, 0), types(int8s(1, 0, 2)), "want F32"},
	{graph.OpDequantize, nil, types(of(tensor.Int8, 2)), "is not quantized"},
	{graph.OpDequantize, nil, types(float(2)), "is not quantized"},
	{graph.OpQuantConv, graph.QuantConv{Conv: plainConv, Output: to(1, 0)}, types(of(tensor.Int8, 1, 4, 4, 4), int8s(1, 0, 2, 2, 2, 4)), "want I8 quantized per tensor"},
	{graph.OpQuantConv, graph.QuantConv{Conv: plainConv, Output: to(1, 0)}, types(int8s(1, 0, 1, 4, 4, 4), of(tensor.Int8, 2, 2, 2, 4)), "weights are"},
	{graph.OpQuantConv, graph.QuantConv{Conv: plainConv, Output: to(1, 0)}, types(int8s(1, 0, 1, 4, 4, 4), perAxis(tensor.Int8, 3, 2, 2, 2, 4)), "weights are"},
	{graph.OpQuantConv, graph.QuantConv{Conv: plainConv, Output: to(1, 0)}, types(int8s(1, 0, 4, 4), int8s(1, 0, 2, 2, 2, 4)), "4 dimensions"},
	{graph.OpQuantConv, graph.QuantConv{Conv: plainConv}, types(int8s(1, 0, 1, 4, 4, 4), int8s(1, 0, 2, 2, 2, 4)), "scale 0 is 0"},
	{graph.OpQuantConv, graph.QuantConv{Output: to(1, 0)}, types(int8s(1, 0, 1, 4, 4, 4), int8s(1, 0, 2, 2, 2, 4)), "groups is 0"},
	{graph.OpQuantLinear, to(1, 0), types(int8s(1, 0, 2, 3), int8s(1, 0, 4, 3), float(4)), "bias is F32[4]"},
	{graph.OpQuantLinear, to(1, 0), types(int8s(1, 0, 2, 3), int8s(1, 0, 4, 3), of(tensor.Int32, 4)), "bias is I32[4], want I32 quantized"},
	{graph.OpQuantLinear, to(1, 0), types(int8s(2, 0, 2, 3), int8s(3, 0, 4, 3), int32s(5, 4)), "has scale 5, input scale · weight scale is 6"},
	{graph.OpQuantLinear, to(1, 0), types(int8s(2, 0, 2, 3), int8s(3, 0, 4, 3), tensor.Type{DType: tensor.Int32, Shape: tensor.Shape{4}, Quant: tensor.PerTensor(6, 1)}), "zero point other than 0"},
	{graph.OpQuantLinear, to(1, 0), types(int8s(2, 0, 2, 3), perAxis(tensor.Int8, 0, 4, 3), int32s(2, 4)), "bias of output channel 1 has scale 2"},
	{graph.OpQuantAdd, to(1, 0), types(int8s(1, 0, 2, 3), int8s(1, 0, 3)), "must have one shape"},
	{graph.OpInt8Linear, nil, types(float(2, 3), float(4, 3)), "weights are F32"},
	{graph.OpInt8Linear, nil, types(of(tensor.Int8, 2, 3), int8s(1, 0, 4, 3)), "want F32"},
	{graph.OpInt8Linear, nil, types(float(2, 3), int8s(1, 0, 4, 3), int32s(1, 4)), "want F32"},
	{graph.OpInt8Linear, nil, types(float(2, 3), int8s(1, 0, 4, 4)), "do not fit"},
	{graph.OpInt8MatMul, graph.MatMul{TransposeA: true}, types(float(3, 2), float(3, 5)), "cannot be transposed"},
	{graph.OpInt8MatMul, graph.MatMul{}, types(of(tensor.Int32, 2, 3), of(tensor.Int32, 3, 5)), "want F32"},
	{graph.OpQuantAdd, to(1, 0), types(int8s(1, 0, 2), float(2)), "input 1 is F32[2]"},
	{graph.OpQuantMul, to(1, 0), types(int8s(1, 0, 2), int8s(1, 0, 3)), "do not broadcast"},
	{graph.OpQuantAvgPool, graph.QuantPool{Pool: oddPool, Output: to(1, 0)}, types(image), "want I8"},
	{graph.OpQuantAvgPool, graph.QuantPool{Output: to(1, 0)}, types(int8s(1, 0, 1, 4, 4, 1)), "kernel [0 0]"},
	{graph.OpQuantMean, graph.QuantReduce{Reduce: reduceOver(0), Output: to(1, 0)}, types(float(2)), "want I8"},
	{graph.OpQuantMean, graph.QuantReduce{Reduce: reduceOver(1), Output: to(1, 0)}, types(int8s(1, 0, 2)), "axes [1]"},
	{graph.OpQuantUnary, graph.QuantUnary{Function: "tan", Output: to(1, 0)}, types(int8s(1, 0, 2)), `function "tan" is not known`},
	{graph.OpQuantUnary, graph.QuantUnary{Function: graph.Identity, Output: to(1, 0)}, types(float(2)), "want I8"},
}

func TestRefused(t *testing.T) {
	covered := map[graph.Op]bool{graph.OpInput: true, graph.OpConstant: true, graph.OpStopGradient: true}
	for _, c := range refused {
		covered[c.op] = true
		got, err := result(c.op, c.attr, c.in)
		if err == nil {
			t.Errorf("%s of %v with %+v is %v, want an error", c.op, c.in, c.attr, got)
			continue
		}
		checkMessage(t, err, c.want)
	}
	for _, op := range graph.Ops() {
		if !covered[op] {
			t.Errorf("%s has no case that is refused", op)
		}
	}
}

func TestTooManyInputs(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", float(1))
	b.Apply(graph.OpConcat, "", graph.Axis{}, slices.Repeat([]graph.ID{x}, 1<<13)...)
	checkMessage(t, b.Err(), "has 8192 inputs")
}

// Types share no memory that an append to one could overwrite in another.
func TestTypesDoNotAlias(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", float(2, 3))
	best := b.Apply(graph.OpArgMax, "", nil, x)
	_ = append(b.Shape(best), 99)
	if got := b.Shape(x); !got.Equal(tensor.Shape{2, 3}) {
		t.Errorf("the input's shape became %v", got)
	}
}
