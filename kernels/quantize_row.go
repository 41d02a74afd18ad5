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
	m := float32(0)
	for i := range q {
		v := x[i*step]
		m = max(m, v, -v)
	}
	if !(m >= smallestMagnitude) {
		clear(q)
		return 1
	}
	inverse := math.MaxInt8 / m
	for i := range q {
		rounded := math.RoundToEven(float64(x[i*step] * inverse))
		q[i] = int8(min(max(rounded, -math.MaxInt8), math.MaxInt8))
	}
	return m / math.MaxInt8
}
