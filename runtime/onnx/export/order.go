package export

import (
	"slices"

	"megl-edge/runtime/tensor"
)

// order is how the axes of a value lie in the file: axis i there is axis
// order[i] of the graph's value.
type order []int

// plain is the order of the graph.
func plain(rank int) order {
	o := make(order, rank)
	for i := range o {
		o[i] = i
	}
	return o
}

// channelsFirst moves the last axis behind the first: NHWC becomes NCHW. The
// rank is at least 2.
func channelsFirst(rank int) order {
	o := order{0, rank - 1}
	for i := 1; i < rank-1; i++ {
		o = append(o, i)
	}
	return o
}

// matrixTransposed swaps the last two axes.
func matrixTransposed(rank int) order {
	o := plain(rank)
	o[rank-2], o[rank-1] = rank-1, rank-2
	return o
}

// of returns the shape in the file of a value with the shape s in the graph.
func (o order) of(s tensor.Shape) tensor.Shape {
	shape := make(tensor.Shape, len(o))
	for i, axis := range o {
		shape[i] = s[axis]
	}
	return shape
}

// place returns where an axis of the graph lies in the file.
func (o order) place(axis int) int { return slices.Index(o, axis) }

// places returns where axes of the graph lie in the file, ascending.
func (o order) places(axes []int) []int {
	places := make([]int, len(axes))
	for i, axis := range axes {
		places[i] = o.place(axis)
	}
	slices.Sort(places)
	return places
}

// without returns the order of a value that has lost the given axes.
func (o order) without(axes []int) order {
	rest := order{}
	for _, axis := range o {
		if slices.Contains(axes, axis) {
			continue
		}
		lost := 0
		for _, a := range axes {
			if a < axis {
				lost++
			}
		}
		rest = append(rest, axis-lost)
	}
	return rest
}

// widened returns the order of a value that has got axes of length 1 in front.
func (o order) widened(rank int) order {
	added := rank - len(o)
	wide := plain(added)
	for _, axis := range o {
		wide = append(wide, axis+added)
	}
	return wide
}

// transposed returns the order of a transposition of a value with order o, whose
// axis i is axis perm[i] of that value: the elements stay where they are.
func (o order) transposed(perm []int) order {
	y := make(order, len(o))
	for i, axis := range o {
		y[i] = slices.Index(perm, axis)
	}
	return y
}

// to returns the permutation that turns order o into the wanted one, in the way
// of ONNX: axis i of the result is axis perm[i] of the operand.
func (o order) to(want order) []int {
	perm := make([]int, len(o))
	for i, axis := range want {
		perm[i] = o.place(axis)
	}
	return perm
}

// sameElements tells whether the elements of a value of shape s follow each
// other alike in both orders: axes of length 1 do not count.
func sameElements(s tensor.Shape, a, b order) bool {
	short := func(axis int) bool { return s[axis] == 1 }
	return slices.Equal(slices.DeleteFunc(slices.Clone(a), short), slices.DeleteFunc(slices.Clone(b), short))
}

// widenedShape returns s with axes of length 1 in front.
func widenedShape(s tensor.Shape, rank int) tensor.Shape {
	wide := make(tensor.Shape, rank)
	for i := range wide {
		wide[i] = 1
	}
	copy(wide[rank-len(s):], s)
	return wide
}
