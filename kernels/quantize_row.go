package kernels

import (
	"math"

	"megl-edge/kernels/asm"
)

// smallestMagnitude is below what a row counts as zeros: the inverse of its scale
// would overflow.
const smallestMagnitude = 0x1p-100

// quantizeRow rounds the values of one row, times unit, to int8 and returns their
// scale: q = round(x·(127/m)), half to even, scale = m/127, m the greatest
// magnitude. Rows of nothing but (almost) zeros become zeros, with scale 1.
func quantizeRow(q []int8, x []float32, unit float32) float32 {
	m := asm.MagnitudeF32(x) * magnitudeF32(unit)
	if !(m >= smallestMagnitude) {
		clear(q)
		return 1
	}
	asm.RoundF32S8(q, x, unit, math.MaxInt8/m)
	return m / math.MaxInt8
}

func magnitudeF32(v float32) float32 { return math.Float32frombits(math.Float32bits(v) &^ (1 << 31)) }

// quantizeColumns does the same for the columns of a matrix: m comes in as their
// greatest magnitudes, and becomes what rows are multiplied by before they are
// rounded; scale becomes the scales.
func quantizeColumns(m, scale []float32) {
	for j, greatest := range m {
		if greatest >= smallestMagnitude {
			m[j], scale[j] = math.MaxInt8/greatest, greatest/math.MaxInt8
		} else {
			m[j], scale[j] = 0, 1
		}
	}
}
