package qdq

import (
	"math"

	"megl-edge/runtime/graph"
)

// maxRatio bounds the scale of an operand in units of the result's. Beyond it
// every value but 0 leaves the int8 range, and the kernels' float32 numbers may
// overflow.
const maxRatio = 1 << 31

const tooFarApart = "its scale and those of its operands are too far apart"

// near tells whether values of the given scale can be brought to another.
func near(scale, to float64) bool { return scale/to <= maxRatio }

// limited returns the quantized range within the real bounds of an activation.
// Bounds are rounded as quantize rounds a value that was clamped to them.
func limited(to graph.Quantized, r graph.Clamp) graph.Quantized {
	to.Min = min(max(to.Min, quantized(to, r.Min)), to.Max)
	to.Max = max(min(to.Max, quantized(to, r.Max)), to.Min)
	return to
}

// quantized returns v as quantize stores it, but for the range.
func quantized(to graph.Quantized, v float32) int8 {
	q := math.RoundToEven(float64(v/to.Scale)) + float64(to.ZeroPoint)
	return int8(min(max(q, math.MinInt8), math.MaxInt8))
}

// holds tells whether v is one of the numbers that int8 values can be, so that
// quantizing it loses nothing.
func holds(scale float32, zeroPoint int32, v float32) bool {
	q := int32(quantized(graph.QuantizedTo(scale, zeroPoint), v))
	return float32(q-zeroPoint)*scale == v
}
