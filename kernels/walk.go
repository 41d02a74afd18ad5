package kernels

// Strides returns the distance between neighbours along each axis of a dense
// value, in elements.
func Strides(shape []int) []int {
	strides := make([]int, len(shape))
	step := 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		strides[axis] = step
		step *= shape[axis]
	}
	return strides
}

// BroadcastStrides returns the strides that read a value of shape from as if it
// had the shape to: 0 along the axes that are stretched.
func BroadcastStrides(from, to []int) []int {
	own := Strides(from)
	strides := make([]int, len(to))
	skip := len(to) - len(from)
	for axis, d := range from {
		if d == to[skip+axis] {
			strides[skip+axis] = own[axis]
		}
	}
	return strides
}

// walk is a loop over all positions of a shape that keeps one offset for each of
// up to three operands. The innermost axis is left to the caller, as runs.
type walk struct {
	outer   []int    // the shape without its last axis
	strides [3][]int // of each operand, the last axis included
	run     int      // length of the last axis
}

// newWalk joins neighbouring axes that all operands read as one, so that runs
// are long.
func newWalk(shape []int, strides ...[]int) *walk {
	w := &walk{run: 1}
	joined, joinedStrides := []int{}, make([][]int, len(strides))
	for axis, d := range shape {
		if d == 1 {
			continue
		}
		if last := len(joined) - 1; last >= 0 && joinable(strides, joinedStrides, axis, d) {
			joined[last] *= d
			for i, s := range strides {
				joinedStrides[i][last] = s[axis]
			}
			continue
		}
		joined = append(joined, d)
		for i, s := range strides {
			joinedStrides[i] = append(joinedStrides[i], s[axis])
		}
	}
	if n := len(joined); n > 0 {
		w.outer, w.run = joined[:n-1], joined[n-1]
	}
	copy(w.strides[:], joinedStrides)
	return w
}

// joinable tells whether axis, d long, continues the last joined one for every
// operand: a step on that is a whole pass over this.
func joinable(strides, joined [][]int, axis, d int) bool {
	for i, s := range strides {
		if joined[i][len(joined[i])-1] != d*s[axis] {
			return false
		}
	}
	return true
}

// rows returns the number of runs.
func (w *walk) rows() int {
	n := 1
	for _, d := range w.outer {
		n *= d
	}
	return n
}

// offset returns where run i of an operand begins.
func (w *walk) offset(operand, i int) int {
	at := 0
	for axis := len(w.outer) - 1; axis >= 0; axis-- {
		at += i % w.outer[axis] * w.strides[operand][axis]
		i /= w.outer[axis]
	}
	return at
}

// step returns the distance between neighbours of a run.
func (w *walk) step(operand int) int {
	if n := len(w.strides[operand]); n > 0 {
		return w.strides[operand][n-1]
	}
	return 0
}

// rowsPerTile makes tiles of a few thousand elements.
func rowsPerTile(run int) int { return 1 + 4096/max(1, run) }
