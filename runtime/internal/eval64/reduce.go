package eval64

import (
	"cmp"
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

// argTopK sorts stably, so that of equal values the first comes first.
func argTopK(n *graph.Node, y Value, in []Value) {
	a, width := n.Attr.(graph.TopK), in[0].Shape[len(in[0].Shape)-1]
	for r := 0; r*a.K < len(y.Data); r++ {
		row := in[0].Data[r*width:][:width]
		order := make([]int, width)
		for i := range order {
			order[i] = i
		}
		slices.SortStableFunc(order, func(p, q int) int {
			if a.Least {
				return cmp.Compare(row[p], row[q])
			}
			return cmp.Compare(row[q], row[p])
		})
		for i := range a.K {
			y.Data[r*a.K+i] = float64(order[i])
		}
	}
}

// cumSum adds, for every element, all those that count for it.
func cumSum(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.CumSum)
	from := make([]int, len(y.Shape))
	each(y.Shape, func(index []int, i int) {
		copy(from, index)
		for j := range y.Shape[a.Axis] {
			before := j < index[a.Axis] != a.Reverse
			if j == index[a.Axis] && a.Exclusive || j != index[a.Axis] && !before {
				continue
			}
			from[a.Axis] = j
			y.Data[i] += in[0].Data[at(in[0].Shape, from...)]
		}
	})
}
