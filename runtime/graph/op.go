package graph

// Op is the name of an operation, as the model file writes it.
type Op string

// The leaves.
const (
	OpInput    Op = "input"
	OpConstant Op = "constant"
)

// Arithmetic. Image values are NHWC; a filter is [output channels, height,
// width, input channels / groups]. The ops on images, layers, softmax,
// normalisations and activations work on float32. Elementwise arithmetic,
// matmul and reductions work on every type of number, the operands being of one
// type: integers wrap around, their division truncates and gives 0 for a divisor
// of 0. Functions from sqrt to erf and the roundings work on float32 and float64.
const (
	OpConv           Op = "conv"             // x, filter, bias? → y
	OpConvInputGrad  Op = "conv_input_grad"  // dy, filter → dx: the transposed convolution
	OpConvFilterGrad Op = "conv_filter_grad" // x, dy → the gradient of the filter
	OpLinear         Op = "linear"           // x [m × k], w [n × k], bias? [n] → x·wᵀ + bias
	OpMatMul         Op = "matmul"           // a […, m, k], b […, k, n] → a·b
	OpAdd            Op = "add"              // elementwise, shapes broadcast as in NumPy
	OpSub            Op = "sub"
	OpMul            Op = "mul"
	OpDiv            Op = "div"
	OpClamp          Op = "clamp"      // min(max(x, lower), upper): ReLU, ReLU6
	OpClampGrad      Op = "clamp_grad" // dy, y → dy where y, of its shape, lies within the range and not at its ends, else 0
	OpSigmoid        Op = "sigmoid"
	OpSqrt           Op = "sqrt"
	OpExp            Op = "exp"
	OpLog            Op = "log"
	OpTanh           Op = "tanh"
	OpErf            Op = "erf"
	OpPow            Op = "pow"     // aᵇ, broadcast
	OpMaximum        Op = "maximum" // the greater of a and b, broadcast
	OpMinimum        Op = "minimum"
	OpFloor          Op = "floor"
	OpCeil           Op = "ceil"
	OpRound          Op = "round"      // half to even
	OpGelu           Op = "gelu"       // x·(1 + erf(x/√2))/2
	OpHardSwish      Op = "hard_swish" // x·min(max(x + 3, 0), 6)/6
	OpBatchNorm      Op = "batch_norm" // x, scale, offset, mean, variance → y
	OpLayerNorm      Op = "layer_norm" // x, scale [c], offset? [c]: along the last axis
	OpMaxPool        Op = "max_pool"   // padding never wins; int8 too
	OpAvgPool        Op = "avg_pool"
	OpReduceSum      Op = "reduce_sum"
	OpReduceMean     Op = "reduce_mean"
	OpReduceMax      Op = "reduce_max"
	OpReduceMin      Op = "reduce_min"
	OpReduceProd     Op = "reduce_prod"
	OpCumSum         Op = "cum_sum"   // running sums along an axis
	OpSoftmax        Op = "softmax"   // along the last axis
	OpNormalize      Op = "normalize" // uint8 pixels → (x − mean) / std, per channel
)

// Ops that move values and do not compute; quantized values pass unchanged.
const (
	OpReshape        Op = "reshape"
	OpBroadcast      Op = "broadcast"
	OpTranspose      Op = "transpose"
	OpConcat         Op = "concat"
	OpSlice          Op = "slice"
	OpPad            Op = "pad"             // with one value
	OpGather         Op = "gather"          // x, indices int32 → the slices of x along an axis; indices are clamped into range
	OpGatherElements Op = "gather_elements" // x, indices int32: element by element along an axis; indices are clamped
	// OpScatterAddElements is the adjoint of gather_elements: x, indices int32 of
	// its shape → zeros to which each element of x is added where its index
	// points, in order; indices are clamped.
	OpScatterAddElements Op = "scatter_add_elements"
	OpStopGradient       Op = "stop_gradient"
)

// Ops on indices, conditions and element types.
const (
	OpArgMax     Op = "arg_max"      // along the last axis, first of equals; int32
	OpArgMaxPool Op = "arg_max_pool" // the pixel that max_pool takes, row·width + column, the first of equals; int32
	OpOneHot     Op = "one_hot"      // int32 → float32, a new last axis; zeros for an index out of range
	OpArgTopK    Op = "arg_top_k"    // indices of the k greatest (or least) along the last axis, in order, first of equals first; int32
	OpGreater    Op = "greater"      // a > b; bool
	OpEqual      Op = "equal"        // bool
	OpAnd        Op = "and"          // of bools, broadcast
	OpOr         Op = "or"
	OpNot        Op = "not"
	OpSelect     Op = "select" // condition, a, b → a where the condition holds, else b
	OpCast       Op = "cast"   // the stored number in another type, see [Cast]
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

	// Products of int8 values with a float32 result. A float32 operand is rounded
	// to int8 on the way, each of its rows by a scale of its own: the greatest
	// magnitude in the row becomes 127.
	OpInt8Linear Op = "int8_linear" // x int8 or float32 [m × k], w int8 [n × k], bias? float32 [n] → x·wᵀ + bias
	OpInt8MatMul Op = "int8_matmul" // a […, m, k], b […, k, n], float32; of b the columns have scales
)
