package eval64

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func broadcast(_ *graph.Node, y Value, in []Value) {
	each(y.Shape, func(index []int, i int) { y.Data[i] = in[0].Data[at(in[0].Shape, index...)] })
}

func transpose(n *graph.Node, y Value, in []Value) {
	perm := n.Attr.(graph.Transpose).Perm
	from := make([]int, len(perm))
	each(y.Shape, func(index []int, i int) {
		for axis, p := range perm {
			from[p] = index[axis]
		}
		y.Data[i] = in[0].Data[at(in[0].Shape, from...)]
	})
}

func concat(n *graph.Node, y Value, in []Value) {
	axis, start := n.Attr.(graph.Axis).Axis, 0
	for _, x := range in {
		each(x.Shape, func(index []int, i int) {
			index[axis] += start
			y.Data[at(y.Shape, index...)] = x.Data[i]
			index[axis] -= start
		})
		start += x.Shape[axis]
	}
}

func slice(n *graph.Node, y Value, in []Value) {
	start := n.Attr.(graph.Slice).Start
	from := make([]int, len(start))
	each(y.Shape, func(index []int, i int) {
		for axis := range from {
			from[axis] = start[axis] + index[axis]
		}
		y.Data[i] = in[0].Data[at(in[0].Shape, from...)]
	})
}

func pad(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.Pad)
	value := float64(a.Value)
	if q := y.Quant; q != nil {
		value = quantized(value, graph.QuantizedTo(q.Scale[0], q.ZeroPoint[0]))
	}
	for i := range y.Data {
		y.Data[i] = value
	}
	to := make([]int, len(a.Before))
	each(in[0].Shape, func(index []int, i int) {
		for axis := range to {
			to[axis] = a.Before[axis] + index[axis]
		}
		y.Data[at(y.Shape, to...)] = in[0].Data[i]
	})
}

// gather clamps indices into range.
func gather(n *graph.Node, y Value, in []Value) {
	axis, x, indices := n.Attr.(graph.Axis).Axis, in[0], in[1]
	outer, inner := x.Shape[:axis].Elements(), x.Shape[axis+1:].Elements()
	for i := range outer {
		for j, index := range indices.Data {
			row := int(math.Min(math.Max(index, 0), float64(x.Shape[axis]-1)))
			from, to := (i*x.Shape[axis]+row)*inner, (i*len(indices.Data)+j)*inner
			copy(y.Data[to:to+inner], x.Data[from:from+inner])
		}
	}
}

// gatherElements clamps indices into range.
func gatherElements(n *graph.Node, y Value, in []Value) {
	axis, x := n.Attr.(graph.Axis).Axis, in[0]
	from := make([]int, len(x.Shape))
	each(y.Shape, func(index []int, i int) {
		copy(from, index)
		from[axis] = int(math.Min(math.Max(in[1].Data[i], 0), float64(x.Shape[axis]-1)))
		y.Data[i] = x.Data[offsetOf(x.Shape, from)]
	})
}

// scatterAddElements clamps indices into range.
func scatterAddElements(n *graph.Node, y Value, in []Value) {
	axis, x := n.Attr.(graph.Scatter).Axis, in[0]
	to := make([]int, len(x.Shape))
	each(x.Shape, func(index []int, i int) {
		copy(to, index)
		to[axis] = int(math.Min(math.Max(in[1].Data[i], 0), float64(y.Shape[axis]-1)))
		y.Data[offsetOf(y.Shape, to)] += x.Data[i]
	})
}

// offsetOf is the offset of an index in a value of the given shape.
func offsetOf(shape tensor.Shape, index []int) int {
	offset := 0
	for axis, d := range shape {
		offset = offset*d + index[axis]
	}
	return offset
}
