package export_test

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// opCase is a network around one op.
type opCase struct {
	name  string
	build func(n *network) graph.ID
}

var (
	unitConv  = graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Groups: 1}
	oddConv   = graph.Conv{Stride: graph.HW{2, 1}, Dilation: graph.HW{1, 2}, Pad: graph.Sides{1, 0, 2, 3}, Groups: 1}
	depthwise = graph.Conv{Stride: graph.HW{2, 2}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{0, 0, 1, 1}, Groups: 3}
	oddPool   = graph.Pool{Kernel: graph.HW{3, 2}, Stride: graph.HW{2, 1}, Pad: graph.Sides{1, 0, 2, 1}}
	counted   = graph.Pool{Kernel: graph.HW{2, 3}, Stride: graph.HW{1, 2}, Pad: graph.Sides{1, 1, 0, 2}, CountPadding: true}
	toInt8    = graph.QuantizedTo(0.03, 7)
	narrow    = graph.Quantized{Scale: 0.03, ZeroPoint: 7, Min: 7, Max: 90}
	fromZero  = graph.Quantized{Scale: 0.03, ZeroPoint: 7, Min: 7, Max: 127}
	atMost    = graph.Quantized{Scale: 0.03, ZeroPoint: 7, Min: -128, Max: 90}
)

// onImage is a case of an op on the photo alone.
func onImage(op graph.Op, attr graph.Attr) func(n *network) graph.ID {
	return func(n *network) graph.ID { return n.apply(op, attr, n.image) }
}

// onInt8 is a case of an op on the quantized photo alone.
func onInt8(op graph.Op, attr graph.Attr) func(n *network) graph.ID {
	return func(n *network) graph.ID { return n.apply(op, attr, n.quantized()) }
}

// withChannels is a case of an op on the photo and one number for each channel.
func withChannels(op graph.Op) func(n *network) graph.ID {
	return func(n *network) graph.ID { return n.apply(op, nil, n.image, n.floats(3)) }
}

// ofPositive is a case of a function that takes positive numbers.
func ofPositive(op graph.Op) func(n *network) graph.ID {
	return func(n *network) graph.ID {
		return n.apply(op, nil, n.apply(graph.OpMaximum, nil, n.image, n.Scalar(0.25)))
	}
}

