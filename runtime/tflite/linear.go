package tflite

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// convertFullyConnected: x, flattened to [m × k], weights [n × k], bias? [n].
func convertFullyConnected(im *importer, op *operator) (graph.ID, error) {
	if op.options.weightFormat != 0 {
		return graph.None, fmt.Errorf("weights are stored shuffled (format %d): convert without", op.options.weightFormat)
	}
	l, err := im.layer(op)
	if err != nil {
		return graph.None, err
	}
	x, weights := im.Shape(l.x), l.weights.Shape
	if len(weights) != 2 || len(x) == 0 || x.Elements()%weights[1] != 0 {
		return graph.None, fmt.Errorf("values %v and weights %v do not fit", x, weights)
	}
	shape := tensor.Shape{x.Elements() / weights[1], weights[0]}
	if op.options.keepDims {
		shape = append(x[:len(x)-1].Clone(), weights[0])
	}
	return im.linear(op, l, shape)
}

// linear appends a product with weights [n × k] and gives it the given shape.
func (im *importer) linear(op *operator, l layer, shape tensor.Shape) (graph.ID, error) {
	k := l.weights.Shape[1]
	l.x = im.Reshape(l.x, tensor.Shape{im.Shape(l.x).Elements() / k, k})
	operands, err := im.operands(op, l)
	if err != nil {
		return graph.None, err
	}
	if l.int8 {
		to, err := im.output(op)
		return im.product(graph.OpQuantLinear, im.name(op), to, operands, shape), err
	}
	return im.activated(op, func(name string) graph.ID { return im.product(graph.OpLinear, name, nil, operands, shape) })
}

func (im *importer) product(op graph.Op, name string, at graph.Attr, operands []graph.ID, shape tensor.Shape) graph.ID {
	if len(shape) == 2 {
		return im.Apply(op, name, at, operands...)
	}
	return im.Apply(graph.OpReshape, name, graph.Shape{Shape: shape}, im.Apply(op, name+"/linear", at, operands...))
}
