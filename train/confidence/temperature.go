package confidence

import (
	"slices"

	"megl-edge/kernels"
)

// The temperatures that are searched, as logarithms, and how often the search halves
// its golden section.
const (
	coldest = -3.0
	hottest = 3.0
	steps   = 60
	golden  = 0.6180339887498949
)

// temperature returns the one that makes labels most likely: the minimum of the
// negative log likelihood, which has one only, by golden section.
func temperature(logits [][]float32, classes []int) float32 {
	at := func(logarithm float64) float64 { return unlikelihood(logits, classes, kernels.Exp64(logarithm)) }
	low, high := coldest, hottest
	a, b := high-float64(golden*(high-low)), low+float64(golden*(high-low))
	fa, fb := at(a), at(b)
	for range steps {
		if fa <= fb {
			high, b, fb = b, a, fa
			a = high - float64(golden*(high-low))
			fa = at(a)
		} else {
			low, a, fa = a, b, fb
			b = low + float64(golden*(high-low))
			fb = at(b)
		}
	}
	return float32(kernels.Exp64((low + high) / 2))
}

// unlikelihood is −Σ log softmax(logits/temperature)[class].
func unlikelihood(logits [][]float32, classes []int, temperature float64) float64 {
	sum := 0.0
	for i, row := range logits {
		greatest := float64(slices.Max(row))
		powers := 0.0
		for _, v := range row {
			powers += kernels.Exp64((float64(v) - greatest) / temperature)
		}
		sum += kernels.Log64(powers) - (float64(row[classes[i]])-greatest)/temperature
	}
	return sum
}
