package runtime

import (
	"megl-edge/kernels"
	"megl-edge/runtime/tensor"
)

// prepareCast turns the stored numbers of one type into those of another; what a
// quantization makes of them does not matter.
func prepareCast(o *operation) (kernel, error) {
	from := o.in(0).DType
	return plain("cast", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		x := in[0]
		if from != tensor.Bool {
			return numbers[from].cast(y, x)
		}
		if y.DType == tensor.Bool {
			return mapped(y, x, func(v bool) bool { return v })
		}
		return castBool(y, x)
	})
}

func mapped[X, Y tensor.Element](y, x tensor.Tensor, f func(X) Y) kernels.Task {
	return kernels.MapUnary(tensor.Elements[Y](y), tensor.Elements[X](x), f)
}

func castBool(y, x tensor.Tensor) kernels.Task {
	switch y.DType {
	case tensor.Int8:
		return mapped(y, x, kernels.FromBool[int8])
	case tensor.Int16:
		return mapped(y, x, kernels.FromBool[int16])
	case tensor.Int32:
		return mapped(y, x, kernels.FromBool[int32])
	case tensor.Int64:
		return mapped(y, x, kernels.FromBool[int64])
	case tensor.UInt8:
		return mapped(y, x, kernels.FromBool[uint8])
	case tensor.UInt16:
		return mapped(y, x, kernels.FromBool[uint16])
	case tensor.UInt32:
		return mapped(y, x, kernels.FromBool[uint32])
	case tensor.UInt64:
		return mapped(y, x, kernels.FromBool[uint64])
	case tensor.Float32:
		return mapped(y, x, kernels.FromBool[float32])
	}
	return mapped(y, x, kernels.FromBool[float64])
}

func (integerKernels[T]) cast(y, x tensor.Tensor) kernels.Task {
	switch y.DType {
	case tensor.Int8:
		return mapped(y, x, kernels.Converted[T, int8])
	case tensor.Int16:
		return mapped(y, x, kernels.Converted[T, int16])
	case tensor.Int32:
		return mapped(y, x, kernels.Converted[T, int32])
	case tensor.Int64:
		return mapped(y, x, kernels.Converted[T, int64])
	case tensor.UInt8:
		return mapped(y, x, kernels.Converted[T, uint8])
	case tensor.UInt16:
		return mapped(y, x, kernels.Converted[T, uint16])
	case tensor.UInt32:
		return mapped(y, x, kernels.Converted[T, uint32])
	case tensor.UInt64:
		return mapped(y, x, kernels.Converted[T, uint64])
	}
	return castReal[T](y, x)
}

func (realKernels[T]) cast(y, x tensor.Tensor) kernels.Task {
	switch y.DType {
	case tensor.Int8:
		return mapped(y, x, kernels.Truncated[T, int8])
	case tensor.Int16:
		return mapped(y, x, kernels.Truncated[T, int16])
	case tensor.Int32:
		return mapped(y, x, kernels.Truncated[T, int32])
	case tensor.Int64:
		return mapped(y, x, kernels.Truncated[T, int64])
	case tensor.UInt8:
		return mapped(y, x, kernels.Truncated[T, uint8])
	case tensor.UInt16:
		return mapped(y, x, kernels.Truncated[T, uint16])
	case tensor.UInt32:
		return mapped(y, x, kernels.Truncated[T, uint32])
	case tensor.UInt64:
		return mapped(y, x, kernels.Truncated[T, uint64])
	}
	return castReal[T](y, x)
}

// castReal casts to what is no integer.
func castReal[T number](y, x tensor.Tensor) kernels.Task {
	switch y.DType {
	case tensor.Float32:
		return mapped(y, x, kernels.Converted[T, float32])
	case tensor.Float64:
		return mapped(y, x, kernels.Converted[T, float64])
	}
	return mapped(y, x, kernels.IsNonZero[T])
}
