package graph

import (
	"fmt"

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
// channel, and the bias, if there is one, is int32.
func wantWeights(in []tensor.Type) error {
	w := in[1]
	if w.DType != tensor.Int8 || w.Quant == nil || !w.Quant.IsPerTensor() && w.Quant.Axis != 0 {
		return fmt.Errorf("weights are %v, want I8 quantized per tensor or per output channel", w)
	}
	if len(in) == 3 && in[2].DType != tensor.Int32 {
		return fmt.Errorf("bias is %v, want I32", in[2])
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

func inferQuantElementwise(a Attr, in []tensor.Type) (tensor.Type, error) {
	shape, err := broadcastShapes(in[0].Shape, in[1].Shape)
	return quantizedType(shape, a.(Quantized)), firstError(err, wantInt8(in...))
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
