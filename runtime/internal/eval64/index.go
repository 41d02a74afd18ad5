package eval64

import "megl-edge/runtime/tensor"

// each calls f with every index of the shape, in memory order, and its offset.
// The index is valid during the call only.
func each(shape tensor.Shape, f func(index []int, offset int)) {
	index := make([]int, len(shape))
	for offset := range shape.Elements() {
		rest := offset
		for axis := len(shape) - 1; axis >= 0; axis-- {
			index[axis] = rest % shape[axis]
			rest /= shape[axis]
		}
		f(index, offset)
	}
}

// at returns the offset of an index in a value of the given shape, as
// broadcasting reads it: aligned at the last axis, axes of length 1 repeated.
func at(shape tensor.Shape, index ...int) int {
	offset := 0
	index = index[len(index)-len(shape):]
	for axis, d := range shape {
		offset *= d
		if d != 1 {
			offset += index[axis]
		}
	}
	return offset
}
