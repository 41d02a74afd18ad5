package graph

import (
	"fmt"
	"math"

	"megl-edge/runtime/tensor"
)

// Quantized says how an op's real result becomes int8: one scale and zero point,
// and the range that its activation leaves.
type Quantized struct {
	Scale     float32 `json:"scale"`
	ZeroPoint int32   `json:"zero_point"`
	Min       int8    `json:"min"`
	Max       int8    `json:"max"`
}

// QuantizedTo returns the full int8 range at the given scale and zero point.
func QuantizedTo(scale float32, zeroPoint int32) Quantized {
	return Quantized{scale, zeroPoint, math.MinInt8, math.MaxInt8}
}

func (a Quantized) check() error {
	if a.Min > a.Max {
		return fmt.Errorf("range %d to %d is empty", a.Min, a.Max)
	}
	return a.Quantization().Check(tensor.Int8, nil)
}

// Quantization returns the scale and zero point in the form a type holds.
func (a Quantized) Quantization() *tensor.Quantization {
	return tensor.PerTensor(a.Scale, a.ZeroPoint)
}

// Range returns the least and the greatest real result, rounded to float32 as
// dequantize rounds them.
func (a Quantized) Range() Clamp {
	real := func(q int8) float32 { return float32(float32(int32(q)-a.ZeroPoint) * a.Scale) }
	return Clamp{real(a.Min), real(a.Max)}
}

// QuantConv is a convolution with an int8 result.
type QuantConv struct {
	Conv
	Output Quantized `json:"output"`
}

func (a QuantConv) check() error { return firstError(a.Conv.check(), a.Output.check()) }

// QuantPool is an average pooling with an int8 result.
type QuantPool struct {
	Pool
	Output Quantized `json:"output"`
}

func (a QuantPool) check() error { return firstError(a.Pool.check(), a.Output.check()) }

// QuantReduce is a reduction with an int8 result.
type QuantReduce struct {
	Reduce
	Output Quantized `json:"output"`
}

func (a QuantReduce) check() error { return firstError(a.Reduce.check(), a.Output.check()) }

// The functions of quant_unary; an activation range comes on top, in the output.
const (
	Identity  = "identity"
	Sigmoid   = "sigmoid"
	HardSwish = "hard_swish"
)

// QuantUnary is a function of one value with an int8 result.
type QuantUnary struct {
	Function string    `json:"function"`
	Output   Quantized `json:"output"`
}

func (a QuantUnary) check() error {
	switch a.Function {
	case Identity, Sigmoid, HardSwish:
		return a.Output.check()
	}
	return fmt.Errorf("function %.32q is not known", a.Function)
}
