package tflite

import (
	"errors"
	"fmt"
	"math"

	"megl-edge/runtime/graph"
)

var activationRanges = map[int8]graph.Clamp{
	activationRelu:     graph.ReLU,
	activationReluN1To: {Min: -1, Max: 1},
	activationRelu6:    graph.ReLU6,
}

// activate emits a float operator and the activation fused into it. The result
// has the operator's name; what is before the activation says so.
func (im *importer) activate(op *operator, emit func(name string) graph.ID) error {
	if op.options.activation == activationNone {
		im.set(op, emit(im.name(op)))
		return nil
	}
	limits, ok := activationRanges[op.options.activation]
	if !ok {
		return fmt.Errorf("has the fused activation number %d, which is not supported", op.options.activation)
	}
	before := emit(im.name(op) + "/before_activation")
	im.set(op, im.b.Apply(graph.OpClamp, im.name(op), limits, before))
	return nil
}

// outputQuantization returns the quantization of an operator's int8 result,
// limited by its fused activation.
func (im *importer) outputQuantization(op *operator) (graph.Quantized, error) {
	full, err := im.quantizationOf(op.outputs[0])
	if err != nil || op.options.activation == activationNone {
		return full, err
	}
	limits, ok := activationRanges[op.options.activation]
	if !ok {
		return full, fmt.Errorf("has the fused activation number %d, which is not supported", op.options.activation)
	}
	return limited(full, limits), nil
}

// quantizationOf returns the one scale and zero point of an int8 tensor.
func (im *importer) quantizationOf(index int) (graph.Quantized, error) {
	q, err := im.tensors[index].quantization()
	if err != nil {
		return graph.Quantized{}, err
	}
	if q == nil || !q.IsPerTensor() {
		return graph.Quantized{}, errors.New("its result has no quantization, or one for each channel")
	}
	return graph.QuantizedTo(q.Scale[0], q.ZeroPoint[0]), nil
}

// limited narrows a quantized range to the real values that an activation
// leaves.
func limited(q graph.Quantized, limits graph.Clamp) graph.Quantized {
	stored := func(real float32) int8 {
		at := math.RoundToEven(float64(real)/float64(q.Scale)) + float64(q.ZeroPoint)
		return int8(min(max(at, math.MinInt8), math.MaxInt8))
	}
	q.Min, q.Max = stored(limits.Min), stored(limits.Max)
	return q
}
