package graph

import (
	"encoding/json"
	"fmt"
	"math"

	"megl-edge/runtime/tensor"
)

// Attr is the attributes of an op: one of the types of the attr files, by value.
type Attr interface {
	// check fails on values that no input could make right.
	check() error
}

// MatMul says which operands are transposed.
type MatMul struct {
	TransposeA bool `json:"transpose_a,omitempty"`
	TransposeB bool `json:"transpose_b,omitempty"`
}

func (MatMul) check() error { return nil }

// Clamp is a range; an infinite bound does not limit. It is written without the
// infinite bounds, which JSON cannot hold.
type Clamp struct{ Min, Max float32 }

// ReLU and ReLU6 are the usual ranges.
var (
	ReLU  = Clamp{0, float32(math.Inf(1))}
	ReLU6 = Clamp{0, 6}
)

func (a Clamp) check() error {
	if !(a.Min <= a.Max) || math.IsInf(float64(a.Min), 1) || math.IsInf(float64(a.Max), -1) {
		return fmt.Errorf("range %v to %v holds no number", a.Min, a.Max)
	}
	return nil
}

type clampJSON struct {
	Min *float32 `json:"min,omitempty"`
	Max *float32 `json:"max,omitempty"`
}

// MarshalJSON writes the finite bounds.
func (a Clamp) MarshalJSON() ([]byte, error) {
	var j clampJSON
	if !math.IsInf(float64(a.Min), -1) {
		j.Min = &a.Min
	}
	if !math.IsInf(float64(a.Max), 1) {
		j.Max = &a.Max
	}
	return json.Marshal(j)
}

// UnmarshalJSON reads what MarshalJSON writes.
func (a *Clamp) UnmarshalJSON(data []byte) error {
	var j clampJSON
	if err := strictUnmarshal(data, &j); err != nil {
		return err
	}
	a.Min, a.Max = float32(math.Inf(-1)), float32(math.Inf(1))
	if j.Min != nil {
		a.Min = *j.Min
	}
	if j.Max != nil {
		a.Max = *j.Max
	}
	return nil
}

// LayerNorm is what is added to the variance before its square root.
type LayerNorm struct {
	Epsilon float32 `json:"epsilon"`
}

func (a LayerNorm) check() error { return checkEpsilon(a.Epsilon) }

// BatchNorm is what is added to the variance before its square root.
type BatchNorm struct {
	Epsilon float32 `json:"epsilon"`
}

func (a BatchNorm) check() error { return checkEpsilon(a.Epsilon) }

func checkEpsilon(epsilon float32) error {
	if !(epsilon >= 0) || math.IsInf(float64(epsilon), 1) {
		return fmt.Errorf("epsilon is %v; want a finite number, 0 or above", epsilon)
	}
	return nil
}

// Reduce names the axes that are reduced, ascending; with KeepDims they stay,
// one long.
type Reduce struct {
	Axes     []int `json:"axes"`
	KeepDims bool  `json:"keep_dims,omitempty"`
}

func (a Reduce) check() error {
	if err := checkRank(len(a.Axes)); err != nil {
		return err
	}
	for i, axis := range a.Axes {
		if axis < 0 || i > 0 && axis <= a.Axes[i-1] {
			return fmt.Errorf("axes %v must be ascending and not negative", a.Axes)
		}
	}
	return nil
}

// OneHot is the length of the new axis.
type OneHot struct {
	Depth int `json:"depth"`
}

func (a OneHot) check() error {
	if a.Depth < 1 {
		return fmt.Errorf("depth is %d, want at least 1", a.Depth)
	}
	return nil
}

// CumSum says along which axis sums run: from the first element, or from the
// last with Reverse; without the element itself if Exclusive.
type CumSum struct {
	Axis      int  `json:"axis"`
	Exclusive bool `json:"exclusive,omitempty"`
	Reverse   bool `json:"reverse,omitempty"`
}

func (a CumSum) check() error { return Axis{a.Axis}.check() }

// TopK is how many of the greatest values are wanted, or of the least.
type TopK struct {
	K     int  `json:"k"`
	Least bool `json:"least,omitempty"`
}

func (a TopK) check() error {
	if a.K < 0 {
		return fmt.Errorf("k is %d, want at least 0", a.K)
	}
	return nil
}

// Cast is the element type of the result. Numbers become bools by being other
// than 0, bools become 0 and 1; a float becomes the nearest integer towards 0 in
// the type's range, not a number becomes 0; an integer that does not fit wraps
// around.
type Cast struct {
	DType tensor.DType `json:"dtype"`
}

func (Cast) check() error { return nil }

// Normalize is what turns pixels, 0 to 255, into the network's input: one mean
// and standard deviation for each channel, in pixel units.
type Normalize struct {
	Mean []float32 `json:"mean"`
	Std  []float32 `json:"std"`
}

func (a Normalize) check() error {
	if len(a.Mean) != len(a.Std) {
		return fmt.Errorf("%d means and %d standard deviations", len(a.Mean), len(a.Std))
	}
	for i, std := range a.Std {
		if !(std > 0) || math.IsInf(float64(std), 1) || math.IsNaN(float64(a.Mean[i])) || math.IsInf(float64(a.Mean[i]), 0) {
			return fmt.Errorf("mean %v and standard deviation %v of channel %d: want finite numbers, the second above 0", a.Mean[i], std, i)
		}
	}
	return nil
}
