package qdq_test

import (
	"testing"

	"megl-edge/runtime/graph"
)

// mixtures are ops on 6×6 values, quantized or not.
var mixtures = []func(n *network, a, b graph.ID) graph.ID{
	func(n *network, a, _ graph.ID) graph.ID { return n.quantized(a, n.scale, 5) },
	func(n *network, a, _ graph.ID) graph.ID { return n.quantized(a, n.resultScale, -9) },
	func(n *network, a, _ graph.ID) graph.ID { return n.quantized(a, n.resultScale, -9) },
	func(n *network, a, _ graph.ID) graph.ID { return n.apply(graph.OpClamp, graph.ReLU6, a) },
	func(n *network, a, _ graph.ID) graph.ID { return n.apply(graph.OpSigmoid, nil, a) },
	func(n *network, a, _ graph.ID) graph.ID { return n.apply(graph.OpTanh, nil, a) },
	func(n *network, a, b graph.ID) graph.ID { return n.apply(graph.OpAdd, nil, a, b) },
	func(n *network, a, b graph.ID) graph.ID { return n.apply(graph.OpMul, nil, a, b) },
	func(n *network, a, _ graph.ID) graph.ID { return n.apply(graph.OpAdd, nil, a, n.floats(1, 6)) },
	func(n *network, a, _ graph.ID) graph.ID { return n.apply(graph.OpAdd, nil, n.activation(6), a) },
	func(n *network, a, b graph.ID) graph.ID { return n.apply(graph.OpMatMul, graph.MatMul{}, a, b) },
	func(n *network, a, _ graph.ID) graph.ID {
		return n.apply(graph.OpMatMul, graph.MatMul{}, a, n.weights(1, 6, 6))
	},
	func(n *network, a, _ graph.ID) graph.ID {
		return n.apply(graph.OpLinear, nil, a, n.weights(0, 6, 6), n.floats(1, 6))
	},
	func(n *network, a, _ graph.ID) graph.ID {
		return n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{1, 0}}, a)
	},
	func(n *network, a, b graph.ID) graph.ID {
		y := n.apply(graph.OpConcat, graph.Axis{Axis: 0}, a, b)
		return n.apply(graph.OpSlice, graph.Slice{Start: []int{3, 0}, Size: []int{6, 6}}, y)
	},
	func(n *network, a, _ graph.ID) graph.ID {
		y := n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1}, KeepDims: true}, a)
		return n.apply(graph.OpBroadcast, shaped(6, 6), y)
	},
	func(n *network, a, _ graph.ID) graph.ID {
		y := n.apply(graph.OpPad, graph.Pad{Before: []int{1, 0}, After: []int{0, 1}, Value: 0.5}, a)
		return n.apply(graph.OpSlice, graph.Slice{Start: []int{0, 1}, Size: []int{6, 6}}, y)
	},
}

// Whatever is quantized in whatever order: the fused graph is valid, has the
// same inputs and outputs, and fusing it again changes nothing.
func TestRandomGraphs(t *testing.T) {
	for seed := range 400 {
		n := newNetwork()
		n.state = uint64(seed) * 77777
		n.next()
		n.wide = seed%2 == 0
		values := []graph.ID{n.input(6, 6), n.raw(6, 6)}
		pick := func() graph.ID { return values[len(values)-1-int(n.next()>>8)%min(3, len(values))] }
		for range 20 {
			values = append(values, mixtures[int(n.next()>>8)%len(mixtures)](n, pick(), pick()))
		}
		n.Output("last", values[len(values)-1])
		n.Output("other", pick())
		g := n.build(t)
		fused := fuse(t, g)
		checkEqual(t, fused, fuse(t, fused))
		before, after := run(t, g), run(t, fused)
		for name := range before {
			if len(before[name]) != len(after[name]) {
				t.Fatalf("seed %d: output %q has %d elements, had %d", seed, name, len(after[name]), len(before[name]))
			}
		}
		if len(g.Inputs()) != len(fused.Inputs()) {
			t.Fatalf("seed %d: an input is lost", seed)
		}
	}
}
