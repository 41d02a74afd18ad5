package kernels

// RowsF32 is an elementwise operator on rows of float32, in the forms that
// broadcasting needs: both operands rows, or one of them a number. All slices of
// a call have one length.
type RowsF32 struct {
	Both   func(y, a, b []float32)
	Second func(y, a []float32, b float32)
	First  func(y []float32, a float32, b []float32)
}

// The operators. Each rounds once.
var (
	AddRowsF32 = RowsF32{
		func(y, a, b []float32) {
			for i := range y {
				y[i] = a[i] + b[i]
			}
		},
		func(y, a []float32, b float32) {
			for i := range y {
				y[i] = a[i] + b
			}
		},
		func(y []float32, a float32, b []float32) {
			for i := range y {
				y[i] = a + b[i]
			}
		},
	}
	SubRowsF32 = RowsF32{
		func(y, a, b []float32) {
			for i := range y {
				y[i] = a[i] - b[i]
			}
		},
		func(y, a []float32, b float32) {
			for i := range y {
				y[i] = a[i] - b
			}
		},
		func(y []float32, a float32, b []float32) {
			for i := range y {
				y[i] = a - b[i]
			}
		},
	}
	MulRowsF32 = RowsF32{
		func(y, a, b []float32) {
			for i := range y {
				y[i] = a[i] * b[i]
			}
		},
		func(y, a []float32, b float32) {
			for i := range y {
				y[i] = a[i] * b
			}
		},
		func(y []float32, a float32, b []float32) {
			for i := range y {
				y[i] = a * b[i]
			}
		},
	}
	DivRowsF32 = RowsF32{
		func(y, a, b []float32) {
			for i := range y {
				y[i] = a[i] / b[i]
			}
		},
		func(y, a []float32, b float32) {
			for i := range y {
				y[i] = a[i] / b
			}
		},
		func(y []float32, a float32, b []float32) {
			for i := range y {
				y[i] = a / b[i]
			}
		},
	}
)

// Along the innermost axis of a broadcast an operand is a row or one number, and
// both are numbers only where the axis is one long.

// ZipF32 returns the task of y = f(a, b), both operands broadcast to shape, the
// shape of y.
func ZipF32(shape, aShape, bShape []int, y, a, b []float32, f RowsF32) Task {
	w := newWalk(shape, BroadcastStrides(aShape, shape), BroadcastStrides(bShape, shape))
	if w.outer == nil && w.step(0) == 1 && w.step(1) == 1 { // no rows to split
		return Rows(len(y), 4096, func(first, last int) { f.Both(y[first:last], a[first:last], b[first:last]) })
	}
	stepA, stepB := w.step(0), w.step(1)
	return Rows(w.rows(), rowsPerTile(w.run), func(first, last int) {
		for r := first; r < last; r++ {
			at, bt := w.offset(0, r), w.offset(1, r)
			out := y[r*w.run:][:w.run]
			switch {
			case stepA == 1 && stepB == 1:
				f.Both(out, a[at:at+w.run], b[bt:bt+w.run])
			case stepB == 0:
				f.Second(out, a[at:at+w.run], b[bt])
			default:
				f.First(out, a[at], b[bt:bt+w.run])
			}
		}
	})
}
