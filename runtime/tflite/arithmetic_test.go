package tflite

import (
	"testing"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func TestArithmetic(t *testing.T) {
	ops := map[int][2]graph.Op{opAdd: {graph.OpAdd, graph.OpQuantAdd}, opMul: {graph.OpMul, graph.OpQuantMul}, opSub: {graph.OpSub, graph.OpQuantAdd}}
	for code, op := range ops {
		forEachKind(t, func(t *testing.T, kind elementType) {
			n := newNetwork(image(kind, 1, 2, 2, 3))
			y := n.apply(code, resultOf(kind, 1, 2, 2, 3), []any{int8(activationReLU6)}, 0, 0)
			g := n.scores(y).imported(t)
			result := found(t, g, "result")
			if kind == typeFloat32 {
				want(t, result, graph.OpClamp, graph.ReLU6, 1, 2, 2, 3)
				want(t, inputOf(g, result, 0), op[0], nil, 1, 2, 2, 3)
				return
			}
			want(t, result, op[1], resultRange(-10, 50), 1, 2, 2, 3)
		})
	}
}

// A constant for each channel is spread first: int8 values are added in one
// shape.
func TestAddBroadcasts(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 2, 2, 3))
		y := n.apply(opAdd, resultOf(kind, 1, 2, 2, 3), []any{}, 0, n.tensor(weights(kind, 3)))
		g := n.scores(y).imported(t)
		spread := inputOf(g, found(t, g, "result"), 1)
		if kind == typeFloat32 {
			want(t, spread, graph.OpConstant, nil, 3)
			return
		}
		want(t, spread, graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{1, 2, 2, 3}}, 1, 2, 2, 3)
	})
}

// pixels − constant, at a scale of 1 throughout, must be exact for every pixel.
func TestSubOfInt8IsExact(t *testing.T) {
	n := newNetwork(activationTensor(typeInt8, 1, -100, 1, 1, 256, 1))
	b := fixtureTensor{name: "b", kind: typeInt8, shape: []int32{1, 1, 1, 1}, data: []byte{0x80}, scale: []float32{1}, zero: []int64{-108}}
	y := n.apply(opSub, activationTensor(typeInt8, 1, -80, 1, 1, 256, 1), nil, 0, n.tensor(b))
	n.outputs = []int32{n.apply(opReshape, activationTensor(typeInt8, 1, -80, 1, 256), nil, y, n.integers(1, -1))}
	plan, err := runtime.Compile(n.imported(t), runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := plan.NewSession(1)
	defer s.Close()
	in, err := s.Input("image")
	if err != nil {
		t.Fatal(err)
	}
	for i := range in.Data {
		in.Data[i] = byte(i)
	}
	s.Run()
	out, err := s.Output("output")
	if err != nil {
		t.Fatal(err)
	}
	for i, got := range tensor.Elements[int8](out) {
		real := (i - 128 + 100) - (-128 + 108)
		if want := min(max(real-80, -128), 127); int(got) != want {
			t.Fatalf("pixel %d gives %d, want %d", i, got, want)
		}
	}
}

func TestMixedTypesAreRefused(t *testing.T) {
	n := newNetwork(image(typeInt8, 1, 2, 2, 3))
	n.scores(n.apply(opAdd, image(typeInt8, 1, 2, 2, 3), nil, 0, n.tensor(weights(typeFloat32, 3)))).refused(t, "operator 0 (ADD)", "mixes")
	n = newNetwork(image(typeFloat32, 1, 2, 2, 3))
	n.scores(n.apply(opMul, image(typeFloat32, 1, 2, 2, 3), nil, 0)).refused(t, "operator 0 (MUL)", "input 1 is missing")
	n = newNetwork(image(typeFloat32, 1, 2, 2, 3))
	n.scores(n.apply(opMul, image(typeFloat32, 1, 2, 2, 3), nil, 0, n.integers(1))).refused(t, "int32")
}
