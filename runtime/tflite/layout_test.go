package tflite

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func TestReshape(t *testing.T) {
	to := graph.Shape{Shape: tensor.Shape{1, 12}}
	forEachKind(t, func(t *testing.T, kind elementType) {
		for _, options := range [][]any{{[]int32{1, 12}}, {[]int32{1, -1}}, {[]int32{-1, 12}}, nil} {
			n := newNetwork(image(kind, 1, 2, 2, 3))
			inputs := []int32{0}
			if options == nil {
				inputs = append(inputs, n.integers(-1, 12))
			}
			n.outputs = []int32{n.apply(opReshape, image(kind, 1, 12), options, inputs...)}
			want(t, found(t, n.imported(t), "result"), graph.OpReshape, to, 1, 12)
		}
	})
}

// A file that changes the quantization while it moves values means the real
// numbers.
func TestMovedValuesKeepTheirMeaning(t *testing.T) {
	n := newNetwork(image(typeInt8, 1, 2, 2, 3))
	n.outputs = []int32{n.apply(opReshape, resultOf(typeInt8, 1, 12), []any{[]int32{1, 12}}, 0)}
	g := n.imported(t)
	result := found(t, g, "result")
	want(t, result, graph.OpQuantUnary, graph.QuantUnary{Function: graph.Identity, Output: resultRange(-128, 127)}, 1, 12)
	want(t, inputOf(g, result, 0), graph.OpReshape, graph.Shape{Shape: tensor.Shape{1, 12}}, 1, 12)
}

func TestReshapesThatAreRefused(t *testing.T) {
	for _, c := range []struct {
		shape []int32
		word  string
	}{{[]int32{1, 13}, "cannot become"}, {[]int32{-1, 5}, "do not fit"}, {[]int32{-1, -1}, "negative"}, {[]int32{1 << 30, 1 << 30, -1}, "2 GiB"}, {[]int32{0, -1}, "do not fit"}} {
		n := newNetwork(image(typeFloat32, 1, 2, 2, 3))
		n.outputs = []int32{n.apply(opReshape, image(typeFloat32, 1, 12), []any{c.shape}, 0)}
		n.refused(t, "operator 0 (RESHAPE)", c.word)
	}
}

func TestSqueeze(t *testing.T) {
	for _, c := range []struct {
		axes  []int32
		shape []int32
	}{{nil, []int32{3}}, {[]int32{1, 2}, []int32{1, 3}}, {[]int32{-2, 1}, []int32{1, 3}}} {
		forEachKind(t, func(t *testing.T, kind elementType) {
			n := newNetwork(image(kind, 1, 1, 1, 3))
			n.outputs = []int32{n.apply(opSqueeze, image(kind, c.shape...), []any{c.axes}, 0)}
			result := found(t, n.imported(t), "result")
			if result.Op != graph.OpReshape || len(result.Type.Shape) != len(c.shape) {
				t.Errorf("axes %v give %s of %v", c.axes, result.Op, result.Type)
			}
		})
	}
	n := newNetwork(image(typeFloat32, 1, 2, 1, 3))
	n.outputs = []int32{n.apply(opSqueeze, image(typeFloat32, 1, 1, 3), []any{[]int32{1}}, 0)}
	n.refused(t, "operator 0 (SQUEEZE)", "axis 1")
}

func TestTranspose(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 2, 4, 3))
		y := n.apply(opTranspose, image(kind, 1, 3, 4, 2), nil, 0, n.integers(0, -1, 2, 1))
		want(t, found(t, n.scores(y).imported(t), "result"), graph.OpTranspose, graph.Transpose{Perm: []int{0, 3, 2, 1}}, 1, 3, 4, 2)
	})
	n := newNetwork(image(typeFloat32, 1, 2, 4, 3))
	n.scores(n.apply(opTranspose, image(typeFloat32, 1, 3, 4, 2), nil, 0, n.integers(0, 1, 1, 2))).refused(t, "permutation")
}

func TestConcatenation(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 2, 2, 3))
		same := n.named("same", resultOf(kind, 1, 2, 2, 3))
		n.operators = append(n.operators, fixtureOperator{code: opAdd, inputs: []int32{0, 0}, outputs: []int32{same}})
		y := n.apply(opConcatenation, resultOf(kind, 1, 2, 2, 6), []any{int32(-1)}, 0, same)
		g := n.scores(y).imported(t)
		result := found(t, g, "result")
		want(t, result, graph.OpConcat, graph.Axis{Axis: 3}, 1, 2, 2, 6)
		if kind == typeFloat32 {
			return
		}
		first := inputOf(g, result, 0)
		want(t, first, graph.OpQuantUnary, graph.QuantUnary{Function: graph.Identity, Output: resultRange(-128, 127)}, 1, 2, 2, 3)
		if second := inputOf(g, result, 1); second.Name != "same" {
			t.Errorf("an input of the right quantization becomes %s %q", second.Op, second.Name)
		}
	})
}

