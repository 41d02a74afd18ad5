package onnx

import "megl-edge/runtime/graph"

// conversions has every operator that is read: a function that appends what
// stands for a node and returns its results, in the node's order.
var conversions map[string]func(*call) ([]value, error)

func init() {
	conversions = map[string]func(*call) ([]value, error){
		"Conv":              convertConv,
		"ConvTranspose":     convertConvTranspose,
		"Gemm":              convertGemm,
		"MatMul":            convertMatMul,
		"Einsum":            convertEinsum,
		"Attention":         convertAttention,
		"MaxPool":           convertMaxPool,
		"AveragePool":       convertAveragePool,
		"GlobalAveragePool": globalPool(graph.OpReduceMean),
		"GlobalMaxPool":     globalPool(graph.OpReduceMax),

		"BatchNormalization":        convertBatchNormalization,
		"InstanceNormalization":     convertInstanceNormalization,
		"GroupNormalization":        convertGroupNormalization,
		"LayerNormalization":        convertLayerNormalization,
		"RMSNormalization":          convertRMSNormalization,
		"MeanVarianceNormalization": convertMeanVarianceNormalization,
		"LRN":                       convertLRN,
		"Softmax":                   convertSoftmax,
		"LogSoftmax":                convertLogSoftmax,

		"Add":  elementwise(graph.OpAdd),
		"Sub":  elementwise(graph.OpSub),
		"Mul":  elementwise(graph.OpMul),
		"Div":  elementwise(graph.OpDiv),
		"Pow":  combined(power),
		"Mod":  convertMod,
		"Max":  folded((*importer).maximum),
		"Min":  folded((*importer).minimum),
		"Sum":  folded((*importer).add),
		"Mean": convertMean,

		"Greater":        elementwise(graph.OpGreater),
		"GreaterOrEqual": combined(orEqual),
		"Less":           combined(func(im *importer, a, b graph.ID) graph.ID { return im.greater(b, a) }),
		"LessOrEqual":    combined(func(im *importer, a, b graph.ID) graph.ID { return orEqual(im, b, a) }),
		"Equal":          elementwise(graph.OpEqual),
		"And":            elementwise(graph.OpAnd),
		"Or":             elementwise(graph.OpOr),
		"Xor": combined(func(im *importer, a, b graph.ID) graph.ID {
			return im.unary(graph.OpNot, im.apply(graph.OpEqual, nil, a, b))
		}),
		"Not":   op(graph.OpNot),
		"Where": convertWhere,
		"IsNaN": mapped(isNaN),
		"IsInf": convertIsInf,

		"Abs":        mapped(absolute),
		"Neg":        mapped((*importer).negative),
		"Sign":       mapped(signOf),
		"Reciprocal": mapped(func(im *importer, x graph.ID) graph.ID { return im.div(im.like(x, 1), x) }),
		"Floor":      op(graph.OpFloor),
		"Ceil":       op(graph.OpCeil),
		"Round":      op(graph.OpRound),
		"Sqrt":       op(graph.OpSqrt),
		"Exp":        op(graph.OpExp),
		"Log":        op(graph.OpLog),
		"Erf":        op(graph.OpErf),
		"Tanh":       op(graph.OpTanh),
		"Sigmoid":    op(graph.OpSigmoid),

		"Relu":     mapped((*importer).relu),
		"Clip":     convertClip,
		"Gelu":     convertGelu,
		"PRelu":    convertPRelu,
		"Softplus": mapped(softplus),
		"Softsign": mapped(func(im *importer, x graph.ID) graph.ID { return im.div(x, im.add(absolute(im, x), im.like(x, 1))) }),
		"Mish":     mapped(func(im *importer, x graph.ID) graph.ID { return im.mul(x, im.unary(graph.OpTanh, softplus(im, x))) }),
		"Elu":      withFloats(func(im *importer, x graph.ID, p []float64) graph.ID { return elu(im, x, p[0], 1) }, parameter{"alpha", 1}),
		"Celu":     withFloats(func(im *importer, x graph.ID, p []float64) graph.ID { return elu(im, x, p[0], p[0]) }, parameter{"alpha", 1}),
		"Selu": withFloats(func(im *importer, x graph.ID, p []float64) graph.ID {
			return im.mul(elu(im, x, p[0], 1), im.like(x, p[1]))
		}, parameter{"alpha", 1.67326319217681884765625}, parameter{"gamma", 1.05070102214813232421875}),
		"LeakyRelu": withFloats(func(im *importer, x graph.ID, p []float64) graph.ID { return leakyRelu(im, x, im.like(x, p[0])) }, parameter{"alpha", 0.01}),
		"ThresholdedRelu": withFloats(func(im *importer, x graph.ID, p []float64) graph.ID {
			return im.choose(im.greater(x, im.like(x, p[0])), x, im.like(x, 0))
		}, parameter{"alpha", 1}),
		"HardSigmoid": withFloats(func(im *importer, x graph.ID, p []float64) graph.ID { return hardSigmoid(im, x, p[0], p[1]) }, parameter{"alpha", 0.2}, parameter{"beta", 0.5}),
		"HardSwish":   mapped(hardSwish),
		"Swish": withFloats(func(im *importer, x graph.ID, p []float64) graph.ID {
			return im.mul(x, im.unary(graph.OpSigmoid, im.mul(x, im.like(x, p[0]))))
		}, parameter{"alpha", 1}),
		"Shrink": withFloats(func(im *importer, x graph.ID, p []float64) graph.ID {
			above := im.greater(x, im.like(x, p[1]))
			below := im.greater(im.like(x, -p[1]), x)
			return im.choose(above, im.sub(x, im.like(x, p[0])), im.choose(below, im.add(x, im.like(x, p[0])), im.like(x, 0)))
		}, parameter{"bias", 0}, parameter{"lambd", 0.5}),

		"ReduceSum":       reduction(graph.OpReduceSum, nil, nil),
		"ReduceMean":      reduction(graph.OpReduceMean, nil, nil),
		"ReduceMax":       reduction(graph.OpReduceMax, nil, nil),
		"ReduceMin":       reduction(graph.OpReduceMin, nil, nil),
		"ReduceProd":      reduction(graph.OpReduceProd, nil, nil),
		"ReduceSumSquare": reduction(graph.OpReduceSum, square, nil),
		"ReduceL1":        reduction(graph.OpReduceSum, absolute, nil),
		"ReduceL2":        reduction(graph.OpReduceSum, square, root),
		"ReduceLogSum":    reduction(graph.OpReduceSum, nil, logarithm),
		"ReduceLogSumExp": convertLogSumExp,
		"CumSum":          convertCumSum,
		"ArgMax":          argument(false),
		"ArgMin":          argument(true),
		"TopK":            convertTopK,

		"Identity":       convertIdentity,
		"Dropout":        convertDropout,
		"Reshape":        convertReshape,
		"Flatten":        convertFlatten,
		"Squeeze":        convertSqueeze,
		"Unsqueeze":      convertUnsqueeze,
		"Transpose":      convertTranspose,
		"Concat":         convertConcat,
		"Split":          convertSplit,
		"Slice":          convertSlice,
		"Gather":         convertGather,
		"GatherElements": convertGatherElements,
		"GatherND":       convertGatherND,
		"Expand":         convertExpand,
		"Tile":           convertTile,
		"DepthToSpace":   convertDepthToSpace,
		"SpaceToDepth":   convertSpaceToDepth,
		"Pad":            convertPad,
		"Resize":         convertResize,
		"Upsample":       convertUpsample,
		"Cast":           convertCast,
		"CastLike":       convertCastLike,

		"Constant":        convertConstant,
		"ConstantOfShape": convertConstantOfShape,
		"Shape":           convertShape,
		"Size":            convertSize,
		"Range":           convertRange,
		"OneHot":          convertOneHot,

		"QuantizeLinear":        convertQuantizeLinear,
		"DequantizeLinear":      convertDequantizeLinear,
		"DynamicQuantizeLinear": convertDynamicQuantizeLinear,
		"QLinearConv":           convertQLinearConv,
		"QLinearMatMul":         convertQLinearMatMul,
		"ConvInteger":           convertConvInteger,
		"MatMulInteger":         convertMatMulInteger,
	}
}
