package calibration

import (
	"math"

	"megl-edge/runtime/graph"
)

const (
	// smallestScale keeps scales, and the product of two, normal numbers.
	smallestScale = 0x1p-60
	// greatest bounds a range so that every int8 value stands for a finite float32.
	greatest = 0x1p127
	// steps lie between the least and the greatest int8 value.
	steps = math.MaxInt8 - math.MinInt8
)

// quantized returns the int8 steps for a range that includes 0. The zero point is
// rounded, so that the range they cover is off by up to half a step.
func quantized(lo, hi float64) graph.Quantized {
	lo, hi = max(lo, -greatest), min(hi, greatest)
	if lo == hi {
		return graph.QuantizedTo(1, 0)
	}
	scale := max(float32((hi-lo)/steps), smallestScale)
	zeroPoint := math.RoundToEven(math.MinInt8 - lo/float64(scale))
	return graph.QuantizedTo(scale, int32(zeroPoint))
}
