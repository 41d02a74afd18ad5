package runtime

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// factor is a loop: size steps, stride elements apart.
type factor struct{ size, stride int }

// view reads a value in another order than it lies in memory: each axis is a
// nest of factors, the outermost first; an axis of length 1 has none. Slices,
// transpositions and reshapes of a value are views of it, with no element moved.
type view struct {
	offset int
	axes   [][]factor
}

// wholeView reads a dense value in order.
func wholeView(shape tensor.Shape) view {
	v := view{axes: make([][]factor, len(shape))}
	stride := 1
	for axis := len(shape) - 1; axis >= 0; axis-- {
		if d := shape[axis]; d != 1 {
			v.axes[axis] = []factor{{d, stride}}
			stride *= d
		}
	}
	return v
}

// apply returns the view that an op which only moves elements makes of v; ok is
// false where it is none.
func (v view) apply(n *graph.Node) (moved view, ok bool) {
	switch n.Op {
	case graph.OpReshape, graph.OpStopGradient:
		return v.reshape(n.Type.Shape)
	case graph.OpTranspose:
		moved = view{offset: v.offset, axes: make([][]factor, len(v.axes))}
		for i, p := range n.Attr.(graph.Transpose).Perm {
			moved.axes[i] = v.axes[p]
		}
		return moved, true
	case graph.OpSlice:
		return v.slice(n.Attr.(graph.Slice))
	}
	return v, false
}

// reshape groups the factors of all axes anew; a factor is split where an axis
// ends within it.
func (v view) reshape(shape tensor.Shape) (view, bool) {
	left := slices.Concat(v.axes...)
	out := view{offset: v.offset, axes: make([][]factor, len(shape))}
	for axis, d := range shape {
		for d > 1 && len(left) > 0 {
			f := left[0]
			switch {
			case d%f.size == 0:
				out.axes[axis] = append(out.axes[axis], f)
				left = left[1:]
				d /= f.size
			case f.size%d == 0:
				inner := f.size / d
				out.axes[axis] = append(out.axes[axis], factor{d, f.stride * inner})
				left = slices.Concat([]factor{{inner, f.stride}}, left[1:])
				d = 1
			default:
				return v, false
			}
		}
		if d != 1 {
			return v, false
		}
	}
	return out, true
}

func (v view) slice(a graph.Slice) (view, bool) {
	out := view{offset: v.offset, axes: slices.Clone(v.axes)}
	for axis, size := range a.Size {
		factors := v.axes[axis]
		switch {
		case len(factors) == 0 || len(factors) > 1 && size == axisSize(factors):
		case len(factors) == 1:
			out.offset += a.Start[axis] * factors[0].stride
			out.axes[axis] = nil
			if size > 1 {
				out.axes[axis] = []factor{{size, factors[0].stride}}
			}
		default:
			return v, false
		}
	}
	return out, true
}

func axisSize(factors []factor) int {
	size := 1
	for _, f := range factors {
		size *= f.size
	}
	return size
}

// single returns the stride of an axis that is one loop; 0 where its length is 1.
func single(factors []factor) (stride int, ok bool) {
	factors = joinFactors(factors)
	switch len(factors) {
	case 0:
		return 0, true
	case 1:
		return factors[0].stride, true
	}
	return 0, false
}

// joinFactors joins loops that go on where the inner one ends.
func joinFactors(factors []factor) []factor {
	var joined []factor
	for _, f := range factors {
		if last := len(joined) - 1; last >= 0 && joined[last].stride == f.size*f.stride {
			joined[last] = factor{joined[last].size * f.size, f.stride}
		} else {
			joined = append(joined, f)
		}
	}
	return joined
}

// offsets returns where the entries of some axes start.
func (v view) offsets(axes [][]factor) []int {
	list := []int{v.offset}
	for _, f := range slices.Concat(axes...) {
		next := make([]int, 0, len(list)*f.size)
		for _, at := range list {
			for i := range f.size {
				next = append(next, at+i*f.stride)
			}
		}
		list = next
	}
	return list
}

// matrices returns where the matrices of the last two axes start, and the
// distance of their rows; ok is false unless their columns are neighbours.
func (v view) matrices(transposed bool) (offsets []int, stride int, ok bool) {
	n := len(v.axes)
	rows, columns := v.axes[n-2], v.axes[n-1]
	if transposed {
		rows, columns = columns, rows
	}
	step, plain := single(columns)
	stride, ok = single(rows)
	return v.offsets(v.axes[:n-2]), stride, ok && plain && step <= 1
}

// inverse returns the view through which the value that v makes of a dense value
// of shape is written in the order of that value.
func (v view) inverse(shape tensor.Shape) view {
	type place struct{ from, to, size int }
	var places []place
	stride := 1
	factors := slices.Concat(v.axes...)
	for i := len(factors) - 1; i >= 0; i-- {
		places = append(places, place{factors[i].stride, stride, factors[i].size})
		stride *= factors[i].size
	}
	slices.SortFunc(places, func(a, b place) int { return b.from - a.from })
	out := view{axes: make([][]factor, len(shape))}
	axis, left := 0, 1
	for _, p := range places {
		for left == 1 {
			left = shape[axis]
			axis++
		}
		out.axes[axis-1] = append(out.axes[axis-1], factor{p.size, p.to})
		left /= p.size
	}
	return out
}
