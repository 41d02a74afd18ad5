package tflite

import (
	"errors"
	"fmt"
	"strings"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// name returns what the operator's result is called: the first of several names
// that a converter joined.
func (im *importer) name(op *operator) string { return im.tensors[op.outputs[0]].shortName() }

func (t *tensorInfo) shortName() string {
	name, _, _ := strings.Cut(t.name, ";")
	return name
}

// operand returns the node of an operator's input that is computed or a
// constant of one scale.
func (im *importer) operand(op *operator, i int) (graph.ID, error) {
	index, err := op.input(i)
	if err != nil {
		return graph.None, err
	}
	info := &im.tensors[index]
	if im.values[index] != graph.None {
		return im.values[index], nil
	}
	if info.data == nil {
		return graph.None, fmt.Errorf("input %.64q is used before it is computed", info.name)
	}
	value, err := im.value(info)
	if err != nil {
		return graph.None, err
	}
	if value.DType == tensor.Int32 {
		return graph.None, fmt.Errorf("input %.64q is int32, want float32, int8 or uint8", info.name)
	}
	if value.Quant != nil && !value.Quant.IsPerTensor() {
		return graph.None, fmt.Errorf("input %.64q has a scale for each channel, which only weights may have", info.name)
	}
	im.values[index] = im.Constant(info.shortName(), value)
	return im.values[index], nil
}

// input returns the tensor of an operator's input.
func (op *operator) input(i int) (int, error) {
	if i >= len(op.inputs) || op.inputs[i] < 0 {
		return 0, fmt.Errorf("input %d is missing", i)
	}
	return op.inputs[i], nil
}

// value returns a constant of the file.
func (im *importer) value(info *tensorInfo) (tensor.Tensor, error) {
	if im.constants -= len(info.data); im.constants < 0 {
		return tensor.Tensor{}, errors.New("constants take far more memory than the file: it is damaged")
	}
	return info.value()
}

// integers returns a constant list of integers that is an operator's input.
func (im *importer) integers(op *operator, i int) ([]int, error) {
	index, err := op.input(i)
	if err != nil {
		return nil, err
	}
	return im.tensors[index].integers()
}

// quantized tells whether an operator works on int8 values. Operands and result
// must agree: nothing is converted silently.
func (im *importer) quantized(op *operator, operands ...graph.ID) (bool, error) {
	result := im.tensors[op.outputs[0]].kind
	if !result.quantized() && result != typeFloat32 {
		return false, fmt.Errorf("result is %v, want float32, int8 or uint8", result)
	}
	for _, x := range operands {
		if t := im.Type(x); (t.DType == tensor.Int8) != result.quantized() {
			return false, fmt.Errorf("mixes %v values and a result of %v", t.DType, result)
		}
	}
	return result.quantized(), im.Err()
}
