package runtime

import (
	"megl-edge/runtime/graph"
)

// operators has the kernel of every op: what prepares it for the types and
// constants at hand. Ops without a row are leaves, share their input's memory,
// or are expanded into others before; a test walks the table of package graph
// to see that nothing else is missing.
var operators map[graph.Op]func(*operation) (kernel, error)

func init() {
	operators = map[graph.Op]func(*operation) (kernel, error){
		graph.OpConv:           prepareConv,
		graph.OpConvInputGrad:  prepareConvInputGrad,
		graph.OpConvFilterGrad: prepareConvFilterGrad,
		graph.OpLinear:         prepareLinear,
		graph.OpMatMul:         prepareMatMul,
		graph.OpAdd:            prepareAdd,
		graph.OpSub:            prepareArithmetic,
		graph.OpMul:            prepareArithmetic,
		graph.OpDiv:            prepareArithmetic,
		graph.OpPow:            prepareArithmetic,
		graph.OpMaximum:        prepareArithmetic,
		graph.OpMinimum:        prepareArithmetic,
		graph.OpClamp:          prepareClamp,
		graph.OpClampGrad:      prepareClampGrad,
		graph.OpSigmoid:        prepareUnary,
		graph.OpHardSwish:      prepareUnary,
		graph.OpSqrt:           prepareUnary,
		graph.OpExp:            prepareUnary,
		graph.OpLog:            prepareUnary,
		graph.OpTanh:           prepareUnary,
		graph.OpErf:            prepareUnary,
		graph.OpGelu:           prepareUnary,
		graph.OpFloor:          prepareUnary,
		graph.OpCeil:           prepareUnary,
		graph.OpRound:          prepareUnary,
		graph.OpMaxPool:        prepareMaxPool,
		graph.OpAvgPool:        prepareAvgPool,
		graph.OpReduceSum:      prepareReduce,
		graph.OpReduceMean:     prepareReduce,
		graph.OpReduceMax:      prepareReduce,
		graph.OpReduceMin:      prepareReduce,
		graph.OpReduceProd:     prepareReduce,
		graph.OpCumSum:         prepareCumSum,
		graph.OpLayerNorm:      prepareLayerNorm,
		graph.OpSoftmax:        prepareSoftmax,
		graph.OpNormalize:      prepareNormalize,

		graph.OpBroadcast:          prepareBroadcast,
		graph.OpTranspose:          prepareTranspose,
		graph.OpConcat:             prepareConcat,
		graph.OpSlice:              prepareSlice,
		graph.OpPad:                preparePad,
		graph.OpGather:             prepareGather,
		graph.OpArgMax:             prepareArgMax,
		graph.OpOneHot:             prepareOneHot,
		graph.OpGatherElements:     prepareGatherElements,
		graph.OpScatterAddElements: prepareScatterAddElements,
		graph.OpArgMaxPool:         prepareArgMaxPool,
		graph.OpArgTopK:            prepareArgTopK,
		graph.OpGreater:            prepareComparison,
		graph.OpEqual:              prepareComparison,
		graph.OpAnd:                prepareLogical,
		graph.OpOr:                 prepareLogical,
		graph.OpNot:                prepareLogical,
		graph.OpSelect:             prepareSelect,
		graph.OpCast:               prepareCast,

		graph.OpQuantize:     prepareQuantize,
		graph.OpDequantize:   prepareDequantize,
		graph.OpQuantConv:    prepareQuantConv,
		graph.OpQuantLinear:  prepareQuantLinear,
		graph.OpQuantAdd:     prepareQuantAdd,
		graph.OpQuantMul:     prepareQuantMul,
		graph.OpQuantAvgPool: prepareQuantAvgPool,
		graph.OpQuantMean:    prepareQuantMean,
		graph.OpInt8Linear:   prepareInt8Linear,
		graph.OpInt8MatMul:   prepareInt8MatMul,
		graph.OpQuantUnary:   prepareQuantUnary,
	}
}
