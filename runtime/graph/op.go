package graph

// Op is the name of an operation, as the model file writes it.
type Op string

// The leaves.
const (
	OpInput    Op = "input"
	OpConstant Op = "constant"
)

// Float ops. Image values are NHWC; a filter is [output channels, height,
// width, input channels / groups].
const (
	OpConv          Op = "conv"            // x, filter, bias? → y
	OpConvInputGrad Op = "conv_input_grad" // dy, filter → dx: the transposed convolution
	OpLinear        Op = "linear"          // x [m × k], w [n × k], bias? [n] → x·wᵀ + bias
	OpMatMul        Op = "matmul"          // a […, m, k], b […, k, n] → a·b
	OpAdd           Op = "add"             // elementwise, shapes broadcast as in NumPy
	OpSub           Op = "sub"
	OpMul           Op = "mul"
	OpDiv           Op = "div"
	OpClamp         Op = "clamp" // min(max(x, lower), upper): ReLU, ReLU6
	OpSigmoid       Op = "sigmoid"
	OpSqrt          Op = "sqrt"
	OpHardSwish     Op = "hard_swish" // x·min(max(x + 3, 0), 6)/6
	OpBatchNorm     Op = "batch_norm" // x, scale, offset, mean, variance → y
	OpMaxPool       Op = "max_pool"   // padding never wins; int8 too
	OpAvgPool       Op = "avg_pool"
	OpReduceSum     Op = "reduce_sum"
	OpReduceMean    Op = "reduce_mean"
	OpReduceMax     Op = "reduce_max"
	OpReduceMin     Op = "reduce_min"
	OpSoftmax       Op = "softmax"   // along the last axis
	OpNormalize     Op = "normalize" // uint8 pixels → (x − mean) / std, per channel
)

// Ops that move values and do not compute; quantized values pass unchanged.
const (
	OpReshape      Op = "reshape"
	OpBroadcast    Op = "broadcast"
	OpTranspose    Op = "transpose"
	OpConcat       Op = "concat"
	OpSlice        Op = "slice"
	OpPad          Op = "pad"    // with one value
	OpGather       Op = "gather" // x, indices int32 → the slices of x along an axis; indices are clamped into range
	OpStopGradient Op = "stop_gradient"
)

// Ops on indices, conditions and element types.
const (
	OpArgMax  Op = "arg_max" // along the last axis, first of equals; int32
	OpOneHot  Op = "one_hot" // int32 → float32, a new last axis; zeros for an index out of range
	OpGreater Op = "greater" // a > b; bool
	OpSelect  Op = "select"  // condition, a, b → a where the condition holds, else b
	OpCast    Op = "cast"    // to float32: the stored number; false is 0, true 1
)

// Quantized ops: int8 activations with one scale and zero point, int8 weights
// with one for each output channel or one for all, int32 bias in units of input
// scale · weight scale. What an op computes is its float decomposition, on real
// values, quantized to the output's scale, zero point and range.
const (
	OpQuantize     Op = "quantize"     // float32 → int8: x/scale rounded half to even, plus zero point, clamped
	OpDequantize   Op = "dequantize"   // int8 or int32 → float32: scale·(q − zero point)
	OpQuantConv    Op = "quant_conv"   // x, filter, bias?
	OpQuantLinear  Op = "quant_linear" // x, w, bias?
	OpQuantAdd     Op = "quant_add"    // a, b of one shape
	OpQuantMul     Op = "quant_mul"    // a, b; broadcast
	OpQuantAvgPool Op = "quant_avg_pool"
	OpQuantMean    Op = "quant_mean"
	OpQuantUnary   Op = "quant_unary" // any function of one value: a table of 256
)
