package tensor

import (
	"fmt"
	"math"
	"slices"
)

// Quantization maps stored integers q to real numbers:
//
//	real = Scale[c] · (q − ZeroPoint[c])
//
// with c the index along Axis, or 0 where one pair serves the whole tensor.
type Quantization struct {
	Scale     []float32 `json:"scale"`
	ZeroPoint []int32   `json:"zero_point"`
	Axis      int       `json:"axis,omitempty"`
}

// PerTensor returns a quantization with one scale and zero point.
func PerTensor(scale float32, zeroPoint int32) *Quantization {
	return &Quantization{Scale: []float32{scale}, ZeroPoint: []int32{zeroPoint}}
}

// IsPerTensor tells whether one scale and zero point serve the whole tensor.
func (q *Quantization) IsPerTensor() bool { return q != nil && len(q.Scale) == 1 }

// Check fails unless the quantization fits a tensor of type d and shape s:
// scales finite and positive, zero points inside the integer type, as many as
// the axis is long.
func (q *Quantization) Check(d DType, s Shape) error {
	if len(q.Scale) == 0 || len(q.Scale) != len(q.ZeroPoint) {
		return fmt.Errorf("quantization has %d scales and %d zero points", len(q.Scale), len(q.ZeroPoint))
	}
	if !q.IsPerTensor() {
		if q.Axis < 0 || q.Axis >= len(s) || s[q.Axis] != len(q.Scale) {
			return fmt.Errorf("quantization has %d scales along axis %d of shape %v", len(q.Scale), q.Axis, s)
		}
	}
	lo, hi := integerRange(d)
	if lo > hi {
		return fmt.Errorf("values of type %v cannot be quantized", d)
	}
	for i, scale := range q.Scale {
		if !(scale > 0) || math.IsInf(float64(scale), 1) {
			return fmt.Errorf("quantization scale %d is %v; want a finite number above 0", i, scale)
		}
		if z := int64(q.ZeroPoint[i]); z < lo || z > hi {
			return fmt.Errorf("zero point %d does not fit type %v", z, d)
		}
	}
	return nil
}

// integerRange returns the bounds of the types that can be quantized, an empty
// range for the others.
func integerRange(d DType) (lo, hi int64) {
	switch d {
	case Int8:
		return math.MinInt8, math.MaxInt8
	case UInt8:
		return 0, math.MaxUint8
	case Int16:
		return math.MinInt16, math.MaxInt16
	case Int32:
		return math.MinInt32, math.MaxInt32
	}
	return 0, -1
}

// Equal tells whether both are nil or hold the same numbers.
func (q *Quantization) Equal(other *Quantization) bool {
	if q == nil || other == nil {
		return q == other
	}
	sameAxis := q.Axis == other.Axis || q.IsPerTensor()
	return sameAxis && slices.Equal(q.Scale, other.Scale) && slices.Equal(q.ZeroPoint, other.ZeroPoint)
}

// Type is what is known of a value before it is computed: element type, shape
// and, for quantized values, the map to real numbers (nil otherwise).
type Type struct {
	DType DType         `json:"dtype"`
	Shape Shape         `json:"shape"`
	Quant *Quantization `json:"quantization,omitempty"`
}

// Bytes returns the size of a value of this type, which [Type.Check] accepts.
func (t Type) Bytes() int { return t.Shape.Elements() * t.DType.Size() }

// Equal tells whether both types agree in everything.
func (t Type) Equal(other Type) bool {
	return t.DType == other.DType && t.Shape.Equal(other.Shape) && t.Quant.Equal(other.Quant)
}

// String writes the type as "I8[1×7×7×1280]".
func (t Type) String() string { return fmt.Sprintf("%v[%v]", t.DType, t.Shape) }

// Check fails on an unknown element type, a shape too large to hold, or a
// quantization that does not fit.
func (t Type) Check() error {
	if t.DType.Size() == 0 {
		return fmt.Errorf("element type %v cannot be stored", t.DType)
	}
	if err := t.Shape.Check(t.DType.Size()); err != nil {
		return err
	}
	if t.Quant != nil {
		return t.Quant.Check(t.DType, t.Shape)
	}
	return nil
}
