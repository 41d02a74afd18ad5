package calibration

import (
	"errors"
	"fmt"

	"megl-edge/runtime/graph"
)

// ErrNotFinite says that an activation holds what is no finite number.
var ErrNotFinite = errors.New("holds values that are not finite: the weights of the model are damaged, or its pixels are normalised wrongly")

// Observer sees the values of one activation, in 32 KiB however many they are.
type Observer struct {
	method Method
	seen   histogram
}

// NewObserver returns an observer that chooses by the given method, MinMax if it
// is empty.
func NewObserver(m Method) *Observer { return &Observer{method: m} }

// Observe adds values. On one that is not finite it fails with an error that
// wraps [ErrNotFinite], and adds none.
func (o *Observer) Observe(values []float32) error {
	var lo, hi float32
	for i, v := range values {
		switch {
		case v-v != 0:
			return fmt.Errorf("value %d is %v: %w", i, v, ErrNotFinite)
		case i == 0:
			lo, hi = v, v
		case v < lo:
			lo = v
		case v > hi:
			hi = v
		}
	}
	o.seen.add(values, lo, hi)
	return nil
}

// Constant tells whether nothing but zeros was seen, or nothing at all.
func (o *Observer) Constant() bool { return o.seen.zeros == o.seen.total }

// Range returns the least and the greatest value that was seen, two zeros before
// the first.
func (o *Observer) Range() (lo, hi float32) {
	return o.seen.lo + 0, o.seen.hi + 0 // the sign of a zero would depend on the order
}

// Quantized returns the scale and zero point that the method chooses. Real 0 is
// exact: int8 value ZeroPoint. The scale is a normal number of at least 2⁻⁶⁰, and
// 1 for zeros alone.
func (o *Observer) Quantized() graph.Quantized {
	lo, hi := o.seen.span()
	switch {
	case o.Constant():
	case o.method == Percentile:
		lo, hi = o.seen.percentile()
	case o.method == MSE:
		lo, hi = o.seen.leastError()
	case o.method == Entropy:
		lo, hi = o.seen.leastDivergence()
	}
	return quantized(lo, hi)
}
