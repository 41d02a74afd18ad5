package backendtest

import (
	"fmt"
	"math"

	"megl-edge/runtime/tensor"
)

// The tolerance of the ONNX runner for real numbers: |got − want| ≤ absolute +
// relative·|want|. Integers and bools must be equal.
const (
	relative = 1e-3
	absolute = 1e-7
)

// compare fails on the first element that differs, and names both values.
func compare(got, want tensor.Tensor) error {
	if got.DType != want.DType || !got.Shape.Equal(want.Shape) {
		return fmt.Errorf("is %v, want %v", got.Type, want.Type)
	}
	switch got.DType {
	case tensor.Float32:
		return compareElements[float32](got, want, near)
	case tensor.Float64:
		return compareElements[float64](got, want, near)
	case tensor.Bool:
		return compareElements[bool](got, want, same)
	case tensor.Int8:
		return compareElements[int8](got, want, same)
	case tensor.Int16:
		return compareElements[int16](got, want, same)
	case tensor.Int32:
		return compareElements[int32](got, want, same)
	case tensor.Int64:
		return compareElements[int64](got, want, same)
	case tensor.UInt8:
		return compareElements[uint8](got, want, same)
	case tensor.UInt16:
		return compareElements[uint16](got, want, same)
	case tensor.UInt32:
		return compareElements[uint32](got, want, same)
	}
	return compareElements[uint64](got, want, same)
}

func compareElements[T tensor.Element](got, want tensor.Tensor, equal func(a, b T) bool) error {
	b := tensor.Elements[T](want)
	for i, a := range tensor.Elements[T](got) {
		if !equal(a, b[i]) {
			return fmt.Errorf("element %v is %v, want %v", position(i, got.Shape), a, b[i])
		}
	}
	return nil
}

func same[T comparable](a, b T) bool { return a == b }

func near[T float32 | float64](a, b T) bool {
	x, y := float64(a), float64(b)
	if a == b || math.IsNaN(x) && math.IsNaN(y) {
		return true
	}
	if math.IsInf(y, 0) { // which is no wider a target than a number
		return false
	}
	return math.Abs(x-y) <= absolute+relative*math.Abs(y)
}

// position is the index of an element on every axis.
func position(i int, shape tensor.Shape) []int {
	index := make([]int, len(shape))
	for axis := len(shape) - 1; axis >= 0; axis-- {
		index[axis] = i % shape[axis]
		i /= shape[axis]
	}
	return index
}
