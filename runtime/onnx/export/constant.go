package export

import (
	"slices"

	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

var dataTypes = map[tensor.DType]proto.DataType{
	tensor.Bool: proto.Bool, tensor.UInt8: proto.UInt8, tensor.Int8: proto.Int8, tensor.UInt16: proto.UInt16,
	tensor.Int16: proto.Int16, tensor.UInt32: proto.UInt32, tensor.Int32: proto.Int32, tensor.UInt64: proto.UInt64,
	tensor.Int64: proto.Int64, tensor.Float32: proto.Float, tensor.Float64: proto.Double,
}

// initializer writes a constant under a name that is free.
func (e *exporter) initializer(name string, t tensor.Tensor) {
	e.file.Initializers = append(e.file.Initializers, proto.Tensor{
		Name: name, Type: dataTypes[t.DType], Dims: int64s(t.Shape), Raw: t.Data, HasRaw: true,
	})
}

// parameter writes a constant that no node of the graph is, and returns its name.
func (e *exporter) parameter(wish string, t tensor.Tensor) string {
	name := e.valueNames.free(wish)
	e.initializer(name, t)
	return name
}

// lengths writes a list of lengths, positions or axes.
func (e *exporter) lengths(wish string, list []int) string {
	return e.parameter(wish, tensor.Must(tensor.Of(tensor.Shape{len(list)}, int64s(list))))
}

// permuted returns a constant in the given order, which may have more axes than
// the constant.
func permuted(t tensor.Tensor, to order) tensor.Tensor {
	shape := widenedShape(t.Shape, len(to))
	y := tensor.Tensor{Type: tensor.Type{DType: t.DType, Shape: to.of(shape)}, Data: t.Data}
	if sameElements(shape, to, plain(len(to))) {
		return y
	}
	y.Data = make([]byte, 0, len(t.Data))
	size := t.DType.Size()
	steps := to.of(strides(shape))
	index, at := make([]int, len(to)), 0
	for len(y.Data) < len(t.Data) {
		y.Data = append(y.Data, t.Data[at*size:(at+1)*size]...)
		for axis := len(to) - 1; axis >= 0; axis-- {
			index[axis]++
			at += steps[axis]
			if index[axis] < y.Shape[axis] {
				break
			}
			at -= index[axis] * steps[axis]
			index[axis] = 0
		}
	}
	return y
}

// strides returns how many elements lie between neighbours along every axis.
func strides(s tensor.Shape) tensor.Shape {
	steps, step := slices.Clone(s), 1
	for axis := len(s) - 1; axis >= 0; axis-- {
		steps[axis] = step
		step *= s[axis]
	}
	return steps
}
