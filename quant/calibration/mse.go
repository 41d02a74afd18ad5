package calibration

import (
	"math"

	"megl-edge/runtime/graph"
)

const (
	octaves   = 4 // how often the range of one side is halved
	perOctave = 8 // how many ranges are tried in between
)

// leastError tries ranges on both sides of 0 and returns the one with the least
// squared error, a wider one where several have it.
func (h *histogram) leastError() (lo, hi float64) {
	least := math.Inf(1)
	start, end := h.span()
	for _, l := range shorter(start) {
		for _, u := range shorter(end) {
			if e := h.squaredError(quantized(l, u), least); e < least {
				least, lo, hi = e, l, u
			}
		}
	}
	return lo, hi
}

// shorter returns end and numbers nearer to 0, down to 9/256 of it: in each octave
// 16, 15, … 9 sixteenths. 0 stays alone.
func shorter(end float64) []float64 {
	if end == 0 {
		return []float64{0}
	}
	var list []float64
	for range octaves {
		for j := range perOctave {
			list = append(list, end*float64(2*perOctave-j)/(2*perOctave))
		}
		end /= 2
	}
	return list
}

// squaredError returns the sum of the squared errors that q makes, as if the
// values of a bin were spread evenly over it. It gives up beyond most.
func (h *histogram) squaredError(q graph.Quantized, most float64) float64 {
	scale := float64(q.Scale)
	lo, hi := float64(int32(q.Min)-q.ZeroPoint), float64(int32(q.Max)-q.ZeroPoint)
	width := h.width() / scale
	most /= scale * scale
	sum := 0.0
	first, end := h.used()
	for i := first; i < end && sum <= most; i++ {
		if n := h.inexact(i); n != 0 {
			x := float64(float64(i-half) * width)
			area := errorArea(x+width, lo, hi) - errorArea(x, lo, hi)
			sum += float64(float64(n) * (area / width))
		}
	}
	return sum * scale * scale
}

// errorArea returns the integral from 0 to x of the squared distance to the
// nearest integer from lo to hi: 1/12 for each whole integer, and a third of the
// cube of what is left.
func errorArea(x, lo, hi float64) float64 {
	whole := min(max(math.RoundToEven(x), lo), hi)
	rest := x - whole
	return whole/12 + float64(float64(rest*rest)*rest)/3
}
