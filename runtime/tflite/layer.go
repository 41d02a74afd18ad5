package tflite

import (
	"errors"
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

var (
	errHybrid  = errors.New("float activations with int8 weights: convert with full integer quantization or as float32")
	errFloat16 = errors.New("float16 weights: convert with full integer quantization or as float32")
)

// layer is an operator with weights.
type layer struct {
	x       graph.ID
	weights tensor.Tensor // in the file's layout at first
	name    string        // of the weights
	int8    bool
}

// layer reads the image or rows and the weights of an operator.
func (im *importer) layer(op *operator) (layer, error) {
	var l layer
	var err error
	if l.x, err = im.operand(op, 0); err != nil {
		return l, err
	}
	index, err := op.input(1)
	if err != nil {
		return l, err
	}
	info := &im.tensors[index]
	l.name = info.shortName()
	if err = im.checkWeights(l.x, info); err != nil {
		return l, err
	}
	if l.int8, err = im.quantized(op, l.x); err != nil {
		return l, err
	}
	l.weights, err = im.value(info)
	return l, err
}

func (im *importer) checkWeights(x graph.ID, info *tensorInfo) error {
	float := im.Type(x).DType == tensor.Float32
	switch {
	case info.kind == typeFloat16:
		return errFloat16
	case float && info.kind.quantized():
		return errHybrid
	case info.data == nil:
		return fmt.Errorf("weights %.64q: %w", info.name, errNotConstant)
	case float && info.kind != typeFloat32, !float && !info.kind.quantized():
		return fmt.Errorf("weights %.64q are %v for values of %v", info.name, info.kind, im.Type(x).DType)
	}
	return nil
}

// operands appends the constants of a layer whose weights are in the graph's
// layout: x, weights and, if there is one, the bias.
func (im *importer) operands(op *operator, l layer) ([]graph.ID, error) {
	operands := []graph.ID{l.x, im.Constant(l.name+"/weights", l.weights)}
	if len(op.inputs) < 3 || op.inputs[2] < 0 {
		return operands, im.Err()
	}
	info := &im.tensors[op.inputs[2]]
	want := typeFloat32
	if l.int8 {
		want = typeInt32
	}
	if info.kind != want || info.data == nil {
		return nil, fmt.Errorf("bias %.64q is %v, want a constant of %v", info.name, info.kind, want)
	}
	bias, err := im.value(info)
	if err != nil {
		return nil, err
	}
	bias.Shape = tensor.Shape{bias.Shape.Elements()}
	if l.int8 {
		bias.Quant = im.biasQuantization(l)
	}
	return append(operands, im.Constant(info.shortName()+"/bias", bias)), im.Err()
}

// biasQuantization returns the scales that the format gives a bias: that of the
// input times those of the weights.
func (im *importer) biasQuantization(l layer) *tensor.Quantization {
	weights := l.weights.Quant
	q := &tensor.Quantization{Scale: make([]float32, len(weights.Scale)), ZeroPoint: make([]int32, len(weights.Scale))}
	for i, scale := range weights.Scale {
		q.Scale[i] = im.Type(l.x).Quant.Scale[0] * scale
	}
	return q
}
