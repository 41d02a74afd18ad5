package graph_test

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// opCase builds one op on small inputs.
type opCase struct {
	name   string
	op     graph.Op
	linear bool // y is linear in all of wrt together
	// build returns the op's result and the inputs that it is differentiated by.
	build func(n *network) (y graph.ID, wrt []graph.ID)
}

// on is the build function of an op on float inputs of the given shapes.
func on(op graph.Op, attr graph.Attr, shapes ...[]int) func(n *network) (graph.ID, []graph.ID) {
	return func(n *network) (graph.ID, []graph.ID) {
		var inputs []graph.ID
		for _, shape := range shapes {
			inputs = append(inputs, n.input(shape...))
		}
		return n.apply(op, attr, inputs...), inputs
	}
}

// ofDistinct is the build function of an op on one float input whose elements all
// differ.
func ofDistinct(op graph.Op, attr graph.Attr, shape ...int) func(n *network) (graph.ID, []graph.ID) {
	return func(n *network) (graph.ID, []graph.ID) {
		x := n.distinct(shape...)
		return n.apply(op, attr, x), []graph.ID{x}
	}
}

var (
	plainConv  = graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Groups: 1}
	oddConv    = graph.Conv{Stride: graph.HW{2, 1}, Dilation: graph.HW{1, 2}, Pad: graph.Sides{1, 0, 2, 3}, Groups: 1}
	groupConv  = graph.Conv{Stride: graph.HW{1, 2}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{1, 1, 1, 1}, Groups: 2}
	depthwise  = graph.Conv{Stride: graph.HW{2, 2}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{0, 0, 1, 1}, Groups: 3}
	oddPool    = graph.Pool{Kernel: graph.HW{3, 2}, Stride: graph.HW{2, 1}, Pad: graph.Sides{1, 0, 2, 1}}
	paddedPool = graph.Pool{Kernel: graph.HW{2, 3}, Stride: graph.HW{1, 2}, Pad: graph.Sides{1, 1, 0, 2}, CountPadding: true}
)

func shape(dims ...int) []int { return dims }

