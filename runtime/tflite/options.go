package tflite

// options are the attributes of an operator, the ones that it has.
type options struct {
	padding              int8 // paddingSame or paddingValid
	activation           int8
	stride, dilation     [2]int // [height, width]
	filter               [2]int // of a pooling window
	axis                 int
	keepDims             bool
	beta                 float32
	weightsFormat        int8 // 0 is plain
	keepLeadingDimension bool
}

const paddingSame = 0 // 1 is VALID: no padding

// The fused activations.
const (
	activationNone     = 0
	activationRelu     = 1
	activationReluN1To = 2
	activationRelu6    = 3
)

// defaultOptions is what a file means that leaves all options out.
func defaultOptions() options {
	return options{stride: [2]int{1, 1}, dilation: [2]int{1, 1}, filter: [2]int{1, 1}, beta: 1}
}

// parseOptions reads the options of an operator; the numbers are those of its
// options table in the schema.
func parseOptions(code opcode, t table) options {
	o := defaultOptions()
	switch code {
	case opConv2D:
		o.padding, o.activation = t.int8(0), t.int8(3)
		o.stride = [2]int{t.int(2, 1), t.int(1, 1)}
		o.dilation = [2]int{t.int(5, 1), t.int(4, 1)}
	case opDepthwiseConv2D:
		o.padding, o.activation = t.int8(0), t.int8(4)
		o.stride = [2]int{t.int(2, 1), t.int(1, 1)}
		o.dilation = [2]int{t.int(6, 1), t.int(5, 1)}
	case opAveragePool2D, opMaxPool2D:
		o.padding, o.activation = t.int8(0), t.int8(5)
		o.stride = [2]int{t.int(2, 1), t.int(1, 1)}
		o.filter = [2]int{t.int(4, 1), t.int(3, 1)}
	case opFullyConnected:
		o.activation, o.weightsFormat, o.keepLeadingDimension = t.int8(0), t.int8(1), t.int8(2) != 0
	case opAdd, opMul, opSub:
		o.activation = t.int8(0)
	case opConcatenation:
		o.axis, o.activation = t.int(0, 0), t.int8(1)
	case opMean:
		o.keepDims = t.int8(0) != 0
	case opSoftmax:
		o.beta = t.float32(0, 0)
	}
	return o
}
