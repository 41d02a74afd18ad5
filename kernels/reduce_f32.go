package kernels

import (
	"megl-edge/kernels/asm"
)

// ReduceShape is a value seen as [Outer × Reduced × Inner]: the middle is
// reduced. Any reduction over neighbouring axes has this form.
type ReduceShape struct{ Outer, Reduced, Inner int }

// ReduceSumF32 returns the task of y = sums of x divided by divisor (1 for the
// plain sum). With Inner > 1 each sum is one running value, ascending; along the
// last axis it is kept in 16 lanes (see [asm.SumF32]).
func ReduceSumF32(s ReduceShape, y, x []float32, divisor float32) Task {
	blocks := max(1, (s.Inner+sumBlock-1)/sumBlock)
	return Rows(s.Outer*blocks, 1, func(first, last int) {
		for i := first; i < last; i++ {
			o, from := i/blocks, i%blocks*sumBlock
			out := y[o*s.Inner:][from:min(from+sumBlock, s.Inner)]
			s.sum(out, x[o*s.Reduced*s.Inner+from:])
			for j := range out {
				out[j] /= divisor
			}
		}
	})
}

// sumBlock is how many running sums a tile keeps.
const sumBlock = 128

func (s ReduceShape) sum(out, x []float32) {
	if s.Inner == 1 {
		out[0] = asm.SumF32(x[:s.Reduced])
		return
	}
	clear(out)
	for r := range s.Reduced {
		asm.AccumulateF32(out, x[r*s.Inner:][:len(out)])
	}
}

// ReduceMaxF32 returns the task of y = maxima of x; of equal zeros the first
// one stays.
func ReduceMaxF32(s ReduceShape, y, x []float32) Task {
	return s.select32(y, x, func(v, best float32) bool { return v > best })
}

// ReduceMinF32 returns the task of y = minima of x; of equal zeros the first
// one stays.
func ReduceMinF32(s ReduceShape, y, x []float32) Task {
	return s.select32(y, x, func(v, best float32) bool { return v < best })
}

func (s ReduceShape) select32(y, x []float32, better func(v, best float32) bool) Task {
	return Rows(s.Outer, 1, func(first, last int) {
		for o := first; o < last; o++ {
			out, in := y[o*s.Inner:][:s.Inner], x[o*s.Reduced*s.Inner:]
			copy(out, in)
			for j := s.Inner; j < s.Reduced*s.Inner; j++ {
				if best := &out[j%s.Inner]; better(in[j], *best) {
					*best = in[j]
				}
			}
		}
	})
}
