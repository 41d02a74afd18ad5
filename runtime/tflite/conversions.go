package tflite

import (
	"maps"
	"slices"

	"megl-edge/runtime/graph"
)

// conversion appends the nodes of one operator and returns that of its result.
type conversion func(im *importer, op *operator) (graph.ID, error)

// conversions has every operator that can be imported.
var conversions = map[int]conversion{
	opAdd:            convertAdd,
	opAveragePool:    convertAveragePool,
	opConcatenation:  convertConcatenation,
	opConv:           convertConv,
	opDepthwiseConv:  convertDepthwiseConv,
	opDequantize:     convertDequantize,
	opFullyConnected: convertFullyConnected,
	opHardSwish:      unary(graph.OpHardSwish, graph.HardSwish),
	opLogistic:       unary(graph.OpSigmoid, graph.Sigmoid),
	opMaxPool:        convertMaxPool,
	opMean:           convertMean,
	opMul:            convertMul,
	opPad:            convertPad,
	opPadV2:          convertPad,
	opQuantize:       convertQuantize,
	opReLU:           clamp(activationReLU),
	opReLUN1To1:      clamp(activationReLUN1To1),
	opReLU6:          clamp(activationReLU6),
	opReshape:        convertReshape,
	opSoftmax:        convertSoftmax,
	opSqueeze:        convertSqueeze,
	opSub:            convertSub,
	opTranspose:      convertTranspose,
}

// Supported lists the operators that can be imported, in alphabetical order.
func Supported() []string {
	var names []string
	for builtin := range maps.Keys(conversions) {
		names = append(names, opcodeNames[builtin])
	}
	slices.Sort(names)
	return names
}
