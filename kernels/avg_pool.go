package kernels

import (
	"megl-edge/kernels/asm"
)

// AvgPoolF32 returns the task of a float32 average pooling of x into y: the sum
// over the window in row-major order, divided once.
func AvgPoolF32(s PoolShape, y, x []float32) Task {
	return &pool{PoolShape: s, pixel: func(i, n, top, bottom, left, right int, _ []byte) {
		c := s.Channels
		out := y[i*c:][:c]
		clear(out)
		for row := top; row < bottom; row++ {
			for column := left; column < right; column++ {
				asm.AccumulateF32(out, x[s.at(n, row, column):][:c])
			}
		}
		count := float32(s.count(top, bottom, left, right))
		for j := range out {
			out[j] /= count
		}
	}}
}

// AvgPoolS8 returns the task of an int8 average pooling of x into y, both
// quantized: the exact sum of the window less the zero points, times
// float32(ratio / count), rounded as [asm.RequantizeS32S8] does. ratio is the
// input's scale divided by the output's.
func AvgPoolS8(s PoolShape, y, x []int8, xZero int32, ratio float32, output asm.OutputS8) Task {
	c := s.Channels
	pixel := func(i, n, top, bottom, left, right int, scratch []byte) {
		acc, scratch := take[int32](scratch, c)
		bias, scratch := take[int32](scratch, c)
		scale, _ := take[float32](scratch, c)
		clear(acc)
		for row := top; row < bottom; row++ {
			for column := left; column < right; column++ {
				asm.AccumulateS8(acc, x[s.at(n, row, column):][:c])
			}
		}
		// Padding counts as real zeros: it adds nothing to the centred sum.
		fill(bias, -xZero*int32((bottom-top)*(right-left)))
		fill(scale, ratio/float32(s.count(top, bottom, left, right)))
		addend := [1]int32{}
		asm.RequantizeS32S8(y[i*c:], c, acc, c, addend[:], bias, scale, 1, c, output)
	}
	return &pool{PoolShape: s, pixel: pixel, scratch: 2*scratchBytes[int32](c) + scratchBytes[float32](c)}
}
