package tflite

import (
	"errors"
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func (im *importer) add(op *operator) error { return im.binary(op, graph.OpAdd, graph.OpQuantAdd) }
func (im *importer) mul(op *operator) error { return im.binary(op, graph.OpMul, graph.OpQuantMul) }
func (im *importer) sub(op *operator) error { return im.binary(op, graph.OpSub, "") }

func (im *importer) binary(op *operator, float, quantized graph.Op) error {
	in, err := im.valuesOf(op, 2)
	if err != nil {
		return err
	}
	if err := im.sameKind(op, 2); err != nil {
		return err
	}
	if !im.isQuantized(op.outputs[0]) {
		return im.activate(op, func(name string) graph.ID { return im.b.Apply(float, name, nil, in...) })
	}
	if quantized == "" {
		return errors.New("is not supported on int8 values")
	}
	q, err := im.outputQuantization(op)
	if err != nil {
		return err
	}
	im.set(op, im.b.Apply(quantized, im.name(op), q, in...))
	return nil
}

// unaryOps are the operators of one value, as float ops and as functions of the
// int8 op.
var unaryOps = map[opcode]struct {
	op       graph.Op
	attr     graph.Attr
	function string
}{
	opLogistic:  {graph.OpSigmoid, nil, graph.Sigmoid},
	opHardSwish: {graph.OpHardSwish, nil, graph.HardSwish},
	opRelu:      {graph.OpClamp, graph.ReLU, graph.Identity},
	opRelu6:     {graph.OpClamp, graph.ReLU6, graph.Identity},
}

func (im *importer) unary(op *operator) error {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	if err := im.sameKind(op, 1); err != nil {
		return err
	}
	row := unaryOps[op.code]
	if !im.isQuantized(op.outputs[0]) {
		im.set(op, im.b.Apply(row.op, im.name(op), row.attr, in[0]))
		return nil
	}
	q, err := im.quantizationOf(op.outputs[0])
	if err != nil {
		return err
	}
	if limits, ok := row.attr.(graph.Clamp); ok {
		q = limited(q, limits)
	}
	im.set(op, im.b.Apply(graph.OpQuantUnary, im.name(op), graph.QuantUnary{Function: row.function, Output: q}, in[0]))
	return nil
}

func (im *importer) pool(op *operator) (x graph.ID, window graph.Pool, err error) {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return graph.None, graph.Pool{}, err
	}
	if err := im.sameKind(op, 1); err != nil {
		return graph.None, graph.Pool{}, err
	}
	image := im.b.Shape(in[0])
	if len(image) != 4 {
		return graph.None, graph.Pool{}, fmt.Errorf("reads an image of shape %v", image)
	}
	o := op.options
	return in[0], graph.Pool{Kernel: o.filter, Stride: o.stride, Pad: pads(&o, image, o.filter)}, nil
}

func (im *importer) maxPool(op *operator) error {
	x, window, err := im.pool(op)
	if err != nil {
		return err
	}
	if !im.isQuantized(op.outputs[0]) {
		return im.activate(op, func(name string) graph.ID { return im.b.Apply(graph.OpMaxPool, name, window, x) })
	}
	q, err := im.outputQuantization(op)
	if err != nil {
		return err
	}
	im.set(op, im.requantized(im.name(op), im.b.Apply(graph.OpMaxPool, im.name(op), window, x), q))
	return nil
}

// averagePool converts AVERAGE_POOL_2D; a window that covers the whole image is
// a mean, so that the head is recognised.
func (im *importer) averagePool(op *operator) error {
	x, window, err := im.pool(op)
	if err != nil {
		return err
	}
	image := im.b.Shape(x)
	whole := window.Pad == [4]int{} && window.Kernel == [2]int{image[1], image[2]}
	mean := graph.Reduce{Axes: []int{1, 2}, KeepDims: true}
	if !im.isQuantized(op.outputs[0]) {
		return im.activate(op, func(name string) graph.ID {
			if whole {
				return im.b.Apply(graph.OpReduceMean, name, mean, x)
			}
			return im.b.Apply(graph.OpAvgPool, name, window, x)
		})
	}
	q, err := im.outputQuantization(op)
	if err != nil {
		return err
	}
	if whole {
		im.set(op, im.b.Apply(graph.OpQuantMean, im.name(op), graph.QuantReduce{Reduce: mean, Output: q}, x))
		return nil
	}
	im.set(op, im.b.Apply(graph.OpQuantAvgPool, im.name(op), graph.QuantPool{Pool: window, Output: q}, x))
	return nil
}

func (im *importer) mean(op *operator) error {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	if err := im.sameKind(op, 1); err != nil {
		return err
	}
	axes, err := im.integers(op, 1)
	if err != nil {
		return err
	}
	rank := len(im.b.Shape(in[0]))
	for i, axis := range axes {
		if axis < 0 {
			axes[i] += rank
		}
	}
	slices.Sort(axes)
	at := graph.Reduce{Axes: slices.Compact(axes), KeepDims: op.options.keepDims}
	if !im.isQuantized(op.outputs[0]) {
		im.set(op, im.b.Apply(graph.OpReduceMean, im.name(op), at, in[0]))
		return nil
	}
	q, err := im.quantizationOf(op.outputs[0])
	if err != nil {
		return err
	}
	im.set(op, im.b.Apply(graph.OpQuantMean, im.name(op), graph.QuantReduce{Reduce: at, Output: q}, in[0]))
	return nil
}

