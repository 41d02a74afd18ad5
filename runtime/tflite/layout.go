package tflite

import (
	"errors"
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// convertReshape: the new shape is a constant input or an option; one length
// may be −1 and follows from the others.
func convertReshape(im *importer, op *operator) (graph.ID, error) {
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	shape := op.options.list
	if len(op.inputs) > 1 && op.inputs[1] >= 0 {
		if shape, err = im.integers(op, 1); err != nil {
			return graph.None, err
		}
	}
	to, err := completeShape(shape, im.Shape(x).Elements())
	if err != nil {
		return graph.None, err
	}
	return im.reshaped(op, x, to)
}

// completeShape fills in a length of −1, for a number of elements that is not 0.
func completeShape(shape []int, elements int) (tensor.Shape, error) {
	complete := tensor.Shape(slices.Clone(shape))
	unknown := slices.Index(shape, -1)
	if unknown >= 0 {
		complete[unknown] = 1
	}
	if err := complete.Check(1); err != nil {
		return nil, err
	}
	known := complete.Elements()
	if unknown >= 0 {
		if known == 0 || elements%known != 0 {
			return nil, fmt.Errorf("%d elements do not fit shape %v", elements, shape)
		}
		complete[unknown] = elements / known
	}
	return complete, nil
}

func (im *importer) reshaped(op *operator, x graph.ID, shape tensor.Shape) (graph.ID, error) {
	return im.moved(op, x, func(name string) graph.ID {
		if im.Shape(x).Equal(shape) {
			return x
		}
		return im.Apply(graph.OpReshape, name, graph.Shape{Shape: shape}, x)
	})
}

// convertSqueeze drops the given axes, or all that are one long.
func convertSqueeze(im *importer, op *operator) (graph.ID, error) {
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	from := im.Shape(x)
	axes, err := normalizedAxes(op.options.list, len(from))
	if err != nil {
		return graph.None, err
	}
	shape := tensor.Shape{}
	for axis, d := range from {
		dropped := slices.Contains(axes, axis)
		if dropped && d != 1 {
			return graph.None, fmt.Errorf("axis %d of %v is not one long", axis, from)
		}
		if !dropped && (len(axes) > 0 || d != 1) {
			shape = append(shape, d)
		}
	}
	return im.reshaped(op, x, shape)
}

func convertTranspose(im *importer, op *operator) (graph.ID, error) {
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	perm, err := im.integers(op, 1)
	if err != nil {
		return graph.None, err
	}
	for i := range perm {
		if perm[i], err = normalizedAxis(perm[i], len(im.Shape(x))); err != nil {
			return graph.None, err
		}
	}
	return im.moved(op, x, func(name string) graph.ID {
		return im.Apply(graph.OpTranspose, name, graph.Transpose{Perm: perm}, x)
	})
}

// convertConcatenation brings int8 inputs to the quantization of the result
// first.
func convertConcatenation(im *importer, op *operator) (graph.ID, error) {
	var parts []graph.ID
	for i := range op.inputs {
		x, err := im.operand(op, i)
		if err != nil {
			return graph.None, err
		}
		parts = append(parts, x)
	}
	if len(parts) == 0 {
		return graph.None, errors.New("has no inputs")
	}
	quantized, err := im.quantized(op, parts...)
	if err != nil {
		return graph.None, err
	}
	axis, err := normalizedAxis(op.options.axis, len(im.Shape(parts[0])))
	if err != nil {
		return graph.None, err
	}
	join := func(name string) graph.ID { return im.Apply(graph.OpConcat, name, graph.Axis{Axis: axis}, parts...) }
	if !quantized {
		return im.activated(op, join)
	}
	to, err := im.output(op)
	if err != nil {
		return graph.None, err
	}
	for i, x := range parts {
		parts[i] = im.requantized(x, im.Node(x).Name+"/requantized", to)
	}
	return join(im.name(op)), nil
}
