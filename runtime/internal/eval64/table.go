package eval64

import (
	"math"

	"megl-edge/runtime/graph"
)

// evaluations has every op but the leaves.
var evaluations map[graph.Op]evaluation

func init() { // the quantized ops are evaluated as others, which reads the table
	evaluations = map[graph.Op]evaluation{
		graph.OpConv:           conv,
		graph.OpConvInputGrad:  convInputGrad,
		graph.OpConvFilterGrad: convFilterGrad,
		graph.OpLinear:         linear,
		graph.OpMatMul:         matMul,
		graph.OpAdd:            binary(func(a, b float64) float64 { return a + b }),
		graph.OpSub:            binary(func(a, b float64) float64 { return a - b }),
		graph.OpMul:            binary(func(a, b float64) float64 { return a * b }),
		graph.OpDiv:            binary(func(a, b float64) float64 { return a / b }),
		graph.OpClamp:          clamp,
		graph.OpClampGrad:      clampGrad,
		graph.OpSigmoid:        unary(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		graph.OpSqrt:           unary(math.Sqrt),
		graph.OpExp:            unary(math.Exp),
		graph.OpLog:            unary(math.Log),
		graph.OpTanh:           unary(math.Tanh),
		graph.OpErf:            unary(math.Erf),
		graph.OpPow:            binary(math.Pow),
		graph.OpMaximum:        binary(math.Max),
		graph.OpMinimum:        binary(math.Min),
		graph.OpFloor:          unary(math.Floor),
		graph.OpCeil:           unary(math.Ceil),
		graph.OpRound:          unary(math.RoundToEven),
		graph.OpGelu:           unary(func(x float64) float64 { return x * (1 + math.Erf(x/math.Sqrt2)) / 2 }),
		graph.OpLayerNorm:      layerNorm,
		graph.OpReduceProd:     reduce(1, func(a, b float64) float64 { return a * b }),
		graph.OpCumSum:         cumSum,
		graph.OpHardSwish:      unary(func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }),
		graph.OpBatchNorm:      batchNorm,
		graph.OpMaxPool:        maxPool,
		graph.OpAvgPool:        avgPool,
		graph.OpReduceSum:      reduceSum,
		graph.OpReduceMean:     reduceMean,
		graph.OpReduceMax:      reduce(math.Inf(-1), math.Max),
		graph.OpReduceMin:      reduce(math.Inf(1), math.Min),
		graph.OpSoftmax:        softmax,
		graph.OpNormalize:      normalize,

		graph.OpReshape:            unary(same),
		graph.OpBroadcast:          broadcast,
		graph.OpTranspose:          transpose,
		graph.OpConcat:             concat,
		graph.OpSlice:              slice,
		graph.OpPad:                pad,
		graph.OpGather:             gather,
		graph.OpStopGradient:       unary(same),
		graph.OpGatherElements:     gatherElements,
		graph.OpScatterAddElements: scatterAddElements,

		graph.OpArgMax:     argMax,
		graph.OpArgMaxPool: argMaxPool,
		graph.OpOneHot:     oneHot,
		graph.OpArgTopK:    argTopK,
		graph.OpGreater:    binary(func(a, b float64) float64 { return condition(a > b) }),
		graph.OpEqual:      binary(func(a, b float64) float64 { return condition(a == b) }),
		graph.OpAnd:        binary(func(a, b float64) float64 { return a * b }),
		graph.OpOr:         binary(math.Max),
		graph.OpNot:        unary(func(x float64) float64 { return 1 - x }),
		graph.OpSelect:     choose,
		graph.OpCast:       cast,

		graph.OpQuantize:     quantize,
		graph.OpDequantize:   dequantize,
		graph.OpQuantConv:    quantConv,
		graph.OpQuantLinear:  quantLinear,
		graph.OpQuantAdd:     quantBinary(graph.OpAdd),
		graph.OpQuantMul:     quantBinary(graph.OpMul),
		graph.OpQuantAvgPool: quantAvgPool,
		graph.OpQuantMean:    quantMean,
		graph.OpInt8Linear:   int8Linear,
		graph.OpInt8MatMul:   int8MatMul,
		graph.OpQuantUnary:   quantUnary,
	}
}
