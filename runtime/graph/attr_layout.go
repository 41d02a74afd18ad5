package graph

import (
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/tensor"
)

// checkRank fails on a list with more entries than any value has axes, which no
// message should print.
func checkRank(n int) error {
	if n > tensor.MaxRank {
		return fmt.Errorf("a list for %d axes, at most %d are allowed", n, tensor.MaxRank)
	}
	return nil
}

// Axis names one axis, counted from the outermost.
type Axis struct {
	Axis int `json:"axis"`
}

func (a Axis) check() error {
	if a.Axis < 0 {
		return fmt.Errorf("axis %d is negative", a.Axis)
	}
	return nil
}

// Scatter names the axis along which elements are placed, and the shape of the
// result.
type Scatter struct {
	Axis  int          `json:"axis"`
	Shape tensor.Shape `json:"shape"`
}

func (a Scatter) check() error { return firstError(Axis{a.Axis}.check(), a.Shape.Check(1)) }

// Shape is the shape of the result.
type Shape struct {
	Shape tensor.Shape `json:"shape"`
}

func (a Shape) check() error { return a.Shape.Check(1) }

// Transpose says which axis of the input each axis of the result is.
type Transpose struct {
	Perm []int `json:"perm"`
}

func (a Transpose) check() error {
	if err := checkRank(len(a.Perm)); err != nil {
		return err
	}
	seen := make([]bool, len(a.Perm))
	for _, p := range a.Perm {
		if p < 0 || p >= len(seen) || seen[p] {
			return fmt.Errorf("%v is no permutation", a.Perm)
		}
		seen[p] = true
	}
	return nil
}

// Slice cuts a box out of a value: where it starts and how long it is on every
// axis.
type Slice struct {
	Start []int        `json:"start"`
	Size  tensor.Shape `json:"size"`
}

func (a Slice) check() error { return firstError(checkRank(len(a.Start)), a.Size.Check(1)) }

// Pad is the elements added before and after every axis, and what they hold: a
// finite real number, quantized like the int8 value they are added to; 0 where
// that is plain integers.
type Pad struct {
	Before []int   `json:"before"`
	After  []int   `json:"after"`
	Value  float32 `json:"value"` // also where it is 0, which may be −0
}

func (a Pad) check() error {
	for _, side := range [][]int{a.Before, a.After} {
		if err := checkRank(len(side)); err != nil {
			return err
		}
		if slices.ContainsFunc(side, func(n int) bool { return n < 0 || n > math.MaxInt32 }) {
			return fmt.Errorf("padding %v must lie between 0 and %d", side, math.MaxInt32)
		}
	}
	if v := float64(a.Value); math.IsNaN(v) || math.IsInf(v, 0) {
		return fmt.Errorf("padding holds %v; want a finite number", v)
	}
	return nil
}
