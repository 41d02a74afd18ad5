package graph

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/tensor"
)

// wantInt8 fails unless all inputs are int8 with one scale and zero point.
func wantInt8(in ...tensor.Type) error {
	for i, t := range in {
		if t.DType != tensor.Int8 || t.Quant == nil || !t.Quant.IsPerTensor() {
			return fmt.Errorf("input %d is %v, want I8 quantized per tensor", i, t)
		}
	}
	return nil
}

// wantWeights fails unless w is int8, quantized per tensor or per output
// channel, and the bias, if there is one, is int32 in units of input scale ·
// weight scale.
func wantWeights(in []tensor.Type) error {
	x, w := in[0], in[1]
	if w.DType != tensor.Int8 || w.Quant == nil || !w.Quant.IsPerTensor() && w.Quant.Axis != 0 {
		return fmt.Errorf("weights are %v, want I8 quantized per tensor or per output channel", w)
	}
	if len(in) == 2 {
		return nil
	}
	return wantBias(in[2], x.Quant.Scale[0], w.Quant.Scale)
}

// biasTolerance is how far a bias's own scale may be off, relative to input
// scale · weight scale: exporters compute it in various precisions. What the
// bias is worth follows from the product alone.
const biasTolerance = 1e-3

func wantBias(bias tensor.Type, xScale float32, wScales []float32) error {
	if bias.DType != tensor.Int32 || bias.Quant == nil {
		return fmt.Errorf("bias is %v, want I32 quantized by input scale · weight scale", bias)
	}
	scales, zeroPoints := bias.Quant.Scale, bias.Quant.ZeroPoint
	if slices.ContainsFunc(zeroPoints, func(z int32) bool { return z != 0 }) {
		return errors.New("bias has a zero point other than 0")
	}
	for c := range max(len(scales), len(wScales)) {
		want := float64(xScale) * float64(wScales[c%len(wScales)])
		if got := float64(scales[c%len(scales)]); math.Abs(got-want) > biasTolerance*want {
			return fmt.Errorf("bias of output channel %d has scale %g, input scale · weight scale is %g", c, got, want)
		}
	}
	return nil
}

func quantizedType(shape tensor.Shape, to Quantized) tensor.Type {
	return tensor.Type{DType: tensor.Int8, Shape: shape, Quant: to.Quantization()}
}

func inferQuantize(a Attr, in []tensor.Type) (tensor.Type, error) {
	return quantizedType(in[0].Shape, a.(Quantized)), wantFloat(in[0])
}

func inferDequantize(_ Attr, in []tensor.Type) (tensor.Type, error) {
	if in[0].Quant == nil || in[0].DType != tensor.Int8 && in[0].DType != tensor.Int32 {
		return tensor.Type{}, fmt.Errorf("input %v is not quantized to I8 or I32", in[0])
	}
	return floatType(in[0].Shape), nil
}

func inferQuantConv(at Attr, in []tensor.Type) (tensor.Type, error) {
	a := at.(QuantConv)
	shape, err := convShape(a.Conv, in)
	return quantizedType(shape, a.Output), firstError(err, wantInt8(in[0]), wantWeights(in))
}

func inferQuantLinear(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := linearShape(in)
	return quantizedType(shape, a.(Quantized)), firstError(err, wantInt8(in[0]), wantWeights(in))
}

func inferQuantMul(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := broadcastShapes(in[0].Shape, in[1].Shape)
	return quantizedType(shape, a.(Quantized)), firstError(err, wantInt8(in...))
}

func inferQuantAdd(a Attr, in []tensor.Type) (tensor.Type, error) {
	if !in[0].Shape.Equal(in[1].Shape) {
		return tensor.Type{}, fmt.Errorf("operands %v and %v must have one shape", in[0], in[1])
	}
	return quantizedType(in[0].Shape, a.(Quantized)), wantInt8(in...)
}

func inferQuantAvgPool(at Attr, in []tensor.Type) (tensor.Type, error) {
	a := at.(QuantPool)
	shape, err := poolShape(a.Pool, in[0].Shape)
	return quantizedType(shape, a.Output), firstError(err, wantInt8(in[0]))
}

func inferQuantMean(at Attr, in []tensor.Type) (tensor.Type, error) {
	a := at.(QuantReduce)
	shape, err := reduceShape(a.Reduce, in[0].Shape)
	return quantizedType(shape, a.Output), firstError(err, wantInt8(in[0]))
}

func inferQuantUnary(a Attr, in []tensor.Type) (tensor.Type, error) {
	return quantizedType(in[0].Shape, a.(QuantUnary).Output), wantInt8(in[0])
}

func inferInt8Linear(_ Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := linearShape(in)
	if in[0].Quant != nil {
		err = firstError(err, wantInt8(in[0]))
	} else {
		err = firstError(err, wantFloat(in[0]))
	}
	if len(in) == 3 {
		err = firstError(err, wantFloat(in[2]))
	}
	return floatType(shape), firstError(err, wantWeights(in[:2]))
}

func inferInt8MatMul(at Attr, in []tensor.Type) (tensor.Type, error) {
	if at.(MatMul).TransposeA {
		return tensor.Type{}, errors.New("the first operand cannot be transposed")
	}
	t, err := inferMatMul(at, in)
	return t, firstError(err, wantFloat(in...))
}
