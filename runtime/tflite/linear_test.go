package tflite

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func TestFullyConnected(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 2, 2, 3))
		n.outputs = []int32{n.apply(opFullyConnected, resultOf(kind, 1, 5), []any{int8(activationReLU), int8(0), false},
			0, n.tensor(weights(kind, 5, 12)), n.tensor(bias(kind, 5)))}
		g := n.imported(t)
		result := found(t, g, "result")
		if kind == typeFloat32 {
			want(t, result, graph.OpClamp, graph.ReLU, 1, 5)
			result = inputOf(g, result, 0)
			want(t, result, graph.OpLinear, nil, 1, 5)
		} else {
			want(t, result, graph.OpQuantLinear, resultRange(-10, 127), 1, 5)
		}
		want(t, inputOf(g, result, 0), graph.OpReshape, graph.Shape{Shape: tensor.Shape{1, 12}}, 1, 12)
		if len(result.Inputs) != 3 {
			t.Errorf("it has %d inputs, want a bias too", len(result.Inputs))
		}
	})
}

func TestFullyConnectedWithoutBias(t *testing.T) {
	for _, inputs := range [][]int32{{0, 1}, {0, 1, -1}} {
		n := newNetwork(image(typeInt8, 1, 1, 1, 3))
		n.tensor(weights(typeInt8, 5, 3))
		n.outputs = []int32{n.apply(opFullyConnected, resultOf(typeInt8, 1, 5), []any{}, inputs...)}
		if result := found(t, n.imported(t), "result"); len(result.Inputs) != 2 {
			t.Errorf("it has %d inputs, want no bias", len(result.Inputs))
		}
	}
}

func TestFullyConnectedKeepsDimensions(t *testing.T) {
	n := newNetwork(image(typeInt8, 1, 2, 2, 3))
	y := n.apply(opFullyConnected, resultOf(typeInt8, 1, 2, 2, 5), []any{nil, nil, true}, 0, n.tensor(weights(typeInt8, 5, 3)))
	g := n.scores(y).imported(t)
	result := found(t, g, "result")
	want(t, result, graph.OpReshape, graph.Shape{Shape: tensor.Shape{1, 2, 2, 5}}, 1, 2, 2, 5)
	want(t, inputOf(g, result, 0), graph.OpQuantLinear, resultRange(-128, 127), 4, 5)
}

func TestFullyConnectedThatIsRefused(t *testing.T) {
	build := func(w, result fixtureTensor, options ...any) *network {
		n := newNetwork(image(typeFloat32, 1, 2, 2, 3))
		n.outputs = []int32{n.apply(opFullyConnected, result, options, 0, n.tensor(w))}
		return n
	}
	result := image(typeFloat32, 1, 5)
	build(weights(typeFloat32, 5, 12), result, nil, int8(1)).refused(t, "operator 0 (FULLY_CONNECTED)", "shuffled")
	build(weights(typeFloat32, 5, 7), result).refused(t, "do not fit")
	build(weights(typeUInt8, 5, 12), result).refused(t, errHybrid.Error())
	build(weights(typeFloat32, 5, 12), resultOf(typeInt8, 1, 5)).refused(t, "mixes")
	long := weights(typeFloat32, 5, 12)
	long.data = long.data[:200]
	build(long, result).refused(t, "has 200 bytes")
}
