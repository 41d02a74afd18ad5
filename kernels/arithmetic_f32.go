package kernels

import "megl-edge/kernels/asm"

// RowsF32 is an elementwise operator on rows of float32, in the forms that
// broadcasting needs: both operands rows, or one of them a number. Each rounds
// once.
type RowsF32 func(dst []float32, a, b asm.RowF32)

// Along the innermost axis of a broadcast an operand is a row or one number, and
// both are numbers only where the axis is one long.

// ZipF32 returns the task of y = f(a, b), both operands broadcast to shape, the
// shape of y.
func ZipF32(shape, aShape, bShape []int, y, a, b []float32, f RowsF32) Task {
	w := newWalk(shape, BroadcastStrides(aShape, shape), BroadcastStrides(bShape, shape))
	if w.outer == nil && w.step(0) == 1 && w.step(1) == 1 { // no rows to split
		return Rows(len(y), 4096, func(first, last int) {
			f(y[first:last], asm.RowF32{Values: a[first:last]}, asm.RowF32{Values: b[first:last]})
		})
	}
	stepA, stepB := w.step(0), w.step(1)
	operand := func(values []float32, at, step int) asm.RowF32 {
		if step == 0 {
			return asm.RowF32{Number: values[at]}
		}
		return asm.RowF32{Values: values[at : at+w.run]}
	}
	return Rows(w.rows(), rowsPerTile(w.run), func(first, last int) {
		for r := first; r < last; r++ {
			f(y[r*w.run:][:w.run], operand(a, w.offset(0, r), stepA), operand(b, w.offset(1, r), stepB))
		}
	})
}
