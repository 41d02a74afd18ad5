package graph

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"reflect"
	"slices"

	"megl-edge/runtime/tensor"
)

// GradientKind says what a row's gradient cell holds.
type GradientKind string

// The gradient cells.
const (
	// GradientRule: the adjoints of the inputs are built from ops.
	GradientRule GradientKind = "rule"
	// GradientDecompose: the op is differentiated as the float ops it stands for.
	GradientDecompose GradientKind = "decompose"
	// GradientStraightThrough: the rounding is ignored, the range is not.
	GradientStraightThrough GradientKind = "straight-through"
	// GradientNone: the result has no useful derivative; the cell says why.
	GradientNone GradientKind = "none"
)

// gradient is one gradient cell.
type gradient struct {
	kind GradientKind
	// vjp returns the adjoint of every input, None where there is none.
	vjp func(c *adjoint) []ID
	// decompose builds the op's real result from its real inputs.
	decompose func(b *Builder, n *Node, inputs []ID) ID
	// why says what "none" means here.
	why string
}

func rule(vjp func(c *adjoint) []ID) gradient { return gradient{kind: GradientRule, vjp: vjp} }

func decomposed(build func(b *Builder, n *Node, inputs []ID) ID) gradient {
	return gradient{kind: GradientDecompose, decompose: build}
}

func straightThrough(vjp func(c *adjoint) []ID) gradient {
	return gradient{kind: GradientStraightThrough, vjp: vjp}
}

func none(why string) gradient { return gradient{kind: GradientNone, why: why} }

// row is all that is known of one op.
type row struct {
	minInputs, maxInputs int
	attr                 reflect.Type
	infer                func(attr Attr, in []tensor.Type) (tensor.Type, error)
	gradient             gradient
	// fold returns an earlier or a new, simpler node with the same value, or
	// None. It never changes a bit of the result, unless the op's own text says so.
	fold func(b *Builder, n *Node) ID
}

// maxConcat is how many values can be joined at once, more than any network
// joins.
const maxConcat = 1 << 12

// table has one row for each op; a test walks it, so that no cell is missing.
var table map[Op]*row

func init() { table = rows() } // set here because rules build graphs, which reads the table

