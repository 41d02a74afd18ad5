package kernels

import "math"

// smallestMagnitude is below what a row counts as zeros: the inverse of its scale
// would overflow.
const smallestMagnitude = 0x1p-100

// quantizeRow rounds the values of one row to int8 and returns their scale:
// q = round(x·(127/m)), half to even, scale = m/127, m the greatest magnitude.
// Rows of nothing but (almost) zeros become zeros, with scale 1.
func quantizeRow(q []int8, x []float32) float32 { return quantizeStep(q, x, 1) }

// quantizeStep is quantizeRow for values that lie step apart.
func quantizeStep(q []int8, x []float32, step int) float32 {
	greatest := uint32(0) // magnitudes compare as their bits do
	for i := range q {
		greatest = max(greatest, math.Float32bits(x[i*step])&^signBit)
	}
	m := math.Float32frombits(greatest)
	if !(m >= smallestMagnitude) {
		clear(q)
		return 1
	}
	inverse := math.MaxInt8 / m
	for i := range q {
		// Beside 1.5·2²³ a float32 has no fraction: the sum is rounded half to
		// even, and its low bits are the integer.
		q[i] = int8(math.Float32bits(float32(x[i*step]*inverse) + wholeNumbers))
	}
	return m / math.MaxInt8
}

const (
	signBit      = 1 << 31
	wholeNumbers = 3 << 22
)