// floatCases has every op on float values whose gradient is a rule or a
// decomposition.
var floatCases = []opCase{
	{"conv", graph.OpConv, false, on(graph.OpConv, plainConv, shape(2, 3, 3, 2), shape(3, 2, 2, 2))},
	{"conv of an image with itself", graph.OpConv, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(2, 2, 2, 2)
		return n.apply(graph.OpConv, graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{1, 0, 0, 1}, Groups: 1}, x, x), []graph.ID{x}
	}},
	{"conv in its filter and bias", graph.OpConv, true, func(n *network) (graph.ID, []graph.ID) {
		filter, bias := n.input(3, 2, 2, 2), n.input(3)
		return n.apply(graph.OpConv, oddConv, n.floats(2, 5, 4, 2), filter, bias), []graph.ID{filter, bias}
	}},
	{"conv with bias, stride, dilation and padding", graph.OpConv, true, func(n *network) (graph.ID, []graph.ID) {
		x, bias := n.input(1, 5, 4, 2), n.input(3)
		return n.apply(graph.OpConv, oddConv, x, n.floats(3, 2, 2, 2), bias), []graph.ID{x, bias}
	}},
	{"conv in groups", graph.OpConv, true, func(n *network) (graph.ID, []graph.ID) {
		x, bias := n.input(1, 3, 4, 4), n.input(6)
		return n.apply(graph.OpConv, groupConv, x, n.floats(6, 3, 2, 2), bias), []graph.ID{x, bias}
	}},
	{"depthwise conv", graph.OpConv, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(1, 4, 4, 3)
		return n.apply(graph.OpConv, depthwise, x, n.floats(6, 3, 3, 1)), []graph.ID{x}
	}},
	{"depthwise conv in image, filter and bias", graph.OpConv, false, on(graph.OpConv, depthwise, shape(1, 4, 4, 3), shape(6, 3, 3, 1), shape(6))},
	{"conv in groups, in image and filter", graph.OpConv, false, on(graph.OpConv, groupConv, shape(1, 3, 4, 4), shape(6, 2, 2, 2))},
	{"conv_input_grad", graph.OpConvInputGrad, true, func(n *network) (graph.ID, []graph.ID) {
		dy := n.input(1, 4, 5, 3)
		return n.apply(graph.OpConvInputGrad, graph.ConvInputGrad{Conv: oddConv, Height: 5, Width: 4}, dy, n.floats(3, 2, 2, 2)), []graph.ID{dy}
	}},
	{"conv_input_grad in groups", graph.OpConvInputGrad, true, func(n *network) (graph.ID, []graph.ID) {
		dy := n.input(1, 3, 3, 6)
		return n.apply(graph.OpConvInputGrad, graph.ConvInputGrad{Conv: groupConv, Height: 3, Width: 4}, dy, n.floats(6, 3, 2, 2)), []graph.ID{dy}
	}},
	{"conv_input_grad in adjoint and filter", graph.OpConvInputGrad, false,
		on(graph.OpConvInputGrad, graph.ConvInputGrad{Conv: oddConv, Height: 5, Width: 4}, shape(1, 4, 5, 3), shape(3, 2, 2, 2))},
	{"conv_filter_grad", graph.OpConvFilterGrad, false,
		on(graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: oddConv, Kernel: graph.HW{2, 2}}, shape(2, 5, 4, 2), shape(2, 4, 5, 3))},
	{"conv_filter_grad in groups", graph.OpConvFilterGrad, false,
		on(graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: groupConv, Kernel: graph.HW{2, 2}}, shape(1, 3, 4, 4), shape(1, 4, 3, 6))},
	{"conv_filter_grad in the image", graph.OpConvFilterGrad, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(1, 5, 4, 2)
		return n.apply(graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: oddConv, Kernel: graph.HW{2, 2}}, x, n.floats(1, 4, 5, 3)), []graph.ID{x}
	}},
	{"conv_filter_grad in the adjoint, pixels left over", graph.OpConvFilterGrad, true, func(n *network) (graph.ID, []graph.ID) {
		dy := n.input(1, 2, 2, 3)
		at := graph.Conv{Stride: graph.HW{2, 2}, Dilation: graph.HW{1, 1}, Groups: 3}
		return n.apply(graph.OpConvFilterGrad, graph.ConvFilterGrad{Conv: at, Kernel: graph.HW{1, 2}}, n.floats(1, 4, 5, 3), dy), []graph.ID{dy}
	}},
	{"linear", graph.OpLinear, false, on(graph.OpLinear, nil, shape(2, 3), shape(4, 3))},
	{"linear with bias", graph.OpLinear, false, on(graph.OpLinear, nil, shape(2, 3), shape(4, 3), shape(4))},
	{"linear in x and bias", graph.OpLinear, true, func(n *network) (graph.ID, []graph.ID) {
		x, bias := n.input(2, 3), n.input(4)
		return n.apply(graph.OpLinear, nil, x, n.floats(4, 3), bias), []graph.ID{x, bias}
	}},
	{"matmul", graph.OpMatMul, false, on(graph.OpMatMul, graph.MatMul{}, shape(2, 3), shape(3, 4))},
	{"matmul aᵀ", graph.OpMatMul, false, on(graph.OpMatMul, graph.MatMul{TransposeA: true}, shape(2, 3, 2), shape(2, 3, 4))},
	{"matmul bᵀ", graph.OpMatMul, false, on(graph.OpMatMul, graph.MatMul{TransposeB: true}, shape(2, 3), shape(4, 3))},
	{"matmul aᵀ bᵀ", graph.OpMatMul, false, on(graph.OpMatMul, graph.MatMul{TransposeA: true, TransposeB: true}, shape(3, 2), shape(4, 3))},
	{"matmul of a value with itself", graph.OpMatMul, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(3, 3)
		return n.apply(graph.OpMatMul, graph.MatMul{}, x, x), []graph.ID{x}
	}},
	{"matmul with a constant", graph.OpMatMul, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(2, 2, 3)
		return n.apply(graph.OpMatMul, graph.MatMul{TransposeB: true}, x, n.floats(2, 4, 3)), []graph.ID{x}
	}},

	{"add", graph.OpAdd, true, on(graph.OpAdd, nil, shape(2, 3), shape(2, 3))},
	{"add, both broadcast", graph.OpAdd, true, on(graph.OpAdd, nil, shape(2, 1, 3), shape(4, 1))},
	{"add of a value with itself", graph.OpAdd, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(3)
		return n.Add(x, x), []graph.ID{x}
	}},
	{"sub, scalar broadcast", graph.OpSub, true, on(graph.OpSub, nil, shape(), shape(2, 3))},
	{"mul, first broadcast", graph.OpMul, false, on(graph.OpMul, nil, shape(3), shape(2, 3))},
	{"mul, one element of more axes", graph.OpMul, false, on(graph.OpMul, nil, shape(1, 1, 1), shape(3))},
	{"mul of a value with itself", graph.OpMul, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(2, 2)
		return n.Mul(x, x), []graph.ID{x}
	}},
	{"cube, from a value used three times", graph.OpMul, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(3)
		return n.Mul(n.Mul(x, x), x), []graph.ID{x}
	}},
	{"div", graph.OpDiv, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.input(2, 3), n.positive(2, 1)
		return n.Div(a, b), []graph.ID{a, b}
	}},
	{"div of a value by itself and more", graph.OpDiv, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.positive(3)
		return n.Div(x, n.Add(n.Mul(x, x), x)), []graph.ID{x}
	}},
	{"clamp", graph.OpClamp, false, on(graph.OpClamp, graph.Clamp{Min: -0.5, Max: 1.25}, shape(3, 5))},
	{"clamp gradient", graph.OpClampGrad, false, on(graph.OpClampGrad, graph.Clamp{Min: -0.5, Max: 1.25}, shape(3, 5), shape(3, 5))},
	{"relu", graph.OpClamp, false, on(graph.OpClamp, graph.ReLU, shape(3, 5))},
	{"sigmoid", graph.OpSigmoid, false, on(graph.OpSigmoid, nil, shape(2, 3))},
	{"sqrt", graph.OpSqrt, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.positive(2, 3)
		return n.apply(graph.OpSqrt, nil, x), []graph.ID{x}
	}},
	{"exp", graph.OpExp, false, on(graph.OpExp, nil, shape(2, 3))},
	{"log", graph.OpLog, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.positive(2, 3)
		return n.apply(graph.OpLog, nil, x), []graph.ID{x}
	}},
	{"tanh", graph.OpTanh, false, on(graph.OpTanh, nil, shape(2, 3))},
	{"erf", graph.OpErf, false, on(graph.OpErf, nil, shape(2, 3))},
	{"gelu", graph.OpGelu, false, on(graph.OpGelu, nil, shape(2, 3))},
	{"pow, broadcast", graph.OpPow, false, func(n *network) (graph.ID, []graph.ID) {
		x, power := n.positive(2, 3), n.input(2, 1)
		return n.apply(graph.OpPow, nil, x, power), []graph.ID{x, power}
	}},
	{"maximum", graph.OpMaximum, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.input(2, 3), n.positive(3)
		return n.apply(graph.OpMaximum, nil, a, b), []graph.ID{a, b}
	}},
	{"minimum", graph.OpMinimum, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.input(2, 1), n.positive(2, 3)
		return n.apply(graph.OpMinimum, nil, a, b), []graph.ID{a, b}
	}},
	{"layer_norm", graph.OpLayerNorm, false, on(graph.OpLayerNorm, graph.LayerNorm{Epsilon: 0.125}, shape(2, 3), shape(3), shape(3))},
	{"layer_norm without offset", graph.OpLayerNorm, false, on(graph.OpLayerNorm, graph.LayerNorm{Epsilon: 0.125}, shape(2, 3), shape(3))},
	{"cum_sum", graph.OpCumSum, true, on(graph.OpCumSum, graph.CumSum{Axis: 1}, shape(2, 4, 2))},
	{"cum_sum, exclusive and from the end", graph.OpCumSum, true, on(graph.OpCumSum, graph.CumSum{Exclusive: true, Reverse: true}, shape(4))},
	{"hard_swish", graph.OpHardSwish, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(4, 5)
		return n.apply(graph.OpHardSwish, nil, n.Mul(x, n.Scalar(2))), []graph.ID{x}
	}},
	{"batch_norm", graph.OpBatchNorm, false, func(n *network) (graph.ID, []graph.ID) {
		in := []graph.ID{n.input(2, 2, 3), n.input(3), n.input(3), n.input(3), n.positive(3)}
		return n.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: 0.125}, in...), in
	}},
	{"batch_norm with one value as scale and variance", graph.OpBatchNorm, false, func(n *network) (graph.ID, []graph.ID) {
		x, offset, mean, twice := n.input(2, 3), n.input(3), n.input(3), n.positive(3)
		return n.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: 0.125}, x, twice, offset, mean, twice), []graph.ID{x, twice}
	}},
	{"max_pool", graph.OpMaxPool, false, ofDistinct(graph.OpMaxPool, oddPool, 2, 4, 3, 2)},
	{"max_pool of two images, one window a pixel", graph.OpMaxPool, false,
		ofDistinct(graph.OpMaxPool, graph.Pool{Kernel: graph.HW{2, 2}, Stride: graph.HW{2, 2}}, 2, 4, 4, 1)},
	{"avg_pool", graph.OpAvgPool, true, on(graph.OpAvgPool, oddPool, shape(2, 4, 3, 2))},
	{"avg_pool, padding counted", graph.OpAvgPool, true, on(graph.OpAvgPool, paddedPool, shape(1, 3, 4, 3))},
	{"reduce_sum", graph.OpReduceSum, true, on(graph.OpReduceSum, graph.Reduce{Axes: []int{0, 2}}, shape(2, 3, 2))},
	{"reduce_sum over nothing", graph.OpReduceSum, true, on(graph.OpReduceSum, graph.Reduce{}, shape(2, 3))},
	{"reduce_mean, axes kept", graph.OpReduceMean, true, on(graph.OpReduceMean, graph.Reduce{Axes: []int{1}, KeepDims: true}, shape(2, 3, 2))},
	{"reduce_mean to a scalar", graph.OpReduceMean, true, on(graph.OpReduceMean, graph.Reduce{Axes: []int{0, 1}}, shape(2, 3))},
	{"reduce_max", graph.OpReduceMax, false, ofDistinct(graph.OpReduceMax, graph.Reduce{Axes: []int{1}}, 2, 3)},
	{"reduce_max over axes apart", graph.OpReduceMax, false, ofDistinct(graph.OpReduceMax, graph.Reduce{Axes: []int{0, 2}}, 2, 3, 2)},
	{"reduce_max over nothing", graph.OpReduceMax, false, ofDistinct(graph.OpReduceMax, graph.Reduce{}, 2, 3)},
	{"reduce_min, axes kept", graph.OpReduceMin, false, ofDistinct(graph.OpReduceMin, graph.Reduce{Axes: []int{0}, KeepDims: true}, 2, 3)},
	{"reduce_prod", graph.OpReduceProd, false, on(graph.OpReduceProd, graph.Reduce{Axes: []int{0}}, shape(3, 2))},
	{"reduce_prod over axes apart", graph.OpReduceProd, false, on(graph.OpReduceProd, graph.Reduce{Axes: []int{0, 2}, KeepDims: true}, shape(2, 2, 2))},
	{"softmax", graph.OpSoftmax, false, on(graph.OpSoftmax, nil, shape(2, 4))},

	{"reshape", graph.OpReshape, true, on(graph.OpReshape, graph.Shape{Shape: tensor.Shape{3, 2}}, shape(2, 3))},
	{"broadcast", graph.OpBroadcast, true, on(graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{4, 2, 3}}, shape(2, 1))},
	{"transpose", graph.OpTranspose, true, on(graph.OpTranspose, graph.Transpose{Perm: []int{2, 0, 1}}, shape(2, 3, 4))},
	{"concat", graph.OpConcat, true, on(graph.OpConcat, graph.Axis{Axis: 1}, shape(2, 1, 2), shape(2, 3, 2), shape(2, 2, 2))},
	{"concat of a value with itself", graph.OpConcat, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(2, 2)
		return n.apply(graph.OpConcat, graph.Axis{}, x, x), []graph.ID{x}
	}},
	{"slice", graph.OpSlice, true, on(graph.OpSlice, graph.Slice{Start: []int{1, 0}, Size: tensor.Shape{1, 2}}, shape(3, 4))},
	{"pad", graph.OpPad, true, on(graph.OpPad, graph.Pad{Before: []int{1, 0}, After: []int{0, 2}}, shape(2, 2))},
	{"pad with a value", graph.OpPad, false, on(graph.OpPad, graph.Pad{Before: []int{1}, After: []int{2}, Value: -3}, shape(2))},
	{"gather", graph.OpGather, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(2, 3, 2)
		return n.apply(graph.OpGather, graph.Axis{Axis: 1}, x, n.indices(2, 0, 2, -5, 9)), []graph.ID{x}
	}},
	{"gather of a table of indices", graph.OpGather, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(3, 2)
		indices := n.Constant("indices", tensor.Must(tensor.Of(tensor.Shape{2, 2}, []int32{0, 2, 2, 2})))
		return n.apply(graph.OpGather, graph.Axis{}, x, indices), []graph.ID{x}
	}},
	{"gather of one slice", graph.OpGather, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(3, 2)
		return n.apply(graph.OpGather, graph.Axis{Axis: 1}, x, n.Constant("index", tensor.Scalar(int32(1)))), []graph.ID{x}
	}},
	{"gather_elements", graph.OpGatherElements, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(3)
		return n.apply(graph.OpGatherElements, graph.Axis{Axis: 0}, x, n.indices(2, 0, 2, -5, 9)), []graph.ID{x}
	}},
	{"gather_elements of a part", graph.OpGatherElements, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(2, 3, 2)
		return n.apply(graph.OpGatherElements, graph.Axis{Axis: 1}, x, n.indexTable(tensor.Shape{1, 4, 2}, 3)), []graph.ID{x}
	}},
	{"scatter_add_elements", graph.OpScatterAddElements, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(2, 3, 2)
		return n.apply(graph.OpScatterAddElements, graph.Scatter{Axis: 1, Shape: tensor.Shape{3, 4, 2}}, x, n.indexTable(tensor.Shape{2, 3, 2}, 6)), []graph.ID{x}
	}},
	{"select", graph.OpSelect, true, func(n *network) (graph.ID, []graph.ID) {
		condition := n.apply(graph.OpGreater, nil, n.input(2, 3), n.Scalar(0))
		a, b := n.input(3), n.input(2, 1)
		return n.apply(graph.OpSelect, nil, condition, a, b), []graph.ID{a, b}
	}},
	{"select between one value", graph.OpSelect, true, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(4)
		return n.apply(graph.OpSelect, nil, n.apply(graph.OpGreater, nil, x, n.Scalar(0)), x, n.Mul(x, n.Scalar(0.25))), []graph.ID{x}
	}},
}

