package eval64

import "megl-edge/runtime/graph"

func linear(_ *graph.Node, y Value, in []Value) {
	x, w := in[0], in[1]
	each(y.Shape, func(index []int, i int) {
		if len(in) == 3 {
			y.Data[i] = in[2].Data[index[1]]
		}
		for k := range x.Shape[1] {
			y.Data[i] += x.Data[at(x.Shape, index[0], k)] * w.Data[at(w.Shape, index[1], k)]
		}
	})
}

func matMul(n *graph.Node, y Value, in []Value) {
	attr, rank := n.Attr.(graph.MatMul), len(y.Shape)
	length := in[0].Shape[rank-1]
	if attr.TransposeA {
		length = in[0].Shape[rank-2]
	}
	element := func(v Value, transposed bool, batch []int, row, column int) float64 {
		if transposed {
			row, column = column, row
		}
		index := append(append([]int{}, batch...), row, column)
		return v.Data[at(v.Shape, index...)]
	}
	each(y.Shape, func(index []int, i int) {
		batch, row, column := index[:rank-2], index[rank-2], index[rank-1]
		for k := range length {
			y.Data[i] += element(in[0], attr.TransposeA, batch, row, k) * element(in[1], attr.TransposeB, batch, k, column)
		}
	})
}
