package tensor

import (
	"fmt"
	"unsafe"
)

// Element lists the Go types that a tensor can be viewed as.
type Element interface {
	~bool | ~uint8 | ~int8 | ~uint16 | ~int16 | ~uint32 | ~int32 | ~uint64 | ~int64 | ~float32 | ~float64
}

// Tensor is a dense value: a type and its elements, the last dimension
// contiguous, every element little-endian.
type Tensor struct {
	Type
	Data []byte // Type.Bytes() long, aligned for the element type
}

// Zeros returns a tensor of the given type with every element 0.
func Zeros(t Type) Tensor {
	// Backed by words, so that every element type is aligned.
	words := make([]uint64, (t.Bytes()+7)/8)
	return Tensor{Type: t, Data: View[byte](bytesOf(words))[:t.Bytes()]}
}

// Of returns a tensor that shares the given elements.
func Of[T Element](shape Shape, elements []T) (Tensor, error) {
	if n := shape.Elements(); n != len(elements) {
		return Tensor{}, fmt.Errorf("shape %v holds %d elements, got %d", shape, n, len(elements))
	}
	return Tensor{Type: Type{DType: dtypeOf[T](), Shape: shape}, Data: bytesOf(elements)}, nil
}

// Must returns t, and panics on an error: for values written in code.
func Must(t Tensor, err error) Tensor {
	if err != nil {
		panic(err)
	}
	return t
}

// Scalar returns a tensor with the empty shape.
func Scalar[T Element](v T) Tensor { return Must(Of(Shape{}, []T{v})) }

// WithQuant returns t with the given quantization; the data are shared.
func (t Tensor) WithQuant(q *Quantization) Tensor {
	t.Quant = q
	return t
}

// Elements returns the elements of t as a slice that shares its memory. It
// panics when T is not the Go type of t's elements.
func Elements[T Element](t Tensor) []T {
	if d := dtypeOf[T](); d != t.DType {
		panic(fmt.Sprintf("tensor: %v viewed as %v", t.Type, d))
	}
	return View[T](t.Data)
}

// View reinterprets bytes as elements of type T. It panics when the bytes are
// not aligned for T or not a whole number of elements.
func View[T Element](data []byte) []T {
	var zero T
	size := int(unsafe.Sizeof(zero))
	if len(data)%size != 0 {
		panic(fmt.Sprintf("tensor: %d bytes are no whole number of %T", len(data), zero))
	}
	if len(data) == 0 {
		return nil
	}
	p := unsafe.Pointer(unsafe.SliceData(data))
	if uintptr(p)%unsafe.Alignof(zero) != 0 {
		panic(fmt.Sprintf("tensor: bytes are not aligned for %T", zero))
	}
	return unsafe.Slice((*T)(p), len(data)/size)
}

func bytesOf[T Element](s []T) []byte {
	if len(s) == 0 {
		return nil
	}
	var zero T
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(s))), len(s)*int(unsafe.Sizeof(zero)))
}

func dtypeOf[T Element]() DType {
	var zero T
	switch any(zero).(type) {
	case bool:
		return Bool
	case uint8:
		return UInt8
	case int8:
		return Int8
	case uint16:
		return UInt16
	case int16:
		return Int16
	case uint32:
		return UInt32
	case int32:
		return Int32
	case uint64:
		return UInt64
	case int64:
		return Int64
	case float32:
		return Float32
	case float64:
		return Float64
	}
	panic(fmt.Sprintf("tensor: %T is no element type", zero))
}
