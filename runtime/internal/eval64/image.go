package eval64

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// products calls f with the offsets of every x and filter element that are
// multiplied, and of the element of y that their product is added to. Products
// with padding, which are 0, are left out.
func products(a graph.Conv, x, filter, y tensor.Shape, f func(x, filter, y int)) {
	each(y, func(to []int, yAt int) {
		batch, channel := to[0], to[3]
		first := channel / (filter[0] / a.Groups) * filter[3]
		each(filter[1:], func(tap []int, _ int) {
			row := to[1]*a.Stride[0] - a.Pad[0] + tap[0]*a.Dilation[0]
			column := to[2]*a.Stride[1] - a.Pad[1] + tap[1]*a.Dilation[1]
			if row >= 0 && row < x[1] && column >= 0 && column < x[2] {
				f(((batch*x[1]+row)*x[2]+column)*x[3]+first+tap[2], at(filter, channel, tap[0], tap[1], tap[2]), yAt)
			}
		})
	})
}

func conv(n *graph.Node, y Value, in []Value) {
	if len(in) == 3 {
		each(y.Shape, func(index []int, i int) { y.Data[i] = in[2].Data[index[3]] })
	}
	products(n.Attr.(graph.Conv), in[0].Shape, in[1].Shape, y.Shape, func(xAt, filterAt, yAt int) {
		y.Data[yAt] += in[0].Data[xAt] * in[1].Data[filterAt]
	})
}

func convInputGrad(n *graph.Node, dx Value, in []Value) {
	dy, filter := in[0], in[1]
	products(n.Attr.(graph.ConvInputGrad).Conv, dx.Shape, filter.Shape, dy.Shape, func(xAt, filterAt, yAt int) {
		dx.Data[xAt] += dy.Data[yAt] * filter.Data[filterAt]
	})
}

func convFilterGrad(n *graph.Node, df Value, in []Value) {
	x, dy := in[0], in[1]
	products(n.Attr.(graph.ConvFilterGrad).Conv, x.Shape, df.Shape, dy.Shape, func(xAt, filterAt, yAt int) {
		df.Data[filterAt] += x.Data[xAt] * dy.Data[yAt]
	})
}

// windows calls f with every element of x and the element of y in whose window
// it lies.
func windows(a graph.Pool, x, y tensor.Shape, f func(x, y int)) {
	each(y, func(to []int, yAt int) {
		each(tensor.Shape(a.Kernel[:]), func(tap []int, _ int) {
			row, column := to[1]*a.Stride[0]-a.Pad[0]+tap[0], to[2]*a.Stride[1]-a.Pad[1]+tap[1]
			if row >= 0 && row < x[1] && column >= 0 && column < x[2] {
				f(((to[0]*x[1]+row)*x[2]+column)*x[3]+to[3], yAt)
			}
		})
	})
}

func maxPool(n *graph.Node, y Value, in []Value) {
	for i := range y.Data {
		y.Data[i] = math.Inf(-1)
	}
	windows(n.Attr.(graph.Pool), in[0].Shape, y.Shape, func(xAt, yAt int) {
		y.Data[yAt] = max(y.Data[yAt], in[0].Data[xAt])
	})
}

// argMaxPool takes the first of equal values.
func argMaxPool(n *graph.Node, y Value, in []Value) {
	x := in[0]
	taken := make([]int, len(y.Data)) // offsets in x, plus one
	windows(n.Attr.(graph.Pool), x.Shape, y.Shape, func(xAt, yAt int) {
		if taken[yAt] == 0 || x.Data[xAt] > x.Data[taken[yAt]-1] {
			taken[yAt] = xAt + 1
		}
	})
	for i, at := range taken {
		y.Data[i] = float64((at - 1) / x.Shape[3] % (x.Shape[1] * x.Shape[2]))
	}
}

func avgPool(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.Pool)
	counts := make([]float64, len(y.Data))
	windows(a, in[0].Shape, y.Shape, func(xAt, yAt int) {
		y.Data[yAt] += in[0].Data[xAt]
		counts[yAt]++
	})
	for i := range y.Data {
		if a.CountPadding {
			counts[i] = float64(a.Kernel[0] * a.Kernel[1])
		}
		y.Data[i] /= counts[i]
	}
}
