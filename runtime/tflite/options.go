package tflite

import "megl-edge/runtime/graph"

// options are the attributes of an operator; each has those of its kind, the
// others stay at their defaults.
type options struct {
	padding      padding
	stride       graph.HW
	dilation     graph.HW
	window       graph.HW
	activation   activation
	axis         int
	beta         float32
	keepDims     bool
	weightFormat int8
	list         []int // RESHAPE: the new shape; SQUEEZE: the axes
}

type padding int8

// The values of enum Padding in the schema.
const (
	paddingSame  padding = 0
	paddingValid padding = 1
)

// The fields of the option tables, by their number in schema.fbs.
const (
	convPadding, convStrideW, convStrideH, convActivation, convDilationW, convDilationH = 0, 1, 2, 3, 4, 5

	depthwiseActivation, depthwiseDilationW, depthwiseDilationH = 4, 5, 6 // the first three as in Conv2DOptions

	poolPadding, poolStrideW, poolStrideH, poolWidth, poolHeight, poolActivation = 0, 1, 2, 3, 4, 5

	fullyConnectedActivation, fullyConnectedFormat, fullyConnectedKeepDims = 0, 1, 2

	arithmeticActivation = 0 // AddOptions, SubOptions, MulOptions

	concatenationAxis, concatenationActivation = 0, 1

	reducerKeepDims, softmaxBeta, reshapeNewShape, squeezeDims = 0, 0, 0, 0
)

// readOptions reads the option table of an operator.
func readOptions(builtin int, t table) options {
	switch builtin {
	case opConv:
		return readConvOptions(t, convActivation, convDilationW, convDilationH)
	case opDepthwiseConv:
		return readConvOptions(t, depthwiseActivation, depthwiseDilationW, depthwiseDilationH)
	case opAveragePool, opMaxPool:
		return options{
			padding:    padding(t.int8(poolPadding)),
			stride:     graph.HW{t.int(poolStrideH, 0), t.int(poolStrideW, 0)},
			window:     graph.HW{t.int(poolHeight, 0), t.int(poolWidth, 0)},
			activation: activation(t.int8(poolActivation)),
		}
	case opFullyConnected:
		return options{
			activation:   activation(t.int8(fullyConnectedActivation)),
			weightFormat: t.int8(fullyConnectedFormat),
			keepDims:     t.bool(fullyConnectedKeepDims),
		}
	case opAdd, opSub, opMul:
		return options{activation: activation(t.int8(arithmeticActivation))}
	case opConcatenation:
		return options{axis: t.int(concatenationAxis, 0), activation: activation(t.int8(concatenationActivation))}
	case opMean:
		return options{keepDims: t.bool(reducerKeepDims)}
	case opSoftmax:
		return options{beta: t.float32(softmaxBeta)}
	case opReshape:
		return options{list: t.ints(reshapeNewShape)}
	case opSqueeze:
		return options{list: t.ints(squeezeDims)}
	}
	return options{}
}

func readConvOptions(t table, activationField, dilationW, dilationH int) options {
	return options{
		padding:    padding(t.int8(convPadding)),
		stride:     graph.HW{t.int(convStrideH, 0), t.int(convStrideW, 0)},
		dilation:   graph.HW{t.int(dilationH, 1), t.int(dilationW, 1)},
		activation: activation(t.int8(activationField)),
	}
}
