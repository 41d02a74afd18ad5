package kernels

// The operators that move values of any element type and do not compute.

// Strided returns the task of y = x read with other strides: a transposition, a
// broadcast, or a slice that starts at offset. strides has one entry for each
// axis of shape, the shape of y.
func Strided[T any](shape, strides []int, offset int, y, x []T) Task {
	w := newWalk(shape, strides)
	step := w.step(0)
	return Rows(w.rows(), rowsPerTile(w.run), func(first, last int) {
		for r := first; r < last; r++ {
			at := offset + w.offset(0, r)
			out := y[r*w.run:][:w.run]
			if step == 1 {
				copy(out, x[at:])
				continue
			}
			for i := range out {
				out[i] = x[at+i*step]
			}
		}
	})
}

// Place returns the task that writes x, of shape, into y with the given strides
// from offset on, after filling y with fillValue if filled is set: padding, or
// one part of a concatenation.
func Place[T any](shape, strides []int, offset int, y, x []T, filled bool, fillValue T) Task {
	w := newWalk(shape, strides)
	return Func(func() {
		if filled {
			fill(y, fillValue)
		}
		step := w.step(0)
		for r := range w.rows() {
			at, part := offset+w.offset(0, r), x[r*w.run:][:w.run]
			if step == 1 {
				copy(y[at:], part)
				continue
			}
			for i, v := range part {
				y[at+i*step] = v
			}
		}
	})
}

// Gather returns the task of y = the given slices of x, [outer × n × inner],
// along its middle. An index outside 0…n−1 takes the nearest slice.
func Gather[T any](outer, n, inner int, y, x []T, indices []int32) Task {
	return Rows(outer*len(indices), rowsPerTile(inner), func(first, last int) {
		for r := first; r < last; r++ {
			index := min(max(int(indices[r%len(indices)]), 0), n-1)
			from := (r/len(indices)*n + index) * inner
			copy(y[r*inner:][:inner], x[from:])
		}
	})
}

// OneHot returns the task of y = rows of depth zeros with a one at each index;
// an index outside the row gives zeros only.
func OneHot(depth int, y []float32, indices []int32) Task {
	return Func(func() {
		clear(y)
		for r, index := range indices {
			if index >= 0 && int(index) < depth {
				y[r*depth+int(index)] = 1
			}
		}
	})
}

// Select returns the task of y = a where condition holds, else b, all broadcast.
func Select[T any](shape, conditionShape, aShape, bShape []int, y []T, condition []bool, a, b []T) Task {
	w := newWalk(shape, BroadcastStrides(conditionShape, shape), BroadcastStrides(aShape, shape), BroadcastStrides(bShape, shape))
	steps := [3]int{w.step(0), w.step(1), w.step(2)}
	return Rows(w.rows(), rowsPerTile(w.run), func(first, last int) {
		for r := first; r < last; r++ {
			ct, at, bt := w.offset(0, r), w.offset(1, r), w.offset(2, r)
			for i := range w.run {
				if condition[ct+i*steps[0]] {
					y[r*w.run+i] = a[at+i*steps[1]]
				} else {
					y[r*w.run+i] = b[bt+i*steps[2]]
				}
			}
		}
	})
}
