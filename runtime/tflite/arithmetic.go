package tflite

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func convertAdd(im *importer, op *operator) (graph.ID, error) {
	a, b, quantized, err := im.pair(op)
	if err != nil {
		return graph.None, err
	}
	if quantized {
		return im.quantAdd(op, a, b)
	}
	return im.activated(op, func(name string) graph.ID { return im.Apply(graph.OpAdd, name, nil, a, b) })
}

// convertSub: there is no difference of int8 values, but their negation is
// exact.
func convertSub(im *importer, op *operator) (graph.ID, error) {
	a, b, quantized, err := im.pair(op)
	if err != nil {
		return graph.None, err
	}
	if quantized {
		return im.quantAdd(op, a, im.negated(b))
	}
	return im.activated(op, func(name string) graph.ID { return im.Apply(graph.OpSub, name, nil, a, b) })
}

func convertMul(im *importer, op *operator) (graph.ID, error) {
	a, b, quantized, err := im.pair(op)
	if err != nil {
		return graph.None, err
	}
	if quantized {
		to, err := im.output(op)
		return im.Apply(graph.OpQuantMul, im.name(op), to, a, b), err
	}
	return im.activated(op, func(name string) graph.ID { return im.Apply(graph.OpMul, name, nil, a, b) })
}

// pair returns the operands of an operator, and whether they are int8.
func (im *importer) pair(op *operator) (a, b graph.ID, quantized bool, err error) {
	if a, err = im.operand(op, 0); err != nil {
		return a, b, false, err
	}
	if b, err = im.operand(op, 1); err != nil {
		return a, b, false, err
	}
	quantized, err = im.quantized(op, a, b)
	return a, b, quantized, err
}

// quantAdd adds int8 values, spread to one shape first.
func (im *importer) quantAdd(op *operator, a, b graph.ID) (graph.ID, error) {
	to, err := im.output(op)
	if err != nil {
		return graph.None, err
	}
	if !im.Shape(a).Equal(im.Shape(b)) {
		shape := im.tensors[op.outputs[0]].shape
		a, b = im.spread(a, shape), im.spread(b, shape)
	}
	return im.Apply(graph.OpQuantAdd, im.name(op), to, a, b), nil
}

func (im *importer) spread(x graph.ID, shape tensor.Shape) graph.ID {
	if im.Shape(x).Equal(shape) {
		return x
	}
	return im.Apply(graph.OpBroadcast, "", graph.Shape{Shape: shape}, x)
}

// negated returns −x for an int8 value: with the zero point −1 − z, the stored
// number −1 − q stands for exactly the negative of what q stood for, and is
// int8 too.
func (im *importer) negated(x graph.ID) graph.ID {
	q := im.Type(x).Quant
	minusOne := tensor.Must(tensor.Of(tensor.Shape{}, []int8{-1})).WithQuant(tensor.PerTensor(1, 0))
	to := graph.QuantizedTo(q.Scale[0], -1-q.ZeroPoint[0])
	return im.Apply(graph.OpQuantMul, im.Node(x).Name+"/negated", to, x, im.Constant("minus_one", minusOne))
}
