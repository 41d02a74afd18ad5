package tflite

import (
	"fmt"

	"megl-edge/runtime/graph"
)

func convertMaxPool(im *importer, op *operator) (graph.ID, error) {
	x, at, err := im.pool(op)
	if err != nil {
		return graph.None, err
	}
	return im.moved(op, x, func(name string) graph.ID { return im.Apply(graph.OpMaxPool, name, at, x) })
}

// convertAveragePool: an average over the whole image is written as a mean, so
// that heads look alike.
func convertAveragePool(im *importer, op *operator) (graph.ID, error) {
	x, at, err := im.pool(op)
	if err != nil {
		return graph.None, err
	}
	if shape := im.Shape(x); at.Kernel == (graph.HW{shape[1], shape[2]}) && at.Pad == (graph.Sides{}) {
		return im.mean(op, x, graph.Reduce{Axes: []int{1, 2}, KeepDims: true})
	}
	quantized, err := im.quantized(op, x)
	if err != nil {
		return graph.None, err
	}
	if quantized {
		to, err := im.output(op)
		return im.Apply(graph.OpQuantAvgPool, im.name(op), graph.QuantPool{Pool: at, Output: to}, x), err
	}
	return im.activated(op, func(name string) graph.ID { return im.Apply(graph.OpAvgPool, name, at, x) })
}

// pool returns the image and the window of a pooling operator. Averages leave
// the padding out.
func (im *importer) pool(op *operator) (x graph.ID, at graph.Pool, err error) {
	if x, err = im.operand(op, 0); err != nil {
		return x, at, err
	}
	shape := im.Shape(x)
	if len(shape) != 4 {
		return x, at, fmt.Errorf("image %v must have 4 dimensions", shape)
	}
	at = graph.Pool{Kernel: op.options.window, Stride: op.options.stride}
	at.Pad, err = padFor(&op.options, shape, at.Kernel, graph.HW{1, 1})
	return x, at, err
}

func convertMean(im *importer, op *operator) (graph.ID, error) {
	x, err := im.operand(op, 0)
	if err != nil {
		return graph.None, err
	}
	axes, err := im.integers(op, 1)
	if err != nil {
		return graph.None, err
	}
	if axes, err = normalizedAxes(axes, len(im.Shape(x))); err != nil {
		return graph.None, err
	}
	return im.mean(op, x, graph.Reduce{Axes: axes, KeepDims: op.options.keepDims})
}

func (im *importer) mean(op *operator, x graph.ID, at graph.Reduce) (graph.ID, error) {
	quantized, err := im.quantized(op, x)
	if err != nil {
		return graph.None, err
	}
	if quantized {
		to, err := im.output(op)
		return im.Apply(graph.OpQuantMean, im.name(op), graph.QuantReduce{Reduce: at, Output: to}, x), err
	}
	return im.activated(op, func(name string) graph.ID { return im.Apply(graph.OpReduceMean, name, at, x) })
}
