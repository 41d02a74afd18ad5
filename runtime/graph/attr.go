package graph

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"megl-edge/runtime/tensor"
)

// Attr is the attributes of an op: one of the types below, by value.
type Attr interface {
	// check fails on values that no input could make right.
	check() error
}

// HW is a pair of lengths in pixels: height, width.
type HW [2]int

// UnmarshalJSON reads exactly two numbers.
func (a *HW) UnmarshalJSON(data []byte) error { return unmarshalExactly(data, a[:]) }

// Sides is a length in pixels for each side: top, left, bottom, right.
type Sides [4]int

// UnmarshalJSON reads exactly four numbers.
func (a *Sides) UnmarshalJSON(data []byte) error { return unmarshalExactly(data, a[:]) }

// unmarshalExactly fills to: encoding/json would ignore a wrong length.
func unmarshalExactly(data []byte, to []int) error {
	var numbers []int
	if err := json.Unmarshal(data, &numbers); err != nil {
		return err
	}
	if len(numbers) != len(to) {
		return fmt.Errorf("%d numbers, want %d", len(numbers), len(to))
	}
	copy(to, numbers)
	return nil
}

// Conv places a filter on an image.
type Conv struct {
	Stride   HW    `json:"stride"`
	Dilation HW    `json:"dilation"`
	Pad      Sides `json:"pad"`
	Groups   int   `json:"groups"`
}

func (a Conv) check() error {
	if a.Groups < 1 {
		return fmt.Errorf("groups is %d, want at least 1", a.Groups)
	}
	return checkWindow(a.Stride, a.Dilation, a.Pad)
}

// largestStep bounds strides, dilations, kernels and paddings, so that
// positions cannot overflow. No real network comes near it.
const largestStep = 1 << 12

func checkWindow(stride, dilation HW, pad Sides) error {
	for i := range 2 {
		if stride[i] < 1 || dilation[i] < 1 || stride[i] > largestStep || dilation[i] > largestStep {
			return fmt.Errorf("stride %v and dilation %v must lie between 1 and %d", stride, dilation, largestStep)
		}
	}
	for _, p := range pad {
		if p < 0 || p > largestStep {
			return fmt.Errorf("padding %v must lie between 0 and %d", pad, largestStep)
		}
	}
	return nil
}

// ConvInputGrad is a convolution's attributes and the size of its input.
type ConvInputGrad struct {
	Conv
	Height int `json:"height"`
	Width  int `json:"width"`
}

func (a ConvInputGrad) check() error {
	if a.Height < 1 || a.Width < 1 {
		return fmt.Errorf("input size is %d×%d, want at least 1×1", a.Height, a.Width)
	}
	return a.Conv.check()
}

// Pool is a pooling window. An average divides by the pixels of the window that
// lie in the image, or by the whole window if CountPadding is set.
type Pool struct {
	Kernel       HW    `json:"kernel"`
	Stride       HW    `json:"stride"`
	Pad          Sides `json:"pad"`
	CountPadding bool  `json:"count_padding,omitempty"`
}

func (a Pool) check() error {
	for i := range 2 {
		k := a.Kernel[i]
		if k < 1 || k > largestStep || a.Pad[i] >= k || a.Pad[i+2] >= k {
			return fmt.Errorf("kernel %v with padding %v: want 1 to %d pixels and less padding than that", a.Kernel, a.Pad, largestStep)
		}
	}
	return checkWindow(a.Stride, HW{1, 1}, a.Pad)
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

// BatchNorm is what is added to the variance before its square root.
type BatchNorm struct {
	Epsilon float32 `json:"epsilon"`
}

func (a BatchNorm) check() error {
	if !(a.Epsilon >= 0) || math.IsInf(float64(a.Epsilon), 1) {
		return fmt.Errorf("epsilon is %v; want a finite number, 0 or above", a.Epsilon)
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

// Cast is the element type of the result.
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

// Quantized says how an op's real result becomes int8: one scale and zero point,
// and the range that its activation leaves.
type Quantized struct {
	Scale     float32 `json:"scale"`
	ZeroPoint int32   `json:"zero_point"`
	Min       int8    `json:"min"`
	Max       int8    `json:"max"`
}

// QuantizedTo returns the full int8 range at the given scale and zero point.
func QuantizedTo(scale float32, zeroPoint int32) Quantized {
	return Quantized{scale, zeroPoint, math.MinInt8, math.MaxInt8}
}

func (a Quantized) check() error {
	if a.Min > a.Max {
		return fmt.Errorf("range %d to %d is empty", a.Min, a.Max)
	}
	return a.Quantization().Check(tensor.Int8, nil)
}

// Quantization returns the scale and zero point in the form a type holds.
func (a Quantized) Quantization() *tensor.Quantization {
	return tensor.PerTensor(a.Scale, a.ZeroPoint)
}

// Range returns the least and the greatest real result, rounded to float32 as
// dequantize rounds them.
func (a Quantized) Range() Clamp {
	real := func(q int8) float32 { return float32(int32(q)-a.ZeroPoint) * a.Scale }
	return Clamp{real(a.Min), real(a.Max)}
}

// QuantConv is a convolution with an int8 result.
type QuantConv struct {
	Conv
	Output Quantized `json:"output"`
}

func (a QuantConv) check() error { return firstError(a.Conv.check(), a.Output.check()) }

// QuantPool is an average pooling with an int8 result.
type QuantPool struct {
	Pool
	Output Quantized `json:"output"`
}

func (a QuantPool) check() error { return firstError(a.Pool.check(), a.Output.check()) }

// QuantReduce is a reduction with an int8 result.
type QuantReduce struct {
	Reduce
	Output Quantized `json:"output"`
}

func (a QuantReduce) check() error { return firstError(a.Reduce.check(), a.Output.check()) }

// The functions of quant_unary; an activation range comes on top, in the output.
const (
	Identity  = "identity"
	Sigmoid   = "sigmoid"
	HardSwish = "hard_swish"
)

// QuantUnary is a function of one value with an int8 result.
type QuantUnary struct {
	Function string    `json:"function"`
	Output   Quantized `json:"output"`
}

func (a QuantUnary) check() error {
	switch a.Function {
	case Identity, Sigmoid, HardSwish:
		return a.Output.check()
	}
	return fmt.Errorf("function %.32q is not known", a.Function)
}
