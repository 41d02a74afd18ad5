package graph_test

import (
	"math"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// The gradient with respect to the real value of an input is that of the float
// decomposition where the result lies inside the range, and 0 where it does not.
// The range of an average limits nothing, and a float32 result has none.
func TestQuantizedOps(t *testing.T) {
	for _, c := range quantCases {
		t.Run(c.name, func(t *testing.T) {
			n := newNetwork(17)
			y, wrt := c.build(n)
			dy := n.input(n.Shape(y)...)
			products := n.VJP(y, dy, wrt...)

			// The same op on free real inputs, before it is limited.
			node := *n.Node(y)
			reals, free := make([]graph.ID, len(node.Inputs)), make([]graph.ID, len(node.Inputs))
			for i, in := range node.Inputs {
				reals[i], free[i] = n.Real(in), n.input(n.Shape(in)...)
			}
			result, ok := n.Decompose(&node, free)
			if !ok {
				t.Fatal("the op has no decomposition")
			}
			unlimited := slices.Contains([]graph.Op{graph.OpQuantAvgPool, graph.OpQuantMean, graph.OpInt8Linear, graph.OpInt8MatMul}, c.op)
			if !unlimited {
				result = n.Node(result).Inputs[0]
			}
			inside := n.input(n.Shape(y)...)
			s := n.dot(result, n.Mul(dy, inside))

			g := n.build(t)
			values := run(t, g, n.fed)
			for i := range free {
				n.fed[free[i]] = slices.Clone(values[reals[i]].Data)
			}
			if unlimited {
				n.fed[inside] = slices.Repeat([]float64{1}, len(values[y].Data))
			} else {
				n.fed[inside] = insideRange(t, values[y].Data, node.Attr)
			}
			for k, in := range wrt {
				for i, got := range values[products[k]].Data {
					want := 0.0
					for j := range free {
						if node.Inputs[j] == in {
							want += slope(t, g, n.fed, s, free[j], i)
						}
					}
					if !near(got, want, 1e-8) {
						t.Errorf("gradient of input %d, element %d is %v, differences give %v", k, i, got, want)
					}
				}
			}
		})
	}
}

// insideRange returns 1 where q lies between the bounds and 0 at them.
func insideRange(t *testing.T, q []float64, attr graph.Attr) []float64 {
	r := outputOf(attr)
	inside, count := make([]float64, len(q)), 0
	for i := range q {
		if q[i] > float64(r.Min) && q[i] < float64(r.Max) {
			inside[i] = 1
			count++
		}
	}
	if count == 0 || count == len(q) {
		t.Fatalf("%d of %d results lie inside the range: the case tests one side only", count, len(q))
	}
	return inside
}

func outputOf(attr graph.Attr) graph.Quantized {
	switch a := attr.(type) {
	case graph.QuantConv:
		return a.Output
	case graph.QuantPool:
		return a.Output
	case graph.QuantReduce:
		return a.Output
	case graph.QuantUnary:
		return a.Output
	}
	return attr.(graph.Quantized)
}

func TestQuantizeIsStraightThrough(t *testing.T) {
	n := newNetwork(1)
	x := n.input(6)
	n.fed[x] = []float64{-1000, -1, 0.04, 3.3, 12.8, 1000}
	q := n.apply(graph.OpQuantize, graph.Quantized{Scale: 0.25, ZeroPoint: 10, Min: 0, Max: 60}, x)
	dy := n.input(6)
	products := n.VJP(n.Real(q), dy, x, q)
	values := run(t, n.build(t), n.fed)
	want := slices.Clone(values[dy].Data)
	if got := values[products[1]].Data; !slices.Equal(got, want) {
		t.Errorf("gradient through dequantize is %v, want %v", got, want)
	}
	want[0], want[4], want[5] = 0, 0, 0 // below −2.5, above 12.5
	if got := values[products[0]].Data; !slices.Equal(got, want) {
		t.Errorf("gradient through quantize is %v, want %v", got, want)
	}
}

// The second derivative of a square of quantized values: the rules read values
// through which a gradient flows.
func TestSecondOrderOfQuantizedSquare(t *testing.T) {
	n := newNetwork(3)
	a, v := n.int8(0.25, 0, 8), n.input(8)
	square := n.apply(graph.OpQuantMul, to(64, 0), a, a)
	first := n.Grad(n.total(n.Real(square)), a)[0]
	second := n.Grad(n.dot(first, v), a)[0]
	values := run(t, n.build(t), n.fed)
	for i, x := range n.fed[a] {
		if got, want := values[first].Data[i], 2*0.25*x; got != want {
			t.Errorf("derivative of the square of %v is %v, want %v", 0.25*x, got, want)
		}
		if got, want := values[second].Data[i], 2*n.fed[v][i]; got != want {
			t.Errorf("second derivative is %v, want %v", got, want)
		}
	}
}

// The decomposition's own result is not computed a second time.
func TestQuantizedForwardPassIsNotRepeated(t *testing.T) {
	n := newNetwork(3)
	x := n.int8(0.05, 3, 1, 4, 4, 2)
	y := n.apply(graph.OpQuantConv, graph.QuantConv{Conv: plainConv, Output: to(0.1, 9)}, x, n.weights([]float32{0.01}, 0, 3, 2, 2, 2))
	n.ClearOutputs()
	n.Output("gradient", n.Grad(n.total(n.Real(y)), x)[0])
	g, err := n.Build()
	if err == nil {
		g, err = graph.Simplify(g)
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range g.Nodes() {
		if node.Op == graph.OpConv {
			t.Error("the gradient computes the convolution in float again")
		}
	}
}

func TestRangeIsWhatDequantizeGives(t *testing.T) {
	q := graph.Quantized{Scale: 0.1, ZeroPoint: 3, Min: -100, Max: 120}
	n := newNetwork(1)
	x := n.feed(tensor.Type{DType: tensor.Int8, Shape: tensor.Shape{2}, Quant: q.Quantization()}, func() float64 { return 0 })
	n.fed[x] = []float64{float64(q.Min), float64(q.Max)}
	real := n.Real(x)
	got, want := run(t, n.build(t), n.fed)[real].Data, q.Range()
	if got[0] != float64(want.Min) || got[1] != float64(want.Max) || math.IsInf(got[1], 0) {
		t.Errorf("dequantized bounds are %v, the range is %v", got, want)
	}
}
