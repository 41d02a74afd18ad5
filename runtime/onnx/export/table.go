package export

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// row is how one op is written.
type row struct {
	export func(c *call)
	// types tells whether ONNX has the operator for elements of a type, in an
	// opset; nil where every type that the op takes is one of ONNX's.
	types func(d tensor.DType, opset int) bool
}

// table has one row for every op of package graph; a test compares them.
var table = map[graph.Op]row{
	graph.OpInput:     {export: exportInput},
	graph.OpConstant:  {export: exportConstant},
	graph.OpNormalize: {export: exportNormalize},

	graph.OpConv:           {export: exportConv},
	graph.OpConvInputGrad:  {export: exportConvInputGrad},
	graph.OpConvFilterGrad: {export: exportConvFilterGrad},
	graph.OpMaxPool:        {export: exportMaxPool},
	graph.OpAvgPool:        {export: exportAvgPool},
	graph.OpLinear:         {export: exportLinear},
	graph.OpMatMul:         {export: exportMatMul, types: wide},

	graph.OpAdd:     {export: elementwise("Add"), types: arithmetic},
	graph.OpSub:     {export: elementwise("Sub"), types: arithmetic},
	graph.OpMul:     {export: elementwise("Mul"), types: arithmetic},
	graph.OpDiv:     {export: elementwise("Div"), types: arithmetic},
	graph.OpPow:     {export: elementwise("Pow"), types: signed},
	graph.OpMaximum: {export: elementwise("Max")},
	graph.OpMinimum: {export: elementwise("Min")},
	graph.OpGreater: {export: elementwise("Greater")},
	graph.OpEqual:   {export: elementwise("Equal")},
	graph.OpAnd:     {export: elementwise("And")},
	graph.OpOr:      {export: elementwise("Or")},
	graph.OpSelect:  {export: elementwise("Where")},
	graph.OpNot:     {export: elementwise("Not")},
	graph.OpSigmoid: {export: elementwise("Sigmoid")},
	graph.OpSqrt:    {export: elementwise("Sqrt")},
	graph.OpExp:     {export: elementwise("Exp")},
	graph.OpLog:     {export: elementwise("Log")},
	graph.OpTanh:    {export: elementwise("Tanh")},
	graph.OpErf:     {export: elementwise("Erf")},
	graph.OpFloor:   {export: elementwise("Floor")},
	graph.OpCeil:    {export: elementwise("Ceil")},
	graph.OpRound:   {export: elementwise("Round")},

	graph.OpClamp:     {export: exportClamp},
	graph.OpClampGrad: {export: exportClampGrad},
	graph.OpHardSwish: {export: exportHardSwish},
	graph.OpGelu:      {export: exportGelu},
	graph.OpSoftmax:   {export: exportSoftmax},
	graph.OpBatchNorm: {export: exportBatchNorm},
	graph.OpLayerNorm: {export: exportLayerNorm},

	graph.OpReduceSum:  {export: reduction("ReduceSum"), types: wide},
	graph.OpReduceMean: {export: reduction("ReduceMean"), types: wide},
	graph.OpReduceProd: {export: reduction("ReduceProd"), types: wide},
	graph.OpReduceMax:  {export: reduction("ReduceMax"), types: wideOrByte},
	graph.OpReduceMin:  {export: reduction("ReduceMin"), types: wideOrByte},
	graph.OpCumSum:     {export: exportCumSum, types: wide},

	graph.OpReshape:      {export: exportReshape},
	graph.OpBroadcast:    {export: exportBroadcast},
	graph.OpTranspose:    {export: exportTranspose},
	graph.OpConcat:       {export: exportConcat},
	graph.OpSlice:        {export: exportSlice},
	graph.OpPad:          {export: exportPad},
	graph.OpStopGradient: {export: (*call).alias},

	graph.OpGather:             {export: gathering("Gather")},
	graph.OpGatherElements:     {export: gathering("GatherElements")},
	graph.OpScatterAddElements: {export: exportScatterAddElements},
	graph.OpArgMax:             {export: exportArgMax},
	graph.OpArgMaxPool:         {export: exportArgMaxPool},
	graph.OpArgTopK:            {export: exportArgTopK},
	graph.OpOneHot:             {export: exportOneHot},
	graph.OpCast:               {export: exportCast},

	graph.OpQuantize:     {export: exportQuantize},
	graph.OpDequantize:   {export: exportDequantize},
	graph.OpQuantConv:    {export: exportQuantConv},
	graph.OpInt8Linear:   {export: exportInt8Linear},
	graph.OpInt8MatMul:   {export: exportInt8MatMul},
	graph.OpQuantLinear:  {export: exportQuantLinear},
	graph.OpQuantAdd:     {export: quantElementwise("Add")},
	graph.OpQuantMul:     {export: quantElementwise("Mul")},
	graph.OpQuantAvgPool: {export: exportQuantAvgPool},
	graph.OpQuantMean:    {export: exportQuantMean},
	graph.OpQuantUnary:   {export: exportQuantUnary},
}

// wide holds for numbers of 32 and 64 bits.
func wide(d tensor.DType, _ int) bool { return d != tensor.Bool && d.Size() >= 4 }

func wideOrByte(d tensor.DType, opset int) bool {
	return wide(d, opset) || d == tensor.Int8 || d == tensor.UInt8
}

// arithmetic holds for all numbers since opset 14.
func arithmetic(d tensor.DType, opset int) bool { return opset >= 14 || wide(d, opset) }

// signed holds for the types of numbers that ONNX raises to a power.
func signed(d tensor.DType, _ int) bool {
	return slices.Contains([]tensor.DType{tensor.Int32, tensor.Int64, tensor.Float32, tensor.Float64}, d)
}