func TestPad(t *testing.T) {
	at := graph.Pad{Before: []int{0, 1, 0, 0}, After: []int{0, 2, 3, 1}}
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 2, 2, 3))
		y := n.apply(opPad, image(kind, 1, 5, 5, 4), nil, 0, n.integers(0, 0, 1, 2, 0, 3, 0, 1))
		want(t, found(t, n.scores(y).imported(t), "result"), graph.OpPad, at, 1, 5, 5, 4)

		n = newNetwork(image(kind, 1, 2, 2, 3))
		value := weights(kind, 6)
		value.shape, value.data = nil, value.data[len(value.data)/6*5:]
		y = n.apply(opPadV2, image(kind, 1, 5, 5, 4), nil, 0, n.integers(0, 0, 1, 2, 0, 3, 0, 1), n.tensor(value))
		padded := at
		if padded.Value = 5; kind.quantized() {
			padded.Value = 1.25
		}
		want(t, found(t, n.scores(y).imported(t), "result"), graph.OpPad, padded, 1, 5, 5, 4)
	})
}

// padded is a network that pads and then convolves.
func padded(kind elementType, p padding, amounts ...int32) (n *network, pad, conv int32) {
	n = newNetwork(image(kind, 1, 8, 8, 3))
	shape := []int32{1 + amounts[0] + amounts[1], 8 + amounts[2] + amounts[3], 8 + amounts[4] + amounts[5], 3 + amounts[6] + amounts[7]}
	x := image(kind, shape...)
	x.name = "padded"
	pad = n.apply(opPad, x, nil, 0, n.integers(amounts...))
	h, w := shape[1]-2, shape[2]-2
	if p == paddingSame {
		h, w = h+2, w+2
	}
	conv = n.apply(opDepthwiseConv, image(kind, shape[0], h, w, shape[3]), depthwise(p, graph.HW{1, 1}, graph.HW{1, 1}, activationNone),
		pad, n.tensor(weights(kind, 1, 3, 3, shape[3])))
	return n, pad, conv
}

func TestPadMovesIntoTheConvolution(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n, _, y := padded(kind, paddingValid, 0, 0, 1, 2, 3, 0, 0, 0)
		g := n.scores(y).imported(t)
		result := found(t, g, "result")
		at, ok := result.Attr.(graph.Conv)
		if q, quantized := result.Attr.(graph.QuantConv); quantized {
			at, ok = q.Conv, true
		}
		if !ok || at.Pad != (graph.Sides{1, 3, 2, 0}) || inputOf(g, result, 0).Name != "input" {
			t.Errorf("the convolution is %+v of %q", result.Attr, inputOf(g, result, 0).Name)
		}
	})
}

func TestPadStays(t *testing.T) {
	stays := func(why string, n *network) {
		t.Helper()
		if p := found(t, n.imported(t), "padded"); p.Op != graph.OpPad {
			t.Errorf("%s: the padding is %s", why, p.Op)
		}
	}
	n, _, y := padded(typeFloat32, paddingSame, 0, 0, 1, 1, 1, 1, 0, 0)
	stays("the convolution pads too", n.scores(y))
	n, _, y = padded(typeFloat32, paddingValid, 0, 0, 1, 1, 1, 1, 0, 1)
	stays("channels are padded", n.scores(y))
	n, pad, y := padded(typeFloat32, paddingValid, 0, 0, 1, 1, 1, 1, 0, 0)
	n.apply(opReLU, image(typeFloat32, 1, 10, 10, 3), nil, pad)
	stays("it is read twice", n.scores(y))
	n, _, y = padded(typeFloat32, paddingValid, 0, 0, 1, 1, 1, 1, 0, 0)
	one := weights(typeFloat32, 2)
	one.shape, one.data = nil, one.data[4:]
	n.operators[0].code = opPadV2
	n.operators[0].inputs = append(n.operators[0].inputs, n.tensor(one))
	stays("it is not of zeros", n.scores(y))
}

func TestPadsThatAreRefused(t *testing.T) {
	for word, amounts := range map[string][]int32{"amounts": {1, 2, 3}, "padding": {0, 0, -1, 0, 0, 0, 0, 0}} {
		n := newNetwork(image(typeFloat32, 1, 2, 2, 3))
		n.scores(n.apply(opPad, image(typeFloat32, 1, 5, 5, 4), nil, 0, n.integers(amounts...))).refused(t, "operator 0 (PAD)", word)
	}
}
