package tflite

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// maxStep bounds strides, dilations and windows, as the graph does: nothing
// overflows below it.
const maxStep = 1 << 12

// convertConv: x [1 × h × w × c], filter [o × kh × kw × c/groups], bias? [o].
func convertConv(im *importer, op *operator) (graph.ID, error) {
	l, err := im.layer(op)
	if err != nil {
		return graph.None, err
	}
	x, filter := im.Shape(l.x), l.weights.Shape
	if len(x) != 4 || len(filter) != 4 || x[3]%filter[3] != 0 {
		return graph.None, fmt.Errorf("image %v and filter %v do not fit", x, filter)
	}
	return im.conv(op, l, x[3]/filter[3])
}

// convertDepthwiseConv: x [1 × h × w × c], filter [1 × kh × kw × c·multiplier],
// bias? [c·multiplier]; output channel o reads input channel o/multiplier.
func convertDepthwiseConv(im *importer, op *operator) (graph.ID, error) {
	l, err := im.layer(op)
	if err != nil {
		return graph.None, err
	}
	x, filter := im.Shape(l.x), l.weights.Shape
	if len(x) != 4 || len(filter) != 4 || filter[0] != 1 || filter[3]%x[3] != 0 {
		return graph.None, fmt.Errorf("image %v and filter %v do not fit", x, filter)
	}
	if l.weights, err = channelsFirst(l.weights); err != nil {
		return graph.None, err
	}
	return im.conv(op, l, x[3])
}

// channelsFirst turns a filter [1 × kh × kw × o] into [o × kh × kw × 1], and a
// quantization along its last axis into one along the first.
func channelsFirst(t tensor.Tensor) (tensor.Tensor, error) {
	shape := t.Shape
	if q := t.Quant; q != nil && !q.IsPerTensor() {
		if q.Axis != 3 {
			return t, fmt.Errorf("filter has scales along axis %d, want 3", q.Axis)
		}
		t.Quant = &tensor.Quantization{Scale: q.Scale, ZeroPoint: q.ZeroPoint}
	}
	t.Shape = tensor.Shape{shape[3], shape[1], shape[2], 1}
	y := tensor.Zeros(t.Type)
	size, taps, channels := t.DType.Size(), shape[1]*shape[2], shape[3]
	for tap := range taps {
		for c := range channels {
			copy(y.Data[(c*taps+tap)*size:][:size], t.Data[(tap*channels+c)*size:])
		}
	}
	return y, nil
}

// conv appends a convolution whose filter is in the graph's layout.
func (im *importer) conv(op *operator, l layer, groups int) (graph.ID, error) {
	x, filter := im.Shape(l.x), l.weights.Shape
	at := graph.Conv{Stride: op.options.stride, Dilation: op.options.dilation, Groups: groups}
	var err error
	if at.Pad, err = padFor(&op.options, x, graph.HW{filter[1], filter[2]}, at.Dilation); err != nil {
		return graph.None, err
	}
	for side, n := range im.absorbed[op.inputs[0]] {
		at.Pad[side] += n
	}
	// One multiplication for each channel of a single pixel is a matrix product.
	// Said so, a head is pooling and linear layers, whichever way an exporter
	// wrote it, and its heat map is that of a linear head.
	if groups == 1 && x[1]*x[2]*filter[1]*filter[2] == 1 && at.Pad == (graph.Sides{}) {
		l.weights.Shape = tensor.Shape{filter[0], filter[3]}
		return im.linear(op, l, tensor.Shape{x[0], 1, 1, filter[0]})
	}
	operands, err := im.operands(op, l)
	if err != nil {
		return graph.None, err
	}
	if l.int8 {
		to, err := im.output(op)
		return im.Apply(graph.OpQuantConv, im.name(op), graph.QuantConv{Conv: at, Output: to}, operands...), err
	}
	return im.activated(op, func(name string) graph.ID { return im.Apply(graph.OpConv, name, at, operands...) })
}

// padFor returns the padding of a window over an image x [1 × h × w × c].
func padFor(o *options, x tensor.Shape, kernel, dilation graph.HW) (pad graph.Sides, err error) {
	for i := range 2 {
		if min(kernel[i], o.stride[i], dilation[i]) < 1 || max(kernel[i], o.stride[i], dilation[i]) > maxStep {
			return pad, fmt.Errorf("window %v, stride %v and dilation %v must lie between 1 and %d", kernel, o.stride, dilation, maxStep)
		}
	}
	switch o.padding {
	case paddingValid:
		return pad, nil
	case paddingSame:
		for i := range 2 {
			pad[i], pad[i+2] = samePadding(x[i+1], kernel[i], o.stride[i], dilation[i])
		}
		return pad, nil
	}
	return pad, fmt.Errorf("the kind of padding %d is not known", o.padding)
}

// samePadding returns the padding before and after one axis that makes a result
// of length/stride, rounded up; of an odd number the larger part comes after.
func samePadding(length, kernel, stride, dilation int) (before, after int) {
	results := (length + stride - 1) / stride
	extent := (kernel-1)*dilation + 1
	total := max((results-1)*stride+extent-length, 0)
	return total / 2, total - total/2
}
