package tflite

import (
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// convertPad: x, the padding [rank × 2], and for PADV2 the value, else real 0.
func convertPad(im *importer, op *operator) (graph.ID, error) {
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	at, err := im.padding(op, len(im.Shape(x)))
	if err != nil {
		return graph.None, err
	}
	return im.moved(op, x, func(name string) graph.ID {
		if im.absorb(op, at) {
			return x
		}
		return im.Apply(graph.OpPad, name, at, x)
	})
}

func (im *importer) padding(op *operator, rank int) (graph.Pad, error) {
	amounts, err := im.integers(op, 1)
	if err != nil {
		return graph.Pad{}, err
	}
	if len(amounts) != 2*rank {
		return graph.Pad{}, fmt.Errorf("%d amounts of padding for %d axes", len(amounts), rank)
	}
	at := graph.Pad{Before: make([]int, rank), After: make([]int, rank)}
	for axis := range rank {
		at.Before[axis], at.After[axis] = amounts[2*axis], amounts[2*axis+1]
	}
	if op.builtin == opPadV2 {
		at.Value, err = im.number(op, 2)
	}
	return at, err
}

// number returns the real number that a constant scalar stands for.
func (im *importer) number(op *operator, i int) (float32, error) {
	index, err := op.input(i)
	if err != nil {
		return 0, err
	}
	v, err := im.value(&im.tensors[index])
	switch {
	case err != nil:
		return 0, err
	case v.Shape.Elements() != 1:
		return 0, fmt.Errorf("the value to pad with has shape %v, want one number", v.Shape)
	case v.DType == tensor.Float32:
		return tensor.Elements[float32](v)[0], nil
	case v.Quant.IsPerTensor():
		return v.Quant.Scale[0] * float32(int32(tensor.Elements[int8](v)[0])-v.Quant.ZeroPoint[0]), nil
	}
	return 0, fmt.Errorf("the value to pad with is %v, want float32, int8 or uint8", v.DType)
}

// absorb leaves the padding to the one convolution that reads it, where that
// has none of its own: exporters write the padding of PyTorch so. It tells
// whether it did.
func (im *importer) absorb(op *operator, at graph.Pad) bool {
	result := op.outputs[0]
	reader := im.reader[result]
	if im.readers[result] != 1 || reader == nil || reader.inputs[0] != result || at.Value != 0 || !insideImage(at) {
		return false
	}
	if reader.builtin != opConv && reader.builtin != opDepthwiseConv || reader.options.padding != paddingValid {
		return false
	}
	im.absorbed[result] = graph.Sides{at.Before[1], at.Before[2], at.After[1], at.After[2]}
	return true
}

// insideImage tells whether only height and width are padded, by amounts that a
// convolution can have.
func insideImage(at graph.Pad) bool {
	if len(at.Before) != 4 || at.Before[0]|at.After[0]|at.Before[3]|at.After[3] != 0 {
		return false
	}
	amounts := slices.Concat(at.Before, at.After)
	return slices.Min(amounts) >= 0 && slices.Max(amounts) <= maxStep
}
