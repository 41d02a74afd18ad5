package tflite

import (
	"fmt"
	"slices"

	"megl-edge/runtime/tensor"
)

var elementTypes = map[elementType]tensor.DType{
	typeFloat32: tensor.Float32, typeInt32: tensor.Int32, typeUInt8: tensor.Int8, typeInt8: tensor.Int8,
}

// quantization returns how a tensor's stored integers map to real values, with
// uint8 already shifted to int8; nil where it has none.
func (info *tensorInfo) quantization() (*tensor.Quantization, error) {
	if len(info.scale) == 0 {
		return nil, nil
	}
	q := &tensor.Quantization{Scale: slices.Clone(info.scale), ZeroPoint: make([]int32, len(info.scale)), Axis: info.axis}
	if len(info.zeroPoint) != 0 && len(info.zeroPoint) != len(info.scale) {
		return nil, fmt.Errorf("has %d scales and %d zero points", len(info.scale), len(info.zeroPoint))
	}
	for i, z := range info.zeroPoint {
		q.ZeroPoint[i] = int32(z)
		if int64(q.ZeroPoint[i]) != z {
			return nil, fmt.Errorf("has the zero point %d", z)
		}
	}
	if info.kind == typeUInt8 {
		for i := range q.ZeroPoint {
			if q.ZeroPoint[i] < 0 {
				return nil, fmt.Errorf("has the zero point %d for uint8", q.ZeroPoint[i])
			}
			q.ZeroPoint[i] -= 128
		}
	}
	return q, nil
}

// constant returns the value of a constant; uint8 becomes int8 by subtracting
// 128.
func (info *tensorInfo) constant() (tensor.Tensor, error) {
	dtype, ok := elementTypes[info.kind]
	if !ok {
		return tensor.Tensor{}, fmt.Errorf("holds %v, which is not supported", info.kind)
	}
	q, err := info.quantization()
	if err != nil {
		return tensor.Tensor{}, err
	}
	if dtype == tensor.Float32 {
		q = nil
	}
	t := tensor.Type{DType: dtype, Shape: tensor.Shape(info.shape).Clone(), Quant: q}
	if err := t.Check(); err != nil {
		return tensor.Tensor{}, err
	}
	if t.Bytes() != len(info.data) {
		return tensor.Tensor{}, fmt.Errorf("%v has %d bytes of data", t, len(info.data))
	}
	value := tensor.Zeros(t)
	copy(value.Data, info.data)
	if info.kind == typeUInt8 {
		for i := range value.Data {
			value.Data[i] ^= 0x80 // x − 128 in two's complement
		}
	}
	return value, nil
}

// integers returns a constant list of shape values, int32 or int64.
func (im *importer) integers(op *operator, input int) ([]int, error) {
	if input >= len(op.inputs) || op.inputs[input] < 0 {
		return nil, fmt.Errorf("input %d is missing", input)
	}
	info := &im.tensors[op.inputs[input]]
	size := map[elementType]int{typeInt32: 4, typeInt64: 8}[info.kind]
	if size == 0 || len(info.data)%max(1, size) != 0 || len(info.data) == 0 {
		return nil, fmt.Errorf("input %d must be a constant list of integers", input)
	}
	var values []int
	for at := 0; at < len(info.data); at += size {
		var v int64
		for i := size - 1; i >= 0; i-- {
			v = v<<8 | int64(info.data[at+i])
		}
		if size == 4 {
			v = int64(int32(v))
		}
		if int64(int32(v)) != v {
			return nil, fmt.Errorf("input %d holds the value %d", input, v)
		}
		values = append(values, int(v))
	}
	return values, nil
}
