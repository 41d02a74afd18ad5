package kernels

import (
	"math"

	"megl-edge/kernels/asm"
)

// zip returns the task of y[i] = f(a[i], b[i]), broadcast.
func zip[A, B, Y any](shape, aShape, bShape []int, y []Y, a []A, b []B, f func(A, B) Y) Task {
	w := newWalk(shape, BroadcastStrides(aShape, shape), BroadcastStrides(bShape, shape))
	stepA, stepB := w.step(0), w.step(1)
	return Rows(w.rows(), rowsPerTile(w.run), func(first, last int) {
		for r := first; r < last; r++ {
			at, bt := w.offset(0, r), w.offset(1, r)
			out := y[r*w.run:][:w.run]
			for i := range out {
				out[i] = f(a[at+i*stepA], b[bt+i*stepB])
			}
		}
	})
}

// MapUnary returns the task of y[i] = f(x[i]).
func MapUnary[X, Y any](y []Y, x []X, f func(X) Y) Task {
	return Rows(len(y), 4096, func(first, last int) {
		for i, v := range x[first:last] {
			y[first+i] = f(v)
		}
	})
}

// MapRowsF32 returns the task of y = f(x), f being a kernel for any stretch.
func MapRowsF32(y, x []float32, f func(y, x []float32)) Task {
	return Rows(len(y), 4096, func(first, last int) { f(y[first:last], x[first:last]) })
}

// SumOfF32 returns the task of y = a + b for operands of one shape.
func SumOfF32(y, a, b []float32) Task {
	return Rows(len(y), 1<<14, func(first, last int) { asm.AddF32(y[first:last], a[first:], b[first:]) })
}

// SumOfS8 returns the task of a quantized addition; see [asm.AddS8].
func SumOfS8(y, a, b []int8, qa, qb asm.OperandS8, output asm.OutputS8) Task {
	return Rows(len(y), 1<<15, func(first, last int) {
		asm.AddS8(y[first:last], a[first:], b[first:], qa, qb, output)
	})
}

// MapBinaryS8 returns the task of a broadcast quantized operator: both operands
// dequantized, f, and the result in units of the output scale rounded.
func MapBinaryS8(shape, aShape, bShape []int, y, a, b []int8, qa, qb asm.OperandS8, f func(a, b float32) float32, output asm.OutputS8) Task {
	return zip(shape, aShape, bShape, y, a, b, func(p, q int8) int8 {
		return output.Quantize(f(qa.Real(p), qb.Real(q)))
	})
}

// ClampOfF32 returns the task of y = x limited to lo…hi; see [asm.ClampF32].
func ClampOfF32(y, x []float32, lo, hi float32) Task {
	return Rows(len(y), 1<<14, func(first, last int) {
		copy(y[first:last], x[first:])
		asm.ClampF32(y[first:last], lo, hi)
	})
}

// ClampGradF32 returns the task of dx = dy where y lies between lo and hi, else 0;
// see [asm.ClampGradF32].
func ClampGradF32(dx, dy, y []float32, lo, hi float32) Task {
	return Rows(len(dx), 1<<14, func(first, last int) {
		asm.ClampGradF32(dx[first:last], dy[first:], y[first:], lo, hi)
	})
}

// SigmoidF32 returns 1/(1 + e⁻ˣ).
func SigmoidF32(x float32) float32 { return 1 / (1 + asm.ExpF32(-x)) }

// HardSwishF32 returns x·(min(max(x + 3, 0), 6)/6).
func HardSwishF32(x float32) float32 {
	gate := x + 3
	if !(gate > 0) {
		gate = 0
	}
	if !(gate < 6) {
		gate = 6
	}
	return x * (gate / 6)
}

// SqrtF32 returns the correctly rounded square root.
func SqrtF32(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// SoftmaxRowsF32 returns the task of a softmax of every row of x, [rows × n].
func SoftmaxRowsF32(y, x []float32, n int) Task {
	return Rows(len(x)/n, rowsPerTile(n), func(first, last int) {
		for r := first; r < last; r++ {
			asm.SoftmaxF32(y[r*n:][:n], x[r*n:][:n])
		}
	})
}