func to(scale float32, zeroPoint int32) graph.Quantized { return graph.QuantizedTo(scale, zeroPoint) }

// relu6 is a range that an activation leaves.
func relu6(scale float32) graph.Quantized {
	return graph.Quantized{Scale: scale, ZeroPoint: -100, Min: -100, Max: 99}
}

// quantCases has every quantized op that decomposes. The scales leave some
// results inside the range and some outside.
var quantCases = []opCase{
	{"quant_conv per tensor", graph.OpQuantConv, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.05, 3, 1, 4, 4, 2)
		return n.apply(graph.OpQuantConv, graph.QuantConv{Conv: oddConv, Output: relu6(0.02)}, x, n.weights([]float32{0.01}, 5, 3, 2, 2, 2)), []graph.ID{x}
	}},
	{"quant_conv per channel with bias", graph.OpQuantConv, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.05, -7, 1, 3, 4, 4)
		w := n.weights([]float32{0.01, 0.02, 0.005, 0.013}, 0, 4, 2, 2, 2)
		return n.apply(graph.OpQuantConv, graph.QuantConv{Conv: groupConv, Output: to(0.1, 9)}, x, w, n.bias(0.05, w)), []graph.ID{x}
	}},
	{"quant_linear", graph.OpQuantLinear, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.03, 11, 3, 5)
		w := n.weights([]float32{0.01, 0.02}, 0, 2, 5)
		return n.apply(graph.OpQuantLinear, to(0.03, -4), x, w, n.bias(0.03, w)), []graph.ID{x}
	}},
	{"quant_add", graph.OpQuantAdd, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.int8(0.05, 3, 4, 5), n.int8(0.02, -9, 4, 5)
		return n.apply(graph.OpQuantAdd, to(0.045, 1), a, b), []graph.ID{a, b}
	}},
	{"quant_add of a value with itself", graph.OpQuantAdd, false, func(n *network) (graph.ID, []graph.ID) {
		a := n.int8(0.05, 3, 4, 5)
		return n.apply(graph.OpQuantAdd, to(0.06, 1), a, a), []graph.ID{a}
	}},
	{"quant_mul", graph.OpQuantMul, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.int8(0.05, 3, 2, 3, 4), n.int8(0.02, -9, 2, 1, 4)
		return n.apply(graph.OpQuantMul, to(0.04, 1), a, b), []graph.ID{a, b}
	}},
	{"quant_mul of a value with itself", graph.OpQuantMul, false, func(n *network) (graph.ID, []graph.ID) {
		a := n.int8(0.05, 3, 4, 5)
		return n.apply(graph.OpQuantMul, to(0.06, -90), a, a), []graph.ID{a}
	}},
	{"quant_avg_pool", graph.OpQuantAvgPool, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.05, 3, 1, 5, 4, 2)
		return n.apply(graph.OpQuantAvgPool, graph.QuantPool{Pool: oddPool, Output: to(0.02, 1)}, x), []graph.ID{x}
	}},
	{"quant_mean", graph.OpQuantMean, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.05, 3, 2, 2, 3, 9)
		return n.apply(graph.OpQuantMean, graph.QuantReduce{Reduce: graph.Reduce{Axes: []int{1, 2}}, Output: to(0.01, 1)}, x), []graph.ID{x}
	}},
	{"int8_linear of int8", graph.OpInt8Linear, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.03, 11, 3, 5)
		return n.apply(graph.OpInt8Linear, nil, x, n.weights([]float32{0.01, 0.02}, 0, 2, 5), n.floats(2)), []graph.ID{x}
	}},
	{"int8_linear of float32", graph.OpInt8Linear, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.input(3, 5)
		return n.apply(graph.OpInt8Linear, nil, x, n.weights([]float32{0.01, 0.02}, 0, 2, 5)), []graph.ID{x}
	}},
	{"int8_matmul", graph.OpInt8MatMul, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.input(2, 3, 5), n.input(2, 5, 2)
		return n.apply(graph.OpInt8MatMul, graph.MatMul{}, a, b), []graph.ID{a, b}
	}},
	{"int8_matmul bᵀ", graph.OpInt8MatMul, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.input(3, 5), n.input(2, 5)
		return n.apply(graph.OpInt8MatMul, graph.MatMul{TransposeB: true}, a, b), []graph.ID{a, b}
	}},
	{"quant_unary identity", graph.OpQuantUnary, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.05, 3, 30)
		return n.apply(graph.OpQuantUnary, graph.QuantUnary{Function: graph.Identity, Output: relu6(0.03)}, x), []graph.ID{x}
	}},
	{"quant_unary sigmoid", graph.OpQuantUnary, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.05, 3, 30)
		return n.apply(graph.OpQuantUnary, graph.QuantUnary{Function: graph.Sigmoid, Output: to(1.0/300, -128)}, x), []graph.ID{x}
	}},
	{"quant_unary hard_swish", graph.OpQuantUnary, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.07, 3, 40)
		return n.apply(graph.OpQuantUnary, graph.QuantUnary{Function: graph.HardSwish, Output: to(0.02, -100)}, x), []graph.ID{x}
	}},
}

