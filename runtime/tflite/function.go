package tflite

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// unary converts a function of one value that the graph knows for float and,
// under another name, for int8.
func unary(float graph.Op, function string) conversion {
	return func(im *importer, op *operator) (graph.ID, error) {
		x, err := im.operand(op, 0)
		if err != nil {
			return graph.None, err
		}
		quantized, err := im.quantized(op, x)
		if err != nil {
			return graph.None, err
		}
		if quantized {
			to, err := im.output(op)
			return im.Apply(graph.OpQuantUnary, im.name(op), graph.QuantUnary{Function: function, Output: to}, x), err
		}
		return im.Apply(float, im.name(op), nil, x), nil
	}
}

// clamp converts an activation that stands on its own.
func clamp(a activation) conversion {
	return func(im *importer, op *operator) (graph.ID, error) {
		x, err := im.operand(op, 0)
		if err != nil {
			return graph.None, err
		}
		quantized, err := im.quantized(op, x)
		if err != nil {
			return graph.None, err
		}
		limits, err := a.limits()
		if err != nil {
			return graph.None, err
		}
		if quantized {
			to, err := im.outputWithin(op, limits)
			return im.requantized(x, im.name(op), to), err
		}
		return im.Apply(graph.OpClamp, im.name(op), limits, x), nil
	}
}

// convertSoftmax: along the last axis, of beta times the values. There is no
// softmax of int8 values: the steps to float and back are nodes of their own.
func convertSoftmax(im *importer, op *operator) (graph.ID, error) {
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	quantized, err := im.quantized(op, x)
	if err != nil {
		return graph.None, err
	}
	x = im.Real(x)
	if op.options.beta != 1 {
		x = im.Mul(x, im.Scalar(op.options.beta))
	}
	if !quantized {
		return im.Apply(graph.OpSoftmax, im.name(op), nil, x), nil
	}
	to, err := im.output(op)
	y := im.Apply(graph.OpSoftmax, im.name(op)+"/real", nil, x)
	return im.Apply(graph.OpQuantize, im.name(op), to, y), err
}

// convertQuantize: float32 to int8, or int8 and uint8 to another quantization;
// nothing at all where that is the one they have.
func convertQuantize(im *importer, op *operator) (graph.ID, error) {
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	to, err := im.output(op)
	if err != nil {
		return graph.None, err
	}
	if im.Type(x).DType == tensor.Float32 {
		return im.Apply(graph.OpQuantize, im.name(op), to, x), nil
	}
	return im.requantized(x, im.name(op), to), nil
}

// convertDequantize refuses constants: those are the weights of networks that
// were only made smaller, not faster.
func convertDequantize(im *importer, op *operator) (graph.ID, error) {
	index, err := op.input(0)
	if err != nil {
		return graph.None, err
	}
	if info := &im.tensors[index]; info.data != nil {
		if info.kind == typeFloat16 {
			return graph.None, errFloat16
		}
		return graph.None, errHybrid
	}
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	if result := im.tensors[op.outputs[0]].kind; result != typeFloat32 {
		return graph.None, fmt.Errorf("result is %v, want float32", result)
	}
	return im.Apply(graph.OpDequantize, im.name(op), nil, x), nil
}
