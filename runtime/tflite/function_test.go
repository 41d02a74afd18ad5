package tflite

import (
	"slices"
	"testing"

	"megl-edge/runtime/graph"
)

func TestFunctions(t *testing.T) {
	for _, c := range []struct {
		code     int
		op       graph.Op
		attr     graph.Attr
		function string
		output   graph.Quantized
	}{
		{opLogistic, graph.OpSigmoid, nil, graph.Sigmoid, resultRange(-128, 127)},
		{opHardSwish, graph.OpHardSwish, nil, graph.HardSwish, resultRange(-128, 127)},
		{opReLU, graph.OpClamp, graph.ReLU, graph.Identity, resultRange(-10, 127)},
		{opReLU6, graph.OpClamp, graph.ReLU6, graph.Identity, resultRange(-10, 50)},
		{opReLUN1To1, graph.OpClamp, graph.Clamp{Min: -1, Max: 1}, graph.Identity, resultRange(-20, 0)},
	} {
		forEachKind(t, func(t *testing.T, kind elementType) {
			n := newNetwork(image(kind, 1, 2, 2, 3))
			y := n.apply(c.code, resultOf(kind, 1, 2, 2, 3), nil, 0)
			result := found(t, n.scores(y).imported(t), "result")
			if kind == typeFloat32 {
				want(t, result, c.op, c.attr, 1, 2, 2, 3)
				return
			}
			want(t, result, graph.OpQuantUnary, graph.QuantUnary{Function: c.function, Output: c.output}, 1, 2, 2, 3)
		})
	}
}

func TestSoftmax(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 1, 1, 3))
		n.outputs = []int32{n.apply(opSoftmax, resultOf(kind, 1, 1, 1, 3), []any{float32(2)}, 0)}
		g := n.imported(t)
		result := found(t, g, "result")
		var ops []graph.Op
		for at := result; ; at = inputOf(g, at, 0) {
			ops = append(ops, at.Op)
			if at.Name == "input" {
				break
			}
		}
		want := []graph.Op{graph.OpSoftmax, graph.OpMul, graph.OpNormalize}
		if kind.quantized() {
			want = []graph.Op{graph.OpQuantize, graph.OpSoftmax, graph.OpMul, graph.OpDequantize, graph.OpQuantize}
		}
		if !slices.Equal(ops, want) {
			t.Errorf("from the result back: %v, want %v", ops, want)
		}
	})
}

func TestSoftmaxOfBetaOneMultipliesNothing(t *testing.T) {
	n := newNetwork(image(typeFloat32, 1, 1, 1, 3))
	n.outputs = []int32{n.apply(opSoftmax, image(typeFloat32, 1, 1, 1, 3), []any{float32(1)}, 0)}
	g := n.imported(t)
	if before := inputOf(g, found(t, g, "result"), 0); before.Name != "input" {
		t.Errorf("softmax reads %s %q", before.Op, before.Name)
	}
}

func TestQuantize(t *testing.T) {
	n := newNetwork(image(typeFloat32, 1, 1, 1, 3))
	n.outputs = []int32{n.apply(opQuantize, resultOf(typeInt8, 1, 1, 1, 3), nil, 0)}
	want(t, found(t, n.imported(t), "result"), graph.OpQuantize, resultRange(-128, 127), 1, 1, 1, 3)

	for _, kind := range []elementType{typeInt8, typeUInt8} {
		n := newNetwork(image(kind, 1, 1, 1, 3))
		n.outputs = []int32{n.apply(opQuantize, resultOf(typeInt8, 1, 1, 1, 3), nil, 0)}
		identity := graph.QuantUnary{Function: graph.Identity, Output: resultRange(-128, 127)}
		want(t, found(t, n.imported(t), "result"), graph.OpQuantUnary, identity, 1, 1, 1, 3)

		// The same numbers, as int8 or uint8, are the same values.
		n = newNetwork(image(kind, 1, 1, 1, 3))
		n.outputs = []int32{n.apply(opQuantize, image(typeInt8, 1, 1, 1, 3), nil, 0)}
		g := n.imported(t)
		if id, _ := g.Output("output"); g.Node(id).Name != "input" {
			t.Errorf("from %v with equal numbers the result is %s %q", kind, g.Node(id).Op, g.Node(id).Name)
		}
	}
}

func TestDequantize(t *testing.T) {
	n := newNetwork(image(typeInt8, 1, 1, 1, 3))
	n.outputs = []int32{n.apply(opDequantize, image(typeFloat32, 1, 1, 1, 3), nil, 0)}
	want(t, found(t, n.imported(t), "result"), graph.OpDequantize, nil, 1, 1, 1, 3)
}

// Constants that are only stored small.
func TestDequantizedWeightsAreRefused(t *testing.T) {
	half := fixtureTensor{kind: typeFloat16, shape: []int32{3}, data: make([]byte, 6)}
	for word, w := range map[string]fixtureTensor{"float16 weights": half, "float activations with int8 weights": weights(typeInt8, 3)} {
		n := newNetwork(image(typeFloat32, 1, 1, 1, 3))
		n.outputs = []int32{n.apply(opDequantize, image(typeFloat32, 3), nil, n.tensor(w))}
		n.refused(t, "operator 0 (DEQUANTIZE)", word)
	}
}

func TestBoundsOfActivations(t *testing.T) {
	for _, c := range []struct {
		scale  float32
		zero   int64
		lo, hi int8
	}{
		{0.02352941, -128, -128, 127}, // 6/255: all of int8
		{0.05, -128, -128, -8},
		{4, 0, 0, 2}, // 1.5 is rounded away from zero
		{1e-30, 5, 5, 127},
		{1e30, 5, 5, 5},
	} {
		info := activationTensor(typeInt8, c.scale, c.zero)
		q, err := (&tensorInfo{kind: info.kind, scale: info.scale, zeroPoint: info.zero}).perTensor()
		if err != nil {
			t.Fatal(err)
		}
		if to := quantizedTo(q, graph.ReLU6); to.Min != c.lo || to.Max != c.hi {
			t.Errorf("scale %v, zero point %d: %d to %d, want %d to %d", c.scale, c.zero, to.Min, to.Max, c.lo, c.hi)
		}
	}
}
