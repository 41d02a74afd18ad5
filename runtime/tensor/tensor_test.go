package tensor_test

import (
	"math"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"megl-edge/runtime/tensor"
)

// checkMessage fails unless err is one line that contains want.
func checkMessage(t *testing.T, err error, want string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("error is %v, want one line with %q", err, want)
	}
}

// panics fails unless f panics with one line that contains want.
func panics(t *testing.T, want string, f func()) {
	t.Helper()
	defer func() {
		t.Helper()
		if message, ok := recover().(string); !ok || !strings.Contains(message, want) || strings.Contains(message, "\n") {
			t.Errorf("panic is %q, want one line with %q", message, want)
		}
	}()
	f()
}

// checkElements views elements of one type as a tensor and back.
func checkElements[T tensor.Element](t *testing.T, d tensor.DType, elements ...T) {
	t.Helper()
	x, err := tensor.Of(tensor.Shape{len(elements)}, elements)
	if err != nil || x.DType != d || len(x.Data) != len(elements)*d.Size() || x.Check() != nil {
		t.Fatalf("%d elements of type %T are %v with %d bytes, %v, %v", len(elements), elements, x.Type, len(x.Data), err, x.Check())
	}
	if got := tensor.Elements[T](x); !slices.Equal(got, elements) {
		t.Errorf("elements of %v are %v, want %v", x.Type, got, elements)
	}
	zero := tensor.Zeros(x.Type)
	again := tensor.Elements[T](zero)
	copy(again, elements)
	if !slices.Equal(zero.Data, x.Data) || zero.Check() != nil {
		t.Errorf("%v copied is % x, want % x", x.Type, zero.Data, x.Data)
	}
	if len(again) > 0 && &again[0] != (*T)(unsafe.Pointer(unsafe.SliceData(zero.Data))) {
		t.Error("the elements do not share the tensor's memory")
	}
}

type named uint8

func TestElements(t *testing.T) {
	checkElements(t, tensor.Bool, true, false, true)
	checkElements[uint8](t, tensor.UInt8, 1, 255)
	checkElements[int8](t, tensor.Int8, -128, 127, 0)
	checkElements[uint16](t, tensor.UInt16, 1, 65535)
	checkElements[int16](t, tensor.Int16, -32768, 7, 1)
	checkElements[uint32](t, tensor.UInt32, 1, math.MaxUint32)
	checkElements[int32](t, tensor.Int32, math.MinInt32, 1)
	checkElements[uint64](t, tensor.UInt64, 1, math.MaxUint64)
	checkElements[int64](t, tensor.Int64, math.MinInt64)
	checkElements[float32](t, tensor.Float32, 0.1, float32(math.Inf(-1)), 3)
	checkElements[float64](t, tensor.Float64, 0.1)
	checkElements[float64](t, tensor.Float64)
	checkElements[named](t, tensor.UInt8, 1, 2)
}

func TestElementsOfAnotherType(t *testing.T) {
	x := tensor.Scalar(float32(1))
	panics(t, "F32[scalar] viewed as I32", func() { tensor.Elements[int32](x) })
	panics(t, "BOOL[2] viewed as U8", func() {
		tensor.Elements[uint8](tensor.Zeros(tensor.Type{DType: tensor.Bool, Shape: tensor.Shape{2}}))
	})
}

func TestLittleEndian(t *testing.T) {
	x := tensor.Scalar(uint32(0x04030201))
	if want := []byte{1, 2, 3, 4}; !slices.Equal(x.Data, want) {
		t.Errorf("bytes are % x, want % x", x.Data, want)
	}
}

func TestView(t *testing.T) {
	words := make([]uint64, 4)
	bytes := tensor.View[byte](tensor.Must(tensor.Of(tensor.Shape{4}, words)).Data)
	if got := tensor.View[float32](bytes[4:16]); len(got) != 3 {
		t.Errorf("12 bytes are %d float32", len(got))
	}
	if got := tensor.View[float64](bytes[3:3]); got != nil {
		t.Errorf("no bytes are %v", got)
	}
	if got := tensor.View[int8](bytes[3:7]); len(got) != 4 {
		t.Errorf("4 unaligned bytes are %d int8", len(got))
	}
	panics(t, "7 bytes are no whole number of int16", func() { tensor.View[int16](bytes[:7]) })
	panics(t, "not aligned for float32", func() { tensor.View[float32](bytes[2:10]) })
	panics(t, "not aligned for uint16", func() { tensor.View[uint16](bytes[1:3]) })
}

// Memory of every length and type is aligned for all types.
func TestZerosAlignment(t *testing.T) {
	for n := range 70 {
		x := tensor.Zeros(tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{n}})
		if len(x.Data) != n || slices.ContainsFunc(x.Data, func(b byte) bool { return b != 0 }) {
			t.Fatalf("%d zeros are % x", n, x.Data)
		}
		tensor.View[uint64](x.Data[:n/8*8])
		if x.Check() != nil {
			t.Errorf("zeros of %v: %v", x.Type, x.Check())
		}
	}
}

func TestOf(t *testing.T) {
	_, err := tensor.Of(tensor.Shape{2, 3}, make([]float32, 5))
	checkMessage(t, err, "shape 2×3 holds 6 elements, got 5")
	_, err = tensor.Of(tensor.Shape{-1, -5}, make([]float32, 5))
	checkMessage(t, err, "negative dimension")
	_, err = tensor.Of(tensor.Shape{1 << 16, 1 << 16}, []float32{})
	checkMessage(t, err, "more than 2 GiB")
	defer func() {
		if recover() == nil {
			t.Error("Must of an error does not panic")
		}
	}()
	tensor.Must(tensor.Of(tensor.Shape{2}, []int8{1}))
}

func TestTensorCheck(t *testing.T) {
	float := tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{2}}
	aligned := tensor.Zeros(tensor.Type{DType: tensor.Float64, Shape: tensor.Shape{4}}).Data
	for want, x := range map[string]tensor.Tensor{
		"element type INVALID cannot be stored": {},
		"shape -2 has a negative dimension":     {Type: tensor.Type{DType: tensor.Int8, Shape: tensor.Shape{-2}}},
		"0 bytes of data for F32[2], want 8":    {Type: float},
		"9 bytes of data for F32[2], want 8":    {Type: float, Data: aligned[:9]},
		"data of F32[2] are not aligned to 4":   {Type: float, Data: aligned[2:10]},
		"bytes other than 0 and 1":              {Type: tensor.Type{DType: tensor.Bool, Shape: tensor.Shape{3}}, Data: []byte{0, 1, 2}},
	} {
		checkMessage(t, x.Check(), want)
	}
	x := tensor.Tensor{Type: float, Data: aligned[4:12]}
	if err := x.Check(); err != nil {
		t.Error(err)
	}
	checkMessage(t, x.WithQuant(tensor.PerTensor(1, 0)).Check(), "cannot be quantized")
	if x.Quant != nil {
		t.Error("WithQuant changed its receiver")
	}
}
