package tflite

import (
	"errors"
	"fmt"
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// activation is what an operator applies to its result, by its number in enum
// ActivationFunctionType of the schema.
type activation int8

const (
	activationNone      activation = 0
	activationReLU      activation = 1
	activationReLUN1To1 activation = 2
	activationReLU6     activation = 3
)

// unlimited is the range of no activation.
var unlimited = graph.Clamp{Min: float32(math.Inf(-1)), Max: float32(math.Inf(1))}

// limits returns the range that the activation leaves.
func (a activation) limits() (graph.Clamp, error) {
	switch a {
	case activationNone:
		return unlimited, nil
	case activationReLU:
		return graph.ReLU, nil
	case activationReLUN1To1:
		return graph.Clamp{Min: -1, Max: 1}, nil
	case activationReLU6:
		return graph.ReLU6, nil
	case 4:
		return unlimited, errors.New("the fused activation TANH is not supported")
	case 5:
		return unlimited, errors.New("the fused activation SIGN_BIT is not supported")
	}
	return unlimited, fmt.Errorf("the fused activation %d is not known", int8(a))
}

// quantizedTo returns the int8 range of real numbers within limits.
func quantizedTo(q *tensor.Quantization, limits graph.Clamp) graph.Quantized {
	to := graph.QuantizedTo(q.Scale[0], q.ZeroPoint[0])
	to.Min, to.Max = quantizedBound(limits.Min, q), quantizedBound(limits.Max, q)
	return to
}

// quantizedBound rounds half away from zero, as TensorFlow Lite does for the
// bounds of activations.
func quantizedBound(x float32, q *tensor.Quantization) int8 {
	bound := math.Round(float64(x/q.Scale[0])) + float64(q.ZeroPoint[0])
	return int8(min(max(bound, math.MinInt8), math.MaxInt8))
}

// activated appends what build makes, under the name of the operator's result,
// with a clamp behind it where the operator limits its result.
func (im *importer) activated(op *operator, build func(name string) graph.ID) (graph.ID, error) {
	limits, err := op.options.activation.limits()
	if err != nil {
		return graph.None, err
	}
	name := im.name(op)
	if limits == unlimited {
		return build(name), nil
	}
	return im.Apply(graph.OpClamp, name, limits, build(name+"/pre_activation")), nil
}

// output returns how the operator's int8 result is quantized, within the range
// of its activation.
func (im *importer) output(op *operator) (graph.Quantized, error) {
	limits, err := op.options.activation.limits()
	if err != nil {
		return graph.Quantized{}, err
	}
	return im.outputWithin(op, limits)
}

func (im *importer) outputWithin(op *operator, limits graph.Clamp) (graph.Quantized, error) {
	q, err := im.tensors[op.outputs[0]].perTensor()
	if err != nil {
		return graph.Quantized{}, err
	}
	return quantizedTo(q, limits), nil
}

// has tells whether an int8 value is quantized as to says and needs no limit.
func (im *importer) has(x graph.ID, to graph.Quantized) bool {
	full := graph.QuantizedTo(to.Scale, to.ZeroPoint)
	return to == full && im.Type(x).Quant.Equal(to.Quantization())
}

// requantized returns an int8 value in another quantization, x itself where it
// has that already.
func (im *importer) requantized(x graph.ID, name string, to graph.Quantized) graph.ID {
	if im.has(x, to) {
		return x
	}
	return im.Apply(graph.OpQuantUnary, name, graph.QuantUnary{Function: graph.Identity, Output: to}, x)
}

// moved appends what build makes of x by moving values. An int8 result keeps
// the quantization of x; where the file gives it another one, or limits it, that
// becomes a step of its own.
func (im *importer) moved(op *operator, x graph.ID, build func(name string) graph.ID) (graph.ID, error) {
	quantized, err := im.quantized(op, x)
	if err != nil {
		return graph.None, err
	}
	if !quantized {
		return im.activated(op, build)
	}
	to, err := im.output(op)
	if err != nil {
		return graph.None, err
	}
	name := im.name(op)
	if im.has(x, to) {
		return build(name), nil
	}
	return im.requantized(build(name+"/moved"), name, to), nil
}
