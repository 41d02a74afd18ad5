package onnx

import (
	"encoding/binary"
	"fmt"
	"math"

	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// dtypes has the element types that values can have.
var dtypes = map[proto.DataType]tensor.DType{
	proto.Float:  tensor.Float32,
	proto.Double: tensor.Float64,
	proto.Bool:   tensor.Bool,
	proto.UInt8:  tensor.UInt8,
	proto.Int8:   tensor.Int8,
	proto.UInt16: tensor.UInt16,
	proto.Int16:  tensor.Int16,
	proto.UInt32: tensor.UInt32,
	proto.Int32:  tensor.Int32,
	proto.UInt64: tensor.UInt64,
	proto.Int64:  tensor.Int64,
}

// dtypeOf returns the element type, or says that it is not supported.
func dtypeOf(t proto.DataType) (tensor.DType, error) {
	d, ok := dtypes[t]
	if !ok {
		return tensor.Invalid, unsupported("element type %v", t)
	}
	return d, nil
}

// shapeOf checks the lengths of a file against those a tensor can have.
func shapeOf(dims []int64, size int) (tensor.Shape, error) {
	if len(dims) > tensor.MaxRank {
		return nil, fmt.Errorf("has %d dimensions, at most %d are allowed", len(dims), tensor.MaxRank)
	}
	shape := make(tensor.Shape, len(dims))
	for i, d := range dims {
		if d < 0 || d > math.MaxInt32 {
			return nil, fmt.Errorf("has a dimension of %d", d)
		}
		shape[i] = int(d)
	}
	return shape, shape.Check(size)
}

// ParseTensor reads a file of one tensor, such as the ONNX test data have.
func ParseTensor(file []byte) (tensor.Tensor, error) {
	t, err := proto.ParseTensor(file)
	if err != nil {
		return tensor.Tensor{}, err
	}
	return decodeTensor(t, nil)
}

// readExternal returns the bytes of data that lie in another file, of which
// there must be as many as a tensor takes.
type readExternal func(where []proto.Entry, bytes int) ([]byte, error)

// decodeTensor returns the elements of a tensor of the file. external may be
// nil.
func decodeTensor(t *proto.Tensor, external readExternal) (tensor.Tensor, error) {
	d, err := dtypeOf(t.Type)
	if err != nil {
		return tensor.Tensor{}, err
	}
	shape, err := shapeOf(t.Dims, d.Size())
	if err != nil {
		return tensor.Tensor{}, err
	}
	typ := tensor.Type{DType: d, Shape: shape}
	data := t.Raw
	switch {
	case t.IsSegment:
		return tensor.Tensor{}, unsupported("a tensor in segments")
	case len(t.External) > 0 && external == nil:
		return tensor.Tensor{}, errNoExternal
	case len(t.External) > 0:
		if data, err = external(t.External, typ.Bytes()); err != nil {
			return tensor.Tensor{}, err
		}
	case !t.HasRaw:
		data = typedBytes(t, d)
	}
	if len(data) != typ.Bytes() {
		return tensor.Tensor{}, fmt.Errorf("holds %d bytes, its type %v takes %d", len(data), typ, typ.Bytes())
	}
	value := tensor.Zeros(typ) // a copy, aligned
	copy(value.Data, data)
	return value, value.Check()
}

// typedBytes returns the elements of the typed field for d, little-endian.
func typedBytes(t *proto.Tensor, d tensor.DType) []byte {
	var data []byte
	switch d {
	case tensor.Float32:
		for _, v := range t.Floats {
			data = binary.LittleEndian.AppendUint32(data, math.Float32bits(v))
		}
	case tensor.Float64:
		for _, v := range t.Doubles {
			data = binary.LittleEndian.AppendUint64(data, math.Float64bits(v))
		}
	case tensor.Int64:
		for _, v := range t.Int64s {
			data = binary.LittleEndian.AppendUint64(data, uint64(v))
		}
	case tensor.UInt32, tensor.UInt64:
		for _, v := range t.UInt64s {
			data = appendLow(data, v, d.Size())
		}
	default: // bool and the integers of up to 32 bits
		for _, v := range t.Int32s {
			data = appendLow(data, uint64(v), d.Size())
		}
	}
	return data
}

// appendLow appends the low bytes of v.
func appendLow(data []byte, v uint64, size int) []byte {
	for range size {
		data = append(data, byte(v))
		v >>= 8
	}
	return data
}
