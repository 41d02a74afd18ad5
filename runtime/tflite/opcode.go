package tflite

import (
	"fmt"
	"slices"
)

// opcode is a builtin operator by its number in the schema.
type opcode int

// The operators that are read.
const (
	opAdd             opcode = 0
	opAveragePool2D   opcode = 1
	opConcatenation   opcode = 2
	opConv2D          opcode = 3
	opDepthwiseConv2D opcode = 4
	opDequantize      opcode = 6
	opFullyConnected  opcode = 9
	opLogistic        opcode = 14
	opMaxPool2D       opcode = 17
	opMul             opcode = 18
	opRelu            opcode = 19
	opRelu6           opcode = 21
	opReshape         opcode = 22
	opSoftmax         opcode = 25
	opCustom          opcode = 32
	opPad             opcode = 34
	opTranspose       opcode = 39
	opMean            opcode = 40
	opSub             opcode = 41
	opSqueeze         opcode = 43
	opQuantize        opcode = 114
	opHardSwish       opcode = 117
)

// converter emits the nodes of one operator and returns its result's.
type converter func(*importer, *operator) error

// converters has one row for each operator that is read.
var converters map[opcode]struct {
	name    string
	convert converter
}

func init() {
	converters = map[opcode]struct {
		name    string
		convert converter
	}{
		opAdd:             {"ADD", (*importer).add},
		opAveragePool2D:   {"AVERAGE_POOL_2D", (*importer).averagePool},
		opConcatenation:   {"CONCATENATION", (*importer).concatenation},
		opConv2D:          {"CONV_2D", (*importer).conv},
		opDepthwiseConv2D: {"DEPTHWISE_CONV_2D", (*importer).conv},
		opDequantize:      {"DEQUANTIZE", (*importer).dequantize},
		opFullyConnected:  {"FULLY_CONNECTED", (*importer).fullyConnected},
		opHardSwish:       {"HARD_SWISH", (*importer).unary},
		opLogistic:        {"LOGISTIC", (*importer).unary},
		opMaxPool2D:       {"MAX_POOL_2D", (*importer).maxPool},
		opMean:            {"MEAN", (*importer).mean},
		opMul:             {"MUL", (*importer).mul},
		opPad:             {"PAD", (*importer).pad},
		opQuantize:        {"QUANTIZE", (*importer).quantize},
		opRelu:            {"RELU", (*importer).unary},
		opRelu6:           {"RELU6", (*importer).unary},
		opReshape:         {"RESHAPE", (*importer).reshape},
		opSoftmax:         {"SOFTMAX", (*importer).softmax},
		opSqueeze:         {"SQUEEZE", (*importer).reshape},
		opSub:             {"SUB", (*importer).sub},
		opTranspose:       {"TRANSPOSE", (*importer).transpose},
	}
}

// otherNames are frequent operators that are not read, so that a message can
// name them.
var otherNames = map[opcode]string{
	5: "DEPTH_TO_SPACE", 7: "EMBEDDING_LOOKUP", 8: "FLOOR", 11: "L2_NORMALIZATION", 12: "L2_POOL_2D",
	13: "LOCAL_RESPONSE_NORMALIZATION", 16: "LSTM", 20: "RELU_N1_TO_1", 23: "RESIZE_BILINEAR", 24: "RNN",
	26: "SPACE_TO_DEPTH", 28: "TANH", 36: "GATHER", 37: "BATCH_TO_SPACE_ND", 38: "SPACE_TO_BATCH_ND", 42: "DIV",
	44: "UNIDIRECTIONAL_SEQUENCE_LSTM", 45: "STRIDED_SLICE", 47: "EXP", 48: "TOPK_V2", 49: "SPLIT",
	50: "LOG_SOFTMAX", 53: "CAST", 54: "PRELU", 55: "MAXIMUM", 56: "ARG_MAX", 57: "MINIMUM", 58: "LESS",
	59: "NEG", 60: "PADV2", 65: "SLICE", 67: "TRANSPOSE_CONV", 69: "TILE", 70: "EXPAND_DIMS", 73: "LOG",
	74: "SUM", 75: "SQRT", 76: "RSQRT", 77: "SHAPE", 78: "POW", 82: "REDUCE_MAX", 83: "PACK", 88: "UNPACK",
	89: "REDUCE_MIN", 92: "SQUARE", 97: "RESIZE_NEAREST_NEIGHBOR", 98: "LEAKY_RELU", 99: "SQUARED_DIFFERENCE",
	100: "MIRROR_PAD", 101: "ABS", 102: "SPLIT_V", 126: "BATCH_MATMUL", 130: "BROADCAST_TO", 150: "GELU",
}

// String returns the schema's name, or the number where that is not known here.
func (c opcode) String() string {
	if row, ok := converters[c]; ok {
		return row.name
	}
	if name, ok := otherNames[c]; ok {
		return name
	}
	return fmt.Sprintf("operator code %d", int(c))
}

// Supported lists the operators that are read, sorted.
func Supported() []string {
	var names []string
	for _, row := range converters {
		names = append(names, row.name)
	}
	slices.Sort(names)
	return names
}
