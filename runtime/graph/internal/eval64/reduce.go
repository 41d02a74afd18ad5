package eval64

import (
	"slices"

	"megl-edge/runtime/graph"
)

// reduce combines the elements of x that fall on each element of y.
func reduce(start float64, f func(a, b float64) float64) evaluation {
	return func(n *graph.Node, y Value, in []Value) {
		x, axes := in[0], n.Attr.(graph.Reduce).Axes
		kept := x.Shape.Clone()
		for _, axis := range axes {
			kept[axis] = 1
		}
		for i := range y.Data {
			y.Data[i] = start
		}
		each(x.Shape, func(index []int, i int) {
			to := at(kept, index...)
			y.Data[to] = f(y.Data[to], x.Data[i])
		})
	}
}

func reduceSum(n *graph.Node, y Value, in []Value) {
	reduce(0, func(a, b float64) float64 { return a + b })(n, y, in)
}

func reduceMean(n *graph.Node, y Value, in []Value) {
	reduceSum(n, y, in)
	for i := range y.Data {
		y.Data[i] /= float64(len(in[0].Data) / len(y.Data))
	}
}

// argMax takes the first of equal values.
func argMax(_ *graph.Node, y Value, in []Value) {
	width := in[0].Shape[len(in[0].Shape)-1]
	for i := range y.Data {
		row := in[0].Data[i*width : (i+1)*width]
		y.Data[i] = float64(slices.Index(row, slices.Max(row)))
	}
}

// oneHot leaves the row of an index out of range zero.
func oneHot(n *graph.Node, y Value, in []Value) {
	depth := n.Attr.(graph.OneHot).Depth
	for i, index := range in[0].Data {
		if index >= 0 && index < float64(depth) {
			y.Data[i*depth+int(index)] = 1
		}
	}
}