func rows() map[Op]*row {
	return map[Op]*row{
		OpInput:    {attr: nil, gradient: none("a leaf")},
		OpConstant: {attr: nil, gradient: none("a leaf")},

		OpConv:           {minInputs: 2, maxInputs: 3, attr: attr[Conv](), infer: inferConv, gradient: rule(vjpConv)},
		OpConvInputGrad:  {minInputs: 2, maxInputs: 2, attr: attr[ConvInputGrad](), infer: inferConvInputGrad, gradient: rule(vjpConvInputGrad)},
		OpConvFilterGrad: {minInputs: 2, maxInputs: 2, attr: attr[ConvFilterGrad](), infer: inferConvFilterGrad, gradient: rule(vjpConvFilterGrad)},
		OpLinear:         {minInputs: 2, maxInputs: 3, infer: inferLinear, gradient: rule(vjpLinear)},
		OpMatMul:         {minInputs: 2, maxInputs: 2, attr: attr[MatMul](), infer: inferMatMul, gradient: rule(vjpMatMul), fold: foldMatMul},
		OpAdd:            {minInputs: 2, maxInputs: 2, infer: inferElementwise, gradient: rule(vjpAdd)},
		OpSub:            {minInputs: 2, maxInputs: 2, infer: inferElementwise, gradient: rule(vjpSub)},
		OpMul:            {minInputs: 2, maxInputs: 2, infer: inferElementwise, gradient: rule(vjpMul)},
		OpDiv:            {minInputs: 2, maxInputs: 2, infer: inferElementwise, gradient: rule(vjpDiv)},
		OpClamp:          {minInputs: 1, maxInputs: 1, attr: attr[Clamp](), infer: inferSameFloat, gradient: rule(vjpClamp)},
		OpClampGrad:      {minInputs: 2, maxInputs: 2, attr: attr[Clamp](), infer: inferTwoAlike, gradient: rule(vjpClampGrad)},
		OpSigmoid:        {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: rule(vjpSigmoid)},
		OpSqrt:           {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: rule(vjpSqrt)},
		OpExp:            {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: rule(vjpExp)},
		OpLog:            {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: rule(vjpLog)},
		OpTanh:           {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: rule(vjpTanh)},
		OpErf:            {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: rule(vjpErf)},
		OpPow:            {minInputs: 2, maxInputs: 2, infer: inferElementwise, gradient: rule(vjpPow)},
		OpMaximum:        {minInputs: 2, maxInputs: 2, infer: inferElementwise, gradient: rule(vjpMaximum)},
		OpMinimum:        {minInputs: 2, maxInputs: 2, infer: inferElementwise, gradient: rule(vjpMinimum)},
		OpFloor:          {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: none("constant almost everywhere")},
		OpCeil:           {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: none("constant almost everywhere")},
		OpRound:          {minInputs: 1, maxInputs: 1, infer: inferReal, gradient: none("constant almost everywhere")},
		OpGelu:           {minInputs: 1, maxInputs: 1, infer: inferSameFloat, gradient: decomposed(decomposeGelu)},
		OpHardSwish:      {minInputs: 1, maxInputs: 1, infer: inferSameFloat, gradient: decomposed(decomposeHardSwish)},
		OpBatchNorm:      {minInputs: 5, maxInputs: 5, attr: attr[BatchNorm](), infer: inferBatchNorm, gradient: decomposed(decomposeBatchNorm)},
		OpLayerNorm:      {minInputs: 2, maxInputs: 3, attr: attr[LayerNorm](), infer: inferLayerNorm, gradient: decomposed(decomposeLayerNorm)},
		OpMaxPool:        {minInputs: 1, maxInputs: 1, attr: attr[Pool](), infer: inferPool, gradient: rule(vjpMaxPool)},
		OpAvgPool:        {minInputs: 1, maxInputs: 1, attr: attr[Pool](), infer: inferFloatPool, gradient: rule(vjpAvgPool)},
		OpReduceSum:      {minInputs: 1, maxInputs: 1, attr: attr[Reduce](), infer: inferReduce, gradient: rule(vjpReduceSum), fold: foldReduce},
		OpReduceMean:     {minInputs: 1, maxInputs: 1, attr: attr[Reduce](), infer: inferReduce, gradient: rule(vjpReduceMean), fold: foldReduce},
		OpReduceMax:      {minInputs: 1, maxInputs: 1, attr: attr[Reduce](), infer: inferReduce, gradient: rule(vjpReduceExtreme), fold: foldReduce},
		OpReduceMin:      {minInputs: 1, maxInputs: 1, attr: attr[Reduce](), infer: inferReduce, gradient: rule(vjpReduceExtreme), fold: foldReduce},
		OpReduceProd:     {minInputs: 1, maxInputs: 1, attr: attr[Reduce](), infer: inferReduce, gradient: rule(vjpReduceProd)},
		OpCumSum:         {minInputs: 1, maxInputs: 1, attr: attr[CumSum](), infer: inferCumSum, gradient: rule(vjpCumSum)},
		OpSoftmax:        {minInputs: 1, maxInputs: 1, infer: inferSoftmax, gradient: rule(vjpSoftmax)},
		OpNormalize:      {minInputs: 1, maxInputs: 1, attr: attr[Normalize](), infer: inferNormalize, gradient: none("the input is integer pixels")},

		OpReshape:            {minInputs: 1, maxInputs: 1, attr: attr[Shape](), infer: inferReshape, gradient: rule(vjpReshape), fold: foldReshape},
		OpBroadcast:          {minInputs: 1, maxInputs: 1, attr: attr[Shape](), infer: inferBroadcast, gradient: rule(vjpBroadcast), fold: foldSameShape},
		OpTranspose:          {minInputs: 1, maxInputs: 1, attr: attr[Transpose](), infer: inferTranspose, gradient: rule(vjpTranspose), fold: foldTranspose},
		OpConcat:             {minInputs: 1, maxInputs: maxConcat, attr: attr[Axis](), infer: inferConcat, gradient: rule(vjpConcat)},
		OpSlice:              {minInputs: 1, maxInputs: 1, attr: attr[Slice](), infer: inferSlice, gradient: rule(vjpSlice), fold: foldSameShape},
		OpPad:                {minInputs: 1, maxInputs: 1, attr: attr[Pad](), infer: inferPad, gradient: rule(vjpPad), fold: foldSameShape},
		OpGather:             {minInputs: 2, maxInputs: 2, attr: attr[Axis](), infer: inferGather, gradient: rule(vjpGather)},
		OpGatherElements:     {minInputs: 2, maxInputs: 2, attr: attr[Axis](), infer: inferGatherElements, gradient: rule(vjpGatherElements)},
		OpScatterAddElements: {minInputs: 2, maxInputs: 2, attr: attr[Scatter](), infer: inferScatterAddElements, gradient: rule(vjpScatterAddElements)},
		OpStopGradient:       {minInputs: 1, maxInputs: 1, infer: inferSame, gradient: none("stops the gradient on purpose")},

		OpArgMax:     {minInputs: 1, maxInputs: 1, infer: inferArgMax, gradient: none("an index")},
		OpArgMaxPool: {minInputs: 1, maxInputs: 1, attr: attr[Pool](), infer: inferArgMaxPool, gradient: none("an index")},
		OpArgTopK:    {minInputs: 1, maxInputs: 1, attr: attr[TopK](), infer: inferArgTopK, gradient: none("indices")},
		OpOneHot:     {minInputs: 1, maxInputs: 1, attr: attr[OneHot](), infer: inferOneHot, gradient: none("a function of an index")},
		OpGreater:    {minInputs: 2, maxInputs: 2, infer: inferGreater, gradient: none("constant almost everywhere")},
		OpEqual:      {minInputs: 2, maxInputs: 2, infer: inferEqual, gradient: none("constant almost everywhere")},
		OpAnd:        {minInputs: 2, maxInputs: 2, infer: inferLogical, gradient: none("a condition")},
		OpOr:         {minInputs: 2, maxInputs: 2, infer: inferLogical, gradient: none("a condition")},
		OpNot:        {minInputs: 1, maxInputs: 1, infer: inferLogical, gradient: none("a condition")},
		OpSelect:     {minInputs: 3, maxInputs: 3, infer: inferSelect, gradient: rule(vjpSelect)},
		OpCast:       {minInputs: 1, maxInputs: 1, attr: attr[Cast](), infer: inferCast, gradient: none("from or to integers"), fold: foldCast},

		OpQuantize:     {minInputs: 1, maxInputs: 1, attr: attr[Quantized](), infer: inferQuantize, gradient: straightThrough(vjpQuantize)},
		OpDequantize:   {minInputs: 1, maxInputs: 1, infer: inferDequantize, gradient: straightThrough(vjpDequantize)},
		OpQuantConv:    {minInputs: 2, maxInputs: 3, attr: attr[QuantConv](), infer: inferQuantConv, gradient: decomposed(decomposeQuantConv)},
		OpQuantLinear:  {minInputs: 2, maxInputs: 3, attr: attr[Quantized](), infer: inferQuantLinear, gradient: decomposed(decomposeQuantLinear)},
		OpQuantAdd:     {minInputs: 2, maxInputs: 2, attr: attr[Quantized](), infer: inferQuantAdd, gradient: decomposed(decomposeQuantAdd)},
		OpQuantMul:     {minInputs: 2, maxInputs: 2, attr: attr[Quantized](), infer: inferQuantMul, gradient: decomposed(decomposeQuantMul)},
		OpQuantAvgPool: {minInputs: 1, maxInputs: 1, attr: attr[QuantPool](), infer: inferQuantAvgPool, gradient: decomposed(decomposeQuantAvgPool)},
		OpQuantMean:    {minInputs: 1, maxInputs: 1, attr: attr[QuantReduce](), infer: inferQuantMean, gradient: decomposed(decomposeQuantMean)},
		OpInt8Linear:   {minInputs: 2, maxInputs: 3, infer: inferInt8Linear, gradient: decomposed(decomposeInt8Linear)},
		OpInt8MatMul:   {minInputs: 2, maxInputs: 2, attr: attr[MatMul](), infer: inferInt8MatMul, gradient: decomposed(decomposeInt8MatMul)},
		OpQuantUnary:   {minInputs: 1, maxInputs: 1, attr: attr[QuantUnary](), infer: inferQuantUnary, gradient: decomposed(decomposeQuantUnary)},
	}
}

