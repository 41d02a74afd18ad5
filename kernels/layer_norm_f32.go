package kernels

import (
	"math"

	"megl-edge/kernels/asm"
)

// LayerNormF32 returns the task of y = (x − mean)/√(variance + ε)·scale + offset
// for every row of x, [rows × n]; offset may be nil. Every step is rounded, and
// both sums are those of [asm.SumF32], so that the result is that of the
// elementwise operators one after the other.
func LayerNormF32(y, x, scale, offset []float32, epsilon float32) Task {
	n := len(scale)
	return Rows(len(x)/n, rowsPerTile(n), func(first, last int) {
		for r := first; r < last; r++ {
			layerNormRow(y[r*n:][:n], x[r*n:][:n], scale, offset, epsilon)
		}
	})
}

func layerNormRow(y, x, scale, offset []float32, epsilon float32) {
	n := float32(len(x))
	mean := asm.SumF32(x) / n
	variance := asm.SquaresF32(x, mean) / n
	deviation := float32(math.Sqrt(float64(variance + epsilon)))
	if offset != nil {
		asm.NormalizeF32(y, x, scale, offset, mean, deviation)
		return
	}
	for i, v := range x {
		y[i] = float32((v-mean)/deviation) * scale[i]
	}
}
