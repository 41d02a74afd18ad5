package kernels

import (
	"megl-edge/kernels/asm"
)

// MaxPoolS8 returns the task of an int8 maximum pooling of x into y.
func MaxPoolS8(s PoolShape, y, x []int8) Task { return maxPool(s, y, x, asm.MaxS8) }

// MaxPoolF32 returns the task of a float32 maximum pooling of x into y.
func MaxPoolF32(s PoolShape, y, x []float32) Task { return maxPool(s, y, x, asm.MaxF32) }

// maxPool takes the first pixel of a window, then the maximum with each other
// one in row-major order. Padding never wins: it is left out.
func maxPool[T int8 | float32](s PoolShape, y, x []T, maximum func(dst, src []T)) Task {
	return &pool{PoolShape: s, pixel: func(i, n, top, bottom, left, right int, _ []byte) {
		c := s.Channels
		out := y[i*c:][:c]
		copy(out, x[s.at(n, top, left):])
		for row := top; row < bottom; row++ {
			for column := left; column < right; column++ {
				maximum(out, x[s.at(n, row, column):][:c])
			}
		}
	}}
}
