package tflite

import (
	"errors"
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// windowPadding returns the padding on one axis by TensorFlow's rules: SAME
// makes the result as long as the input divided by the stride, with the odd
// pixel at the end.
func windowPadding(padding int8, length, kernel, stride, dilation int) (before, after int) {
	if padding != paddingSame || stride < 1 {
		return 0, 0
	}
	extent := (kernel-1)*dilation + 1
	count := (length + stride - 1) / stride
	total := max((count-1)*stride+extent-length, 0)
	return total / 2, total - total/2
}

// pads returns [top, left, bottom, right] for an operator on image x.
func pads(o *options, x tensor.Shape, kernel [2]int) [4]int {
	top, bottom := windowPadding(o.padding, x[1], kernel[0], o.stride[0], o.dilation[0])
	left, right := windowPadding(o.padding, x[2], kernel[1], o.stride[1], o.dilation[1])
	return [4]int{top, left, bottom, right}
}

// conv converts CONV_2D and DEPTHWISE_CONV_2D.
func (im *importer) conv(op *operator) error {
	if err := im.layerInputs(op); err != nil {
		return err
	}
	padding, padded := im.takePadding(op.inputs[0])
	x, err := im.value(op.inputs[0])
	if err != nil {
		return err
	}
	image := im.b.Shape(x)
	if len(image) != 4 {
		return fmt.Errorf("reads an image of shape %v", image)
	}
	filter, err := im.filter(op)
	if err != nil {
		return err
	}
	kernel := im.b.Shape(filter)
	at := graph.Conv{Stride: op.options.stride, Dilation: op.options.dilation, Groups: 1}
	if at.Pad = pads(&op.options, image, [2]int{kernel[1], kernel[2]}); padded {
		at.Pad = padding
	}
	if op.code == opDepthwiseConv2D {
		at.Groups = image[3]
	}
	if pointwiseOnePixel(at, image, kernel) {
		return im.onePixelConv(op, x, filter)
	}
	return im.layer(op, x, filter, func(name string, inputs []graph.ID) graph.ID {
		return im.b.Apply(graph.OpConv, name, at, inputs...)
	}, func(name string, q graph.Quantized, inputs []graph.ID) graph.ID {
		return im.b.Apply(graph.OpQuantConv, name, graph.QuantConv{Conv: at, Output: q}, inputs...)
	})
}

// layerInputs checks the operands that all layers with weights have in common.
func (im *importer) layerInputs(op *operator) error {
	if len(op.inputs) < 2 || op.inputs[0] < 0 || op.inputs[1] < 0 {
		return errors.New("has no weights")
	}
	return im.sameKind(op, 2)
}

// filter returns the weights of a convolution as [filters, height, width,
// channels of a group].
func (im *importer) filter(op *operator) (graph.ID, error) {
	index := op.inputs[1]
	info := im.tensors[index]
	if info.data == nil {
		return graph.None, errors.New("its weights are not constant")
	}
	if op.code != opDepthwiseConv2D {
		if len(info.shape) != 4 {
			return graph.None, fmt.Errorf("its weights have shape %v", tensor.Shape(info.shape))
		}
		return im.value(index)
	}
	t, err := info.constant()
	if err != nil {
		return graph.None, fmt.Errorf("weights: %w", err)
	}
	if len(t.Shape) != 4 || t.Shape[0] != 1 {
		return graph.None, fmt.Errorf("its weights have shape %v", t.Shape)
	}
	return im.b.Constant(cleanName(info.name, index), channelsFirst(t)), nil
}

// channelsFirst turns depthwise weights [1, height, width, filters] into
// [filters, height, width, 1].
func channelsFirst(t tensor.Tensor) tensor.Tensor {
	h, w, filters := t.Shape[1], t.Shape[2], t.Shape[3]
	moved := tensor.Zeros(tensor.Type{DType: t.DType, Shape: tensor.Shape{filters, h, w, 1}, Quant: t.Quant})
	if t.Quant != nil && !t.Quant.IsPerTensor() {
		q := *t.Quant
		q.Axis = 0
		moved.Quant = &q
	}
	size := t.DType.Size()
	for filter := range filters {
		for tap := range h * w {
			copy(moved.Data[(filter*h*w+tap)*size:][:size], t.Data[(tap*filters+filter)*size:])
		}
	}
	return moved
}

// pointwiseOnePixel tells whether a convolution is a linear layer: then the head
// is pooling plus linear, whatever the exporter wrote, and its heat map needs no
// backward pass.
func pointwiseOnePixel(at graph.Conv, image, kernel tensor.Shape) bool {
	return image[1] == 1 && image[2] == 1 && kernel[1] == 1 && kernel[2] == 1 && at.Groups == 1 && at.Pad == [4]int{}
}

func (im *importer) onePixelConv(op *operator, x, filter graph.ID) error {
	image, kernel := im.b.Shape(x), im.b.Shape(filter)
	x = im.b.Reshape(x, tensor.Shape{image[0], image[3]})
	weights := *im.b.Node(filter).Value
	weights.Shape = tensor.Shape{kernel[0], kernel[3]}
	flat := im.b.Constant(im.b.Node(filter).Name, weights)
	if err := im.linear(op, x, flat); err != nil {
		return err
	}
	im.set(op, im.b.Reshape(im.values[op.outputs[0]], tensor.Shape{image[0], 1, 1, kernel[0]}))
	return nil
}

func (im *importer) fullyConnected(op *operator) error {
	if err := im.layerInputs(op); err != nil {
		return err
	}
	if op.options.weightsFormat != 0 {
		return errors.New("its weights are shuffled for a special processor")
	}
	in, err := im.valuesOf(op, 2)
	if err != nil {
		return err
	}
	w := im.b.Shape(in[1])
	if len(w) != 2 || w[1] == 0 {
		return fmt.Errorf("its weights have shape %v", w)
	}
	x := im.b.Reshape(in[0], tensor.Shape{im.b.Shape(in[0]).Elements() / w[1], w[1]})
	if err := im.linear(op, x, in[1]); err != nil {
		return err
	}
	im.set(op, im.b.Reshape(im.values[op.outputs[0]], tensor.Shape(im.tensors[op.outputs[0]].shape)))
	return nil
}

// linear emits x·wᵀ + bias for x [m × k] and w [n × k].
func (im *importer) linear(op *operator, x, w graph.ID) error {
	return im.layer(op, x, w, func(name string, inputs []graph.ID) graph.ID {
		return im.b.Apply(graph.OpLinear, name, nil, inputs...)
	}, func(name string, q graph.Quantized, inputs []graph.ID) graph.ID {
		return im.b.Apply(graph.OpQuantLinear, name, q, inputs...)
	})
}

// layer emits a layer with weights, its bias and its activation.
func (im *importer) layer(op *operator, x, w graph.ID,
	float func(name string, inputs []graph.ID) graph.ID,
	quantized func(name string, q graph.Quantized, inputs []graph.ID) graph.ID) error {
	inputs := []graph.ID{x, w}
	if len(op.inputs) > 2 && op.inputs[2] >= 0 {
		bias, err := im.bias(op.inputs[2], x, w)
		if err != nil {
			return err
		}
		inputs = append(inputs, bias)
	}
	if !im.isQuantized(op.outputs[0]) {
		return im.activate(op, func(name string) graph.ID { return float(name, inputs) })
	}
	q, err := im.outputQuantization(op)
	if err != nil {
		return err
	}
	im.set(op, quantized(im.name(op), q, inputs))
	return nil
}

// bias returns the bias of a layer. That of a quantized one is in units of input
// scale · weight scale, whatever rounding of that product the file holds.
func (im *importer) bias(index int, x, w graph.ID) (graph.ID, error) {
	info := im.tensors[index]
	if info.data == nil {
		return graph.None, errors.New("its bias is not constant")
	}
	t, err := info.constant()
	if err != nil {
		return graph.None, fmt.Errorf("bias: %w", err)
	}
	if t.DType == tensor.Int32 {
		wq, xq := im.b.Type(w).Quant, im.b.Type(x).Quant
		if wq == nil || xq == nil {
			return graph.None, errors.New("has an int32 bias but no quantization")
		}
		t.Quant = &tensor.Quantization{ZeroPoint: make([]int32, len(wq.Scale))}
		for _, scale := range wq.Scale {
			t.Quant.Scale = append(t.Quant.Scale, xq.Scale[0]*scale)
		}
	}
	return im.b.Constant(cleanName(info.name, index), t), im.b.Err()
}