// pad converts PAD. The zeros around an image that only a VALID convolution
// reads become that convolution's padding.
func (im *importer) pad(op *operator) error {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	if err := im.sameKind(op, 1); err != nil {
		return err
	}
	amounts, err := im.integers(op, 1)
	if err != nil {
		return err
	}
	rank := len(im.b.Shape(in[0]))
	if len(amounts) != 2*rank {
		return fmt.Errorf("has %d amounts for %d axes", len(amounts), rank)
	}
	at := graph.Pad{}
	for axis := range rank {
		at.Before, at.After = append(at.Before, amounts[2*axis]), append(at.After, amounts[2*axis+1])
	}
	if rank == 4 && im.absorbable(op, amounts) {
		im.set(op, in[0])
		im.absorbed[op.outputs[0]] = [4]int{at.Before[1], at.Before[2], at.After[1], at.After[2]}
		return nil
	}
	im.set(op, im.b.Apply(graph.OpPad, im.name(op), at, in[0]))
	return nil
}

// absorbable tells whether a padding can become that of the one operator that
// reads it.
func (im *importer) absorbable(op *operator, amounts []int) bool {
	out := op.outputs[0]
	if im.uses[out] != 1 || slices.Contains(im.outputs, out) || amounts[0] != 0 || amounts[1] != 0 || amounts[6] != 0 || amounts[7] != 0 || slices.Min(amounts) < 0 {
		return false
	}
	return slices.ContainsFunc(im.operators, func(next operator) bool {
		isConv := next.code == opConv2D || next.code == opDepthwiseConv2D
		return isConv && len(next.inputs) > 0 && next.inputs[0] == out && next.options.padding != paddingSame
	})
}

// takePadding returns the padding that a tensor stands for, once.
func (im *importer) takePadding(index int) (padding [4]int, ok bool) {
	padding, ok = im.absorbed[index]
	delete(im.absorbed, index)
	return padding, ok
}

// reshape converts RESHAPE and SQUEEZE: the file states the shape of the result.
func (im *importer) reshape(op *operator) error {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	shape := tensor.Shape(im.tensors[op.outputs[0]].shape)
	if err := shape.Check(1); err != nil {
		return err
	}
	im.set(op, im.b.Reshape(in[0], shape))
	return nil
}

func (im *importer) transpose(op *operator) error {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	perm, err := im.integers(op, 1)
	if err != nil {
		return err
	}
	im.set(op, im.b.Apply(graph.OpTranspose, im.name(op), graph.Transpose{Perm: perm}, in[0]))
	return nil
}

func (im *importer) concatenation(op *operator) error {
	in, err := im.valuesOf(op, len(op.inputs))
	if err != nil {
		return err
	}
	if err := im.sameKind(op, len(op.inputs)); err != nil {
		return err
	}
	if op.options.activation != activationNone {
		return errors.New("has a fused activation, which is not supported")
	}
	at := graph.Axis{Axis: op.options.axis}
	if at.Axis < 0 && len(in) > 0 {
		at.Axis += len(im.b.Shape(in[0]))
	}
	if im.isQuantized(op.outputs[0]) {
		q, err := im.quantizationOf(op.outputs[0])
		if err != nil {
			return err
		}
		for i := range in {
			in[i] = im.requantized(im.name(op)+"/rescaled", in[i], q)
		}
	}
	im.set(op, im.b.Apply(graph.OpConcat, im.name(op), at, in...))
	return nil
}

// requantized returns x with another quantization, or x itself where it has that
// one and no range is cut off.
func (im *importer) requantized(name string, x graph.ID, q graph.Quantized) graph.ID {
	full := graph.QuantizedTo(q.Scale, q.ZeroPoint)
	if im.b.Type(x).Quant.Equal(q.Quantization()) && q == full {
		return x
	}
	return im.b.Apply(graph.OpQuantUnary, name, graph.QuantUnary{Function: graph.Identity, Output: q}, x)
}

func (im *importer) softmax(op *operator) error {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	x := im.b.Real(in[0])
	if beta := op.options.beta; beta != 1 {
		x = im.b.Mul(x, im.b.Scalar(beta))
	}
	y := im.b.Apply(graph.OpSoftmax, im.name(op), nil, x)
	if im.isQuantized(op.outputs[0]) {
		q, err := im.quantizationOf(op.outputs[0])
		if err != nil {
			return err
		}
		y = im.b.Apply(graph.OpQuantize, im.name(op)+"/quantized", q, y)
	}
	im.set(op, y)
	return nil
}

// quantize converts QUANTIZE, from float32 or from another quantization.
func (im *importer) quantize(op *operator) error {
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	q, err := im.quantizationOf(op.outputs[0])
	if err != nil {
		return err
	}
	if im.b.Type(in[0]).Quant != nil {
		im.set(op, im.requantized(im.name(op), in[0], q))
		return nil
	}
	im.set(op, im.b.Apply(graph.OpQuantize, im.name(op), q, in[0]))
	return nil
}

func (im *importer) dequantize(op *operator) error {
	if len(op.inputs) > 0 && op.inputs[0] >= 0 && im.tensors[op.inputs[0]].kind == typeFloat16 {
		return errors.New("unpacks float16 weights, which is not supported: convert the network as float32 or int8")
	}
	in, err := im.valuesOf(op, 1)
	if err != nil {
		return err
	}
	im.set(op, im.b.Real(in[0]))
	return nil
}
