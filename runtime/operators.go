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
		graph.OpConv:          prepareConv,
		graph.OpConvInputGrad: prepareConvInputGrad,
		graph.OpLinear:        prepareLinear,
		graph.OpMatMul:        prepareMatMul,
		graph.OpAdd:           prepareAdd,
		graph.OpSub:           prepareBinary,
		graph.OpMul:           prepareBinary,
		graph.OpDiv:           prepareBinary,
		graph.OpClamp:         prepareClamp,
		graph.OpSigmoid:       prepareUnary,
		graph.OpHardSwish:     prepareUnary,
		graph.OpSqrt:          prepareUnary,
		graph.OpMaxPool:       prepareMaxPool,
		graph.OpAvgPool:       prepareAvgPool,
		graph.OpReduceSum:     prepareReduce,
		graph.OpReduceMean:    prepareReduce,
		graph.OpReduceMax:     prepareReduce,
		graph.OpReduceMin:     prepareReduce,
		graph.OpSoftmax:       prepareSoftmax,
		graph.OpNormalize:     prepareNormalize,

		graph.OpBroadcast: prepareBroadcast,
		graph.OpTranspose: prepareTranspose,
		graph.OpConcat:    prepareConcat,
		graph.OpSlice:     prepareSlice,
		graph.OpPad:       preparePad,
		graph.OpGather:    prepareGather,
		graph.OpArgMax:    prepareArgMax,
		graph.OpOneHot:    prepareOneHot,
		graph.OpGreater:   prepareGreater,
		graph.OpSelect:    prepareSelect,
		graph.OpCast:      prepareCast,

		graph.OpQuantize:     prepareQuantize,
		graph.OpDequantize:   prepareDequantize,
		graph.OpQuantConv:    prepareQuantConv,
		graph.OpQuantLinear:  prepareQuantLinear,
		graph.OpQuantAdd:     prepareQuantAdd,
		graph.OpQuantMul:     prepareQuantMul,
		graph.OpQuantAvgPool: prepareQuantAvgPool,
		graph.OpQuantMean:    prepareQuantMean,
		graph.OpQuantUnary:   prepareQuantUnary,
	}
}
