package eval64

import (
	"math"

	"megl-edge/runtime/graph"
)

// evaluations has every op but the leaves.
var evaluations map[graph.Op]evaluation

func init() { // the quantized ops are evaluated as others, which reads the table
	evaluations = map[graph.Op]evaluation{
		graph.OpConv:          conv,
		graph.OpConvInputGrad: convInputGrad,
		graph.OpLinear:        linear,
		graph.OpMatMul:        matMul,
		graph.OpAdd:           binary(func(a, b float64) float64 { return a + b }),
		graph.OpSub:           binary(func(a, b float64) float64 { return a - b }),
		graph.OpMul:           binary(func(a, b float64) float64 { return a * b }),
		graph.OpDiv:           binary(func(a, b float64) float64 { return a / b }),
		graph.OpClamp:         clamp,
		graph.OpSigmoid:       unary(func(x float64) float64 { return 1 / (1 + math.Exp(-x)) }),
		graph.OpSqrt:          unary(math.Sqrt),
		graph.OpHardSwish:     unary(func(x float64) float64 { return x * min(max(x+3, 0), 6) / 6 }),
		graph.OpBatchNorm:     batchNorm,
		graph.OpMaxPool:       maxPool,
		graph.OpAvgPool:       avgPool,
		graph.OpReduceSum:     reduceSum,
		graph.OpReduceMean:    reduceMean,
		graph.OpReduceMax:     reduce(math.Inf(-1), math.Max),
		graph.OpReduceMin:     reduce(math.Inf(1), math.Min),
		graph.OpSoftmax:       softmax,
		graph.OpNormalize:     normalize,

		graph.OpReshape:      unary(same),
		graph.OpBroadcast:    broadcast,
		graph.OpTranspose:    transpose,
		graph.OpConcat:       concat,
		graph.OpSlice:        slice,
		graph.OpPad:          pad,
		graph.OpGather:       gather,
		graph.OpStopGradient: unary(same),

		graph.OpArgMax:  argMax,
		graph.OpOneHot:  oneHot,
		graph.OpGreater: greater,
		graph.OpSelect:  choose,
		graph.OpCast:    unary(same),

		graph.OpQuantize:     quantize,
		graph.OpDequantize:   dequantize,
		graph.OpQuantConv:    quantConv,
		graph.OpQuantLinear:  quantLinear,
		graph.OpQuantAdd:     quantBinary(graph.OpAdd),
		graph.OpQuantMul:     quantBinary(graph.OpMul),
		graph.OpQuantAvgPool: quantAvgPool,
		graph.OpQuantMean:    quantMean,
		graph.OpQuantUnary:   quantUnary,
	}
}