// Ops lists every op of the table, in alphabetical order.
func Ops() []Op { return slices.Sorted(maps.Keys(table)) }

// Gradient tells what the gradient cell of op holds, and for [GradientNone] why.
func Gradient(op Op) (GradientKind, string) {
	row, ok := table[op]
	if !ok {
		return GradientNone, "the op is not known"
	}
	return row.gradient.kind, row.gradient.why
}

func attr[T Attr]() reflect.Type { return reflect.TypeFor[T]() }

func (r *row) checkAttr(a Attr) error {
	if reflect.TypeOf(a) != r.attr {
		return fmt.Errorf("attributes are %T, want %v", a, r.attr)
	}
	if a == nil {
		return nil
	}
	return a.check()
}

// decodeAttr reads the attributes of an op from JSON.
func (r *row) decodeAttr(data json.RawMessage) (Attr, error) {
	if r.attr == nil {
		if data != nil {
			return nil, errors.New("has attributes, but the op takes none")
		}
		return nil, nil
	}
	if data == nil {
		return nil, errors.New("has no attributes")
	}
	p := reflect.New(r.attr)
	if err := strictUnmarshal(data, p.Interface()); err != nil {
		return nil, fmt.Errorf("attributes: %w", err)
	}
	return p.Elem().Interface().(Attr), nil
}

// strictUnmarshal refuses unknown fields and anything after the value.
func strictUnmarshal(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); err != io.EOF {
		return errors.New("more than one JSON value")
	}
	return nil
}
