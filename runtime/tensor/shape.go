package tensor

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// Shape is the length of every dimension, outermost first. A scalar has the
// empty shape.
type Shape []int

// MaxRank is the largest number of dimensions. Networks have up to 6; the bound
// keeps a hostile shape from being copied into every node of a graph.
const MaxRank = 64

// Elements returns the number of elements. It panics on a shape that
// [Shape.Check] refuses; shapes from outside are checked on the way in.
func (s Shape) Elements() int {
	if err := s.Check(1); err != nil {
		panic("tensor: " + err.Error())
	}
	n := 1
	for _, d := range s {
		n *= d
	}
	return n
}

// Check fails on more than [MaxRank] dimensions, on a negative one, and on a
// shape whose elements, size bytes each, do not fit the address space of a
// 32-bit machine. Dimensions of 0 do not hide the others: the product of any
// dimensions of a checked shape fits an int.
func (s Shape) Check(size int) error {
	if len(s) > MaxRank {
		return fmt.Errorf("a shape of %d dimensions, at most %d are allowed", len(s), MaxRank)
	}
	n := int64(size)
	for _, d := range s {
		if d < 0 {
			return fmt.Errorf("shape %v has a negative dimension", s)
		}
		if d > 0 && n > math.MaxInt32/int64(d) {
			return fmt.Errorf("shape %v takes more than 2 GiB", s)
		}
		n *= max(1, int64(d))
	}
	return nil
}

// Equal tells whether both shapes have the same dimensions.
func (s Shape) Equal(other Shape) bool { return slices.Equal(s, other) }

// Clone returns a copy that shares nothing with s.
func (s Shape) Clone() Shape { return append(Shape{}, s...) }

// String writes the shape as "1×224×224×3".
func (s Shape) String() string {
	if len(s) == 0 {
		return "scalar"
	}
	parts := make([]string, len(s))
	for i, d := range s {
		parts[i] = fmt.Sprint(d)
	}
	return strings.Join(parts, "×")
}