var cases = []opCase{
	{"conv", func(n *network) graph.ID {
		return n.apply(graph.OpConv, oddConv, n.image, n.floats(4, 3, 2, 3), n.floats(4))
	}},
	{"depthwise conv without bias", func(n *network) graph.ID {
		return n.apply(graph.OpConv, depthwise, n.image, n.floats(6, 3, 3, 1))
	}},
	{"conv with a computed filter", func(n *network) graph.ID {
		filter := n.apply(graph.OpSlice, graph.Slice{Start: []int{0, 1, 2, 0}, Size: tensor.Shape{1, 2, 3, 3}}, n.image)
		return n.apply(graph.OpConv, unitConv, n.image, filter)
	}},
	{"conv_input_grad", func(n *network) graph.ID {
		a := graph.ConvInputGrad{Conv: oddConv, Height: 14, Width: 7}
		return n.apply(graph.OpConvInputGrad, a, n.image, n.floats(3, 2, 2, 4))
	}},
	{"conv_input_grad in groups", func(n *network) graph.ID {
		a := graph.ConvInputGrad{Conv: depthwise, Height: 16, Width: 17}
		return n.apply(graph.OpConvInputGrad, a, n.image, n.floats(3, 3, 3, 2))
	}},
	{"conv_filter_grad", func(n *network) graph.ID {
		a := graph.ConvFilterGrad{Conv: oddConv, Kernel: graph.HW{3, 2}}
		return n.apply(graph.OpConvFilterGrad, a, n.image, n.floats(1, 5, 9, 4))
	}},
	{"conv_filter_grad in groups", func(n *network) graph.ID {
		a := graph.ConvFilterGrad{Conv: depthwise, Kernel: graph.HW{3, 3}}
		return n.apply(graph.OpConvFilterGrad, a, n.image, n.floats(1, 4, 4, 6))
	}},
	{"max_pool", onImage(graph.OpMaxPool, oddPool)},
	{"max_pool of int8", onInt8(graph.OpMaxPool, oddPool)},
	{"avg_pool", onImage(graph.OpAvgPool, oddPool)},
	{"avg_pool, padding counted", onImage(graph.OpAvgPool, counted)},
	{"linear", func(n *network) graph.ID {
		return n.apply(graph.OpLinear, nil, n.vector(), n.floats(4, 3), n.floats(4))
	}},
	{"linear without bias", func(n *network) graph.ID { return n.apply(graph.OpLinear, nil, n.row(), n.floats(4, 192)) }},
	{"matmul", func(n *network) graph.ID {
		return n.apply(graph.OpMatMul, graph.MatMul{}, n.Reshape(n.image, tensor.Shape{2, 32, 3}), n.floats(2, 3, 5))
	}},
	{"matmul, both transposed", func(n *network) graph.ID {
		return n.apply(graph.OpMatMul, graph.MatMul{TransposeA: true, TransposeB: true}, n.Reshape(n.image, tensor.Shape{64, 3}), n.floats(5, 64))
	}},
	{"attention scores", func(n *network) graph.ID {
		heads := n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{0, 2, 1, 3}}, n.Reshape(n.image, tensor.Shape{1, 16, 3, 4}))
		scores := n.apply(graph.OpMatMul, graph.MatMul{TransposeB: true}, heads, heads)
		return n.apply(graph.OpMatMul, graph.MatMul{}, n.apply(graph.OpSoftmax, nil, scores), heads)
	}},

	{"add", withChannels(graph.OpAdd)},
	{"sub", withChannels(graph.OpSub)},
	{"mul", withChannels(graph.OpMul)},
	{"add of a value with fewer axes", func(n *network) graph.ID {
		return n.Add(n.image, n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{0, 1}}, n.image))
	}},
	{"mul of a row of channels", func(n *network) graph.ID { return n.Mul(n.image, n.vector()) }},
	{"sub of a scalar", func(n *network) graph.ID { return n.Sub(n.Scalar(1), n.image) }},
	{"add of an image in the graph's order", func(n *network) graph.ID {
		return n.Add(n.apply(graph.OpConv, unitConv, n.image, n.floats(3, 1, 1, 3)), n.Reshape(n.floats(192), tensor.Shape{1, 8, 8, 3}))
	}},
	{"div", func(n *network) graph.ID { return n.Div(n.image, n.positive(8, 1)) }},
	{"integers", func(n *network) graph.ID {
		x := n.apply(graph.OpCast, graph.Cast{DType: tensor.Int32}, n.image)
		return n.Div(n.Mul(n.Add(x, n.int32s(5, 6, 7)), n.int32s(2)), n.int32s(3))
	}},
	{"pow", func(n *network) graph.ID {
		return n.apply(graph.OpPow, nil, n.apply(graph.OpMaximum, nil, n.image, n.Scalar(0.25)), n.floats(3))
	}},
	{"maximum", withChannels(graph.OpMaximum)},
	{"minimum", withChannels(graph.OpMinimum)},
	{"conditions", func(n *network) graph.ID {
		high := n.apply(graph.OpGreater, nil, n.image, n.floats(3))
		low := n.apply(graph.OpGreater, nil, n.floats(8, 1), n.image)
		same := n.apply(graph.OpEqual, nil, high, low)
		either := n.apply(graph.OpOr, nil, n.apply(graph.OpAnd, nil, high, low), n.apply(graph.OpNot, nil, same))
		return n.apply(graph.OpSelect, nil, either, n.floats(3), n.image)
	}},
	{"sigmoid", onImage(graph.OpSigmoid, nil)},
	{"sqrt", ofPositive(graph.OpSqrt)},
	{"exp", onImage(graph.OpExp, nil)},
	{"log", ofPositive(graph.OpLog)},
	{"tanh", onImage(graph.OpTanh, nil)},
	{"erf", onImage(graph.OpErf, nil)},
	{"floor", onImage(graph.OpFloor, nil)},
	{"ceil", onImage(graph.OpCeil, nil)},
	{"round", onImage(graph.OpRound, nil)},
	{"gelu", onImage(graph.OpGelu, nil)},
	{"hard_swish", onImage(graph.OpHardSwish, nil)},
	{"relu", onImage(graph.OpClamp, graph.ReLU)},
	{"relu6", onImage(graph.OpClamp, graph.ReLU6)},
	{"gradient of relu6", func(n *network) graph.ID {
		return n.apply(graph.OpClampGrad, graph.ReLU6, n.apply(graph.OpExp, nil, n.image), n.image)
	}},
	{"gradient of relu", func(n *network) graph.ID {
		return n.apply(graph.OpClampGrad, graph.ReLU, n.apply(graph.OpExp, nil, n.image), n.image)
	}},
	{"clamp from above", onImage(graph.OpClamp, graph.Clamp{Min: float32(math.Inf(-1)), Max: 0.5})},
	{"clamp from below", onImage(graph.OpClamp, graph.Clamp{Min: 0.5, Max: float32(math.Inf(1))})},
	{"softmax", onImage(graph.OpSoftmax, nil)},
	{"batch_norm", func(n *network) graph.ID {
		return n.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: 0.01}, n.image, n.floats(3), n.floats(3), n.floats(3), n.positive(3))
	}},
	{"batch_norm of one axis", func(n *network) graph.ID {
		x := n.Reshape(n.vector(), tensor.Shape{3})
		return n.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: 0.01}, x, n.floats(3), n.floats(3), n.floats(3), n.positive(3))
	}},
	{"layer_norm", func(n *network) graph.ID {
		return n.apply(graph.OpLayerNorm, graph.LayerNorm{Epsilon: 0.01}, n.image, n.floats(3), n.floats(3))
	}},
	{"layer_norm without offset", func(n *network) graph.ID {
		return n.apply(graph.OpLayerNorm, graph.LayerNorm{Epsilon: 0.01}, n.image, n.floats(3))
	}},

	{"reduce_sum", onImage(graph.OpReduceSum, graph.Reduce{Axes: []int{2, 3}})},
	{"reduce_mean", onImage(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}, KeepDims: true})},
	{"reduce_max", onImage(graph.OpReduceMax, graph.Reduce{Axes: []int{2}, KeepDims: true})},
	{"reduce_min", onImage(graph.OpReduceMin, graph.Reduce{Axes: []int{2}})},
	{"reduce_prod", onImage(graph.OpReduceProd, graph.Reduce{Axes: []int{3}})},
	{"reduce_sum over nothing", onImage(graph.OpReduceSum, graph.Reduce{})},
	{"cum_sum", onImage(graph.OpCumSum, graph.CumSum{Axis: 3, Exclusive: true})},
	{"cum_sum from the end", onImage(graph.OpCumSum, graph.CumSum{Axis: 1, Reverse: true})},

	{"reshape", func(n *network) graph.ID { return n.Reshape(n.image, tensor.Shape{1, 4, 16, 3}) }},
	{"broadcast", func(n *network) graph.ID {
		return n.apply(graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{2, 1, 3}}, n.vector())
	}},
	{"broadcast of an image", func(n *network) graph.ID {
		mean := n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1}, KeepDims: true}, n.image)
		return n.apply(graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{1, 2, 8, 3}}, mean)
	}},
	{"transpose", onImage(graph.OpTranspose, graph.Transpose{Perm: []int{0, 3, 2, 1}})},
	{"transpose of a constant", func(n *network) graph.ID {
		return n.Mul(n.image, n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{1, 2, 0}}, n.floats(3, 8, 1)))
	}},
	{"concat", func(n *network) graph.ID {
		return n.apply(graph.OpConcat, graph.Axis{Axis: 3}, n.image, n.floats(1, 8, 8, 2), n.image)
	}},
	{"slice", onImage(graph.OpSlice, graph.Slice{Start: []int{0, 2, 0, 1}, Size: tensor.Shape{1, 5, 8, 2}})},
	{"slice of all", onImage(graph.OpSlice, graph.Slice{Start: []int{0, 0, 0, 0}, Size: tensor.Shape{1, 8, 8, 3}})},
	{"pad", onImage(graph.OpPad, graph.Pad{Before: []int{0, 1, 2, 0}, After: []int{0, 0, 3, 1}, Value: -1.5})},
	{"pad of int8", onInt8(graph.OpPad, graph.Pad{Before: []int{0, 1, 2, 0}, After: []int{0, 0, 3, 1}, Value: -0.5})},
	{"stop_gradient", onImage(graph.OpStopGradient, nil)},
	{"moves of int8", func(n *network) graph.ID {
		x := n.apply(graph.OpConcat, graph.Axis{Axis: 1}, n.quantized(), n.quantized())
		x = n.apply(graph.OpSlice, graph.Slice{Start: []int{0, 6, 0, 0}, Size: tensor.Shape{1, 4, 8, 3}}, x)
		return n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{1, 0}}, n.Reshape(x, tensor.Shape{32, 3}))
	}},

	{"gather", func(n *network) graph.ID {
		indices := n.apply(graph.OpCast, graph.Cast{DType: tensor.Int32}, n.Mul(n.vector(), n.Scalar(20)))
		return n.apply(graph.OpGather, graph.Axis{Axis: 1}, n.image, indices)
	}},
	{"gather of constant indices", func(n *network) graph.ID {
		return n.apply(graph.OpGather, graph.Axis{Axis: 3}, n.image, n.int32s(2, 0, 2, 9, -1))
	}},
	{"gather_elements", func(n *network) graph.ID {
		indices := n.apply(graph.OpCast, graph.Cast{DType: tensor.Int32}, n.Mul(n.row(), n.Scalar(100)))
		return n.apply(graph.OpGatherElements, graph.Axis{Axis: 1}, n.row(), indices)
	}},
	{"scatter_add_elements", func(n *network) graph.ID {
		indices := n.apply(graph.OpCast, graph.Cast{DType: tensor.Int32}, n.Mul(n.image, n.Scalar(3)))
		return n.apply(graph.OpScatterAddElements, graph.Scatter{Axis: 2, Shape: tensor.Shape{2, 8, 5, 3}}, n.image, indices)
	}},
	{"gradient of max_pool", func(n *network) graph.ID {
		y := n.apply(graph.OpMaxPool, oddPool, n.image)
		return n.VJP(y, n.Mul(y, y), n.image)[0]
	}},
	{"arg_max_pool of int8", onInt8(graph.OpArgMaxPool, oddPool)},
	{"arg_max", onImage(graph.OpArgMax, nil)},
	{"arg_top_k", func(n *network) graph.ID { return n.apply(graph.OpArgTopK, graph.TopK{K: 5}, n.row()) }},
	{"arg_top_k, least", onImage(graph.OpArgTopK, graph.TopK{K: 2, Least: true})},
	{"one_hot of the greatest", func(n *network) graph.ID {
		return n.apply(graph.OpOneHot, graph.OneHot{Depth: 2}, n.apply(graph.OpArgMax, nil, n.image))
	}},
	{"one_hot of any index", func(n *network) graph.ID {
		return n.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, n.apply(graph.OpCast, graph.Cast{DType: tensor.Int32}, n.Mul(n.image, n.Scalar(3))))
	}},
	{"cast to bool", func(n *network) graph.ID {
		return n.apply(graph.OpCast, graph.Cast{DType: tensor.Bool}, n.apply(graph.OpRound, nil, n.image))
	}},

	{"quantize", onImage(graph.OpQuantize, narrow)},
	{"dequantize of weights", func(n *network) graph.ID { return n.Mul(n.Real(n.weights(true, 8, 1, 3)), n.image) }},
	{"dequantize of int32 with a zero point", func(n *network) graph.ID {
		q := &tensor.Quantization{Scale: []float32{0.5, 0.25, 2}, ZeroPoint: []int32{3, 0, -9}}
		integers := tensor.Must(tensor.Of(tensor.Shape{3}, []int32{10, 20, -30})).WithQuant(q)
		return n.Mul(n.image, n.apply(graph.OpDequantize, nil, n.Constant("integers", integers)))
	}},
	{"quant_conv", func(n *network) graph.ID {
		x, w := n.quantized(), n.weights(true, 4, 2, 2, 3)
		return n.apply(graph.OpQuantConv, graph.QuantConv{Conv: oddConv, Output: toInt8}, x, w, n.bias(x, w))
	}},
	{"depthwise quant_conv, limited, weights with a zero point", func(n *network) graph.ID {
		x, w := n.quantized(), n.weights(false, 3, 3, 3, 1)
		return n.apply(graph.OpQuantConv, graph.QuantConv{Conv: depthwise, Output: narrow}, x, w, n.bias(x, w))
	}},
	{"quant_conv without bias, from zero", func(n *network) graph.ID {
		return n.apply(graph.OpQuantConv, graph.QuantConv{Conv: unitConv, Output: fromZero}, n.quantized(), n.weights(true, 4, 1, 1, 3))
	}},
	{"quant_linear", func(n *network) graph.ID {
		x, w := n.Reshape(n.quantized(), tensor.Shape{1, 192}), n.weights(true, 5, 192)
		return n.apply(graph.OpQuantLinear, graph.QuantizedTo(0.2, 3), x, w, n.bias(x, w))
	}},
	{"int8_linear of int8", func(n *network) graph.ID {
		x, w := n.Reshape(n.quantized(), tensor.Shape{1, 192}), n.weights(true, 5, 192)
		return n.apply(graph.OpInt8Linear, nil, x, w)
	}},
	{"int8_linear of float32", func(n *network) graph.ID {
		x, w := n.Reshape(n.Real(n.quantized()), tensor.Shape{4, 48}), n.weights(true, 5, 48)
		return n.apply(graph.OpInt8Linear, nil, x, w, n.floats(5))
	}},
	{"int8_matmul", func(n *network) graph.ID {
		x := n.Reshape(n.Real(n.quantized()), tensor.Shape{2, 8, 12})
		return n.apply(graph.OpInt8MatMul, graph.MatMul{TransposeB: true}, x, x)
	}},
	{"quant_add", func(n *network) graph.ID { return n.apply(graph.OpQuantAdd, atMost, n.quantized(), n.quantized()) }},
	{"quant_mul", func(n *network) graph.ID {
		mean := n.apply(graph.OpQuantMean, graph.QuantReduce{Reduce: graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, Output: toInt8}, n.quantized())
		return n.apply(graph.OpQuantMul, toInt8, n.quantized(), mean)
	}},
	{"quant_avg_pool", onInt8(graph.OpQuantAvgPool, graph.QuantPool{Pool: oddPool, Output: toInt8})},
	{"quant_mean of one axis", onInt8(graph.OpQuantMean, graph.QuantReduce{Reduce: graph.Reduce{Axes: []int{3}}, Output: toInt8})},
	{"quant_unary identity", onInt8(graph.OpQuantUnary, graph.QuantUnary{Function: graph.Identity, Output: toInt8})},
	{"quant_unary sigmoid", onInt8(graph.OpQuantUnary, graph.QuantUnary{Function: graph.Sigmoid, Output: graph.QuantizedTo(1.0/256, -128)})},
	{"quant_unary hard_swish", onInt8(graph.OpQuantUnary, graph.QuantUnary{Function: graph.HardSwish, Output: narrow})},
}