// otherCases has the ops without a gradient of their own and those that only
// change the representation.
var otherCases = []opCase{
	{"max_pool of int8", graph.OpMaxPool, false, func(n *network) (graph.ID, []graph.ID) {
		return n.apply(graph.OpMaxPool, oddPool, n.int8(0.1, 4, 1, 4, 3, 2)), nil
	}},
	{"normalize", graph.OpNormalize, false, func(n *network) (graph.ID, []graph.ID) {
		pixels := n.feed(tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 2, 2, 3}}, func() float64 { return float64(n.rng.IntN(256)) })
		return n.apply(graph.OpNormalize, graph.Normalize{Mean: []float32{124, 116, 104}, Std: []float32{58, 57, 57.5}}, pixels), nil
	}},
	{"arg_max_pool", graph.OpArgMaxPool, false, on(graph.OpArgMaxPool, oddPool, shape(2, 4, 3, 2))},
	{"arg_top_k", graph.OpArgTopK, false, on(graph.OpArgTopK, graph.TopK{K: 2, Least: true}, shape(2, 4))},
	{"floor", graph.OpFloor, false, on(graph.OpFloor, nil, shape(2, 4))},
	{"ceil", graph.OpCeil, false, on(graph.OpCeil, nil, shape(2, 4))},
	{"round", graph.OpRound, false, on(graph.OpRound, nil, shape(2, 4))},
	{"equal", graph.OpEqual, false, on(graph.OpEqual, nil, shape(2, 4), shape(4))},
	{"conditions", graph.OpNot, false, func(n *network) (graph.ID, []graph.ID) {
		a, b := n.apply(graph.OpGreater, nil, n.input(3), n.Scalar(0)), n.apply(graph.OpGreater, nil, n.input(2, 3), n.Scalar(0))
		both := n.apply(graph.OpAnd, nil, a, b)
		return n.apply(graph.OpNot, nil, n.apply(graph.OpOr, nil, both, a)), nil
	}},
	{"and", graph.OpAnd, false, func(n *network) (graph.ID, []graph.ID) {
		a := n.apply(graph.OpGreater, nil, n.input(3), n.Scalar(0))
		return n.apply(graph.OpAnd, nil, a, a), nil
	}},
	{"or", graph.OpOr, false, func(n *network) (graph.ID, []graph.ID) {
		a := n.apply(graph.OpGreater, nil, n.input(3), n.Scalar(0))
		return n.apply(graph.OpOr, nil, a, a), nil
	}},
	{"stop_gradient", graph.OpStopGradient, false, on(graph.OpStopGradient, nil, shape(2))},
	{"arg_max", graph.OpArgMax, false, on(graph.OpArgMax, nil, shape(2, 4))},
	{"one_hot", graph.OpOneHot, false, func(n *network) (graph.ID, []graph.ID) {
		return n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, n.indices(2, 0, -1, 3)), nil
	}},
	{"greater", graph.OpGreater, false, on(graph.OpGreater, nil, shape(2, 3), shape(3))},
	{"cast", graph.OpCast, false, func(n *network) (graph.ID, []graph.ID) {
		return n.apply(graph.OpCast, graph.Cast{DType: tensor.Float32}, n.int8(0.1, 3, 4)), nil
	}},
	{"quantize", graph.OpQuantize, false, on(graph.OpQuantize, to(0.01, 2), shape(5, 6))},
	{"dequantize", graph.OpDequantize, false, func(n *network) (graph.ID, []graph.ID) {
		x := n.int8(0.1, 3, 4)
		return n.apply(graph.OpDequantize, nil, x), []graph.ID{x}
	}},
	{"dequantize per channel", graph.OpDequantize, false, func(n *network) (graph.ID, []graph.ID) {
		w := n.weights([]float32{0.5, 0.25}, 7, 2, 3)
		n.input(1)
		return n.apply(graph.OpDequantize, nil, w), nil
	}},
}
