package tensor

import (
	"fmt"
	"reflect"
	"slices"
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

// Check fails on a type that cannot be stored and on data that are not what the
// type says: their length, their alignment, and for bool that every byte is 0
// or 1.
func (t Tensor) Check() error {
	if err := t.Type.Check(); err != nil {
		return err
	}
	if len(t.Data) != t.Bytes() {
		return fmt.Errorf("%d bytes of data for %v, want %d", len(t.Data), t.Type, t.Bytes())
	}
	alignment := min(uintptr(t.DType.Size()), unsafe.Alignof(uint64(0))) // 4 on 32-bit machines
	if uintptr(unsafe.Pointer(unsafe.SliceData(t.Data)))%alignment != 0 {
		return fmt.Errorf("data of %v are not aligned to %d bytes", t.Type, alignment)
	}
	if t.DType == Bool && slices.ContainsFunc(t.Data, func(b byte) bool { return b > 1 }) {
		return fmt.Errorf("data of %v have bytes other than 0 and 1", t.Type)
	}
	return nil
}

// Zeros returns a tensor of the given type, which [Type.Check] accepts, with
// every element 0.
func Zeros(t Type) Tensor {
	// Backed by words, so that every element type is aligned.
	words := make([]uint64, (t.Bytes()+7)/8)
	return Tensor{Type: t, Data: View[byte](bytesOf(words))[:t.Bytes()]}
}

// Clone returns a tensor with elements of its own.
func (t Tensor) Clone() Tensor {
	own := Zeros(t.Type)
	copy(own.Data, t.Data)
	return own
}

// Of returns a tensor that shares the given elements.
func Of[T Element](shape Shape, elements []T) (Tensor, error) {
	if err := shape.Check(dtypeOf[T]().Size()); err != nil {
		return Tensor{}, err
	}
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
	return dtypeOfKind[reflect.TypeFor[T]().Kind()]
}

// dtypeOfKind has every kind that [Element] admits.
var dtypeOfKind = [...]DType{
	reflect.Bool:    Bool,
	reflect.Uint8:   UInt8,
	reflect.Int8:    Int8,
	reflect.Uint16:  UInt16,
	reflect.Int16:   Int16,
	reflect.Uint32:  UInt32,
	reflect.Int32:   Int32,
	reflect.Uint64:  UInt64,
	reflect.Int64:   Int64,
	reflect.Float32: Float32,
	reflect.Float64: Float64,
}
