package export_test

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// layers appends a small MobileNet: a convolution, a depthwise one, a gate for
// every channel, a residual, a pool, two branches joined, and a linear layer.
func layers(n *network) graph.ID {
	x := n.Apply(graph.OpConv, "stem", oddConv, n.image, n.floats(4, 3, 3, 3), n.floats(4))
	x = n.Apply(graph.OpHardSwish, "stem/swish", nil, x)
	same := graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{1, 1, 1, 1}, Groups: 4}
	y := n.Apply(graph.OpConv, "depthwise", same, x, n.floats(4, 3, 3, 1))
	y = n.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: 0.001}, y, n.positive(4), n.floats(4), n.floats(4), n.positive(4))
	mean := n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, y)
	gate := n.apply(graph.OpSigmoid, nil, n.Apply(graph.OpConv, "gate", unitConv, mean, n.floats(4, 1, 1, 4), n.floats(4)))
	y = n.Mul(y, gate)
	y = n.Apply(graph.OpClamp, "residual", graph.ReLU6, n.Add(x, y))
	y = n.apply(graph.OpPad, graph.Pad{Before: []int{0, 1, 1, 0}, After: []int{0, 0, 0, 0}}, y)
	pooled := n.apply(graph.OpMaxPool, oddPool, y)
	averaged := n.apply(graph.OpAvgPool, oddPool, y)
	y = n.apply(graph.OpConcat, graph.Axis{Axis: 3}, pooled, averaged)
	y = n.Apply(graph.OpConv, "features", unitConv, y, n.floats(6, 1, 1, 8), n.floats(6))
	features := n.Apply(graph.OpClamp, "features/relu", graph.ReLU, y)
	return n.Apply(graph.OpReduceMean, "mean", graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, features)
}

// classifier appends the layer of three classes.
func classifier(n *network, mean, weights graph.ID) graph.ID {
	rows := n.Reshape(mean, tensor.Shape{1, n.Shape(mean).Elements()})
	return n.Apply(graph.OpLinear, "classes", nil, rows, weights, n.floats(3))
}

// quantLayers is what a quantized network has: layers, a sum, a mean.
func quantLayers(n *network) graph.ID {
	x := n.Apply(graph.OpQuantize, "photo", graph.QuantizedTo(0.02, -5), n.image)
	w := n.weights(true, 4, 3, 3, 3)
	conv := graph.Conv{Stride: graph.HW{2, 2}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{0, 0, 1, 1}, Groups: 1}
	x = n.Apply(graph.OpQuantConv, "stem", graph.QuantConv{Conv: conv, Output: narrow}, x, w, n.bias(x, w))
	w = n.weights(true, 4, 1, 1, 4)
	y := n.Apply(graph.OpQuantConv, "features", graph.QuantConv{Conv: unitConv, Output: toInt8}, x, w, n.bias(x, w))
	y = n.Apply(graph.OpQuantAdd, "residual", graph.QuantizedTo(0.05, 0), x, y)
	mean := graph.QuantReduce{Reduce: graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, Output: graph.QuantizedTo(0.05, 0)}
	y = n.Reshape(n.Apply(graph.OpQuantMean, "mean", mean, y), tensor.Shape{1, 4})
	w = n.weights(true, 3, 4)
	return n.Apply(graph.OpQuantLinear, "classes", graph.QuantizedTo(0.1, 1), y, w, n.bias(y, w))
}
