package eval64

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func same(x float64) float64 { return x }

func unary(f func(x float64) float64) evaluation {
	return func(_ *graph.Node, y Value, in []Value) {
		for i, x := range in[0].Data {
			y.Data[i] = f(x)
		}
	}
}

func binary(f func(a, b float64) float64) evaluation {
	return func(_ *graph.Node, y Value, in []Value) {
		a, b := in[0], in[1]
		each(y.Shape, func(index []int, i int) {
			y.Data[i] = f(a.Data[at(a.Shape, index...)], b.Data[at(b.Shape, index...)])
		})
	}
}

func clamp(n *graph.Node, y Value, in []Value) {
	r := n.Attr.(graph.Clamp)
	for i, x := range in[0].Data {
		y.Data[i] = min(max(x, float64(r.Min)), float64(r.Max))
	}
}

func clampGrad(n *graph.Node, y Value, in []Value) {
	r := n.Attr.(graph.Clamp)
	for i, v := range in[1].Data {
		if v > float64(r.Min) && v < float64(r.Max) {
			y.Data[i] = in[0].Data[i]
		}
	}
}

func batchNorm(n *graph.Node, y Value, in []Value) {
	epsilon := float64(n.Attr.(graph.BatchNorm).Epsilon)
	for i, x := range in[0].Data {
		c := i % len(in[1].Data)
		scale, offset, mean, variance := in[1].Data[c], in[2].Data[c], in[3].Data[c], in[4].Data[c]
		y.Data[i] = (x-mean)*scale/math.Sqrt(variance+epsilon) + offset
	}
}

func normalize(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.Normalize)
	for i, p := range in[0].Data {
		c := i % len(a.Mean)
		y.Data[i] = (p - float64(a.Mean[c])) / float64(a.Std[c])
	}
}

func softmax(_ *graph.Node, y Value, in []Value) {
	width := y.Shape[len(y.Shape)-1]
	for start := 0; start < len(y.Data); start += width {
		row, greatest, sum := in[0].Data[start:start+width], math.Inf(-1), 0.0
		for _, x := range row {
			greatest = max(greatest, x)
		}
		for _, x := range row {
			sum += math.Exp(x - greatest)
		}
		for i, x := range row {
			y.Data[start+i] = math.Exp(x-greatest) / sum
		}
	}
}

func condition(holds bool) float64 {
	if holds {
		return 1
	}
	return 0
}

// cast knows what the tests need: integers, and numbers that fit.
func cast(n *graph.Node, y Value, in []Value) {
	for i, x := range in[0].Data {
		switch n.Type.DType {
		case tensor.Float32, tensor.Float64:
			y.Data[i] = x
		case tensor.Bool:
			y.Data[i] = condition(x != 0)
		default:
			y.Data[i] = math.Trunc(x)
		}
	}
}

func layerNorm(n *graph.Node, y Value, in []Value) {
	width := n.Type.Shape[len(n.Type.Shape)-1]
	for start := 0; start < len(y.Data); start += width {
		row, mean, variance := in[0].Data[start:start+width], 0.0, 0.0
		for _, x := range row {
			mean += x / float64(width)
		}
		for _, x := range row {
			variance += (x - mean) * (x - mean) / float64(width)
		}
		for i, x := range row {
			y.Data[start+i] = (x - mean) / math.Sqrt(variance+float64(n.Attr.(graph.LayerNorm).Epsilon)) * in[1].Data[i]
			if len(in) == 3 {
				y.Data[start+i] += in[2].Data[i]
			}
		}
	}
}

// choose is select.
func choose(_ *graph.Node, y Value, in []Value) {
	condition := in[0]
	each(y.Shape, func(index []int, i int) {
		from := in[2]
		if condition.Data[at(condition.Shape, index...)] != 0 {
			from = in[1]
		}
		y.Data[i] = from.Data[at(from.Shape, index...)]
	})
}
