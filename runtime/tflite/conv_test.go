package tflite

import (
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// convolution returns the options of CONV_2D.
func convolution(p padding, stride, dilation graph.HW, a activation) []any {
	return []any{int8(p), int32(stride[1]), int32(stride[0]), int8(a), int32(dilation[1]), int32(dilation[0])}
}

// depthwise returns the options of DEPTHWISE_CONV_2D.
func depthwise(p padding, stride, dilation graph.HW, a activation) []any {
	return []any{int8(p), int32(stride[1]), int32(stride[0]), int32(1), int8(a), int32(dilation[1]), int32(dilation[0])}
}

func TestConvolution(t *testing.T) {
	at := graph.Conv{Stride: graph.HW{2, 3}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{0, 0, 1, 0}, Groups: 1}
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 8, 9, 3))
		y := n.apply(opConv, resultOf(kind, 1, 4, 3, 4), convolution(paddingSame, graph.HW{2, 3}, graph.HW{1, 1}, activationReLU6),
			0, n.tensor(weights(kind, 4, 3, 3, 3)), n.tensor(bias(kind, 4)))
		g := n.scores(y).imported(t)
		result := found(t, g, "result")
		if kind == typeFloat32 {
			want(t, result, graph.OpClamp, graph.ReLU6, 1, 4, 3, 4)
			before := inputOf(g, result, 0)
			want(t, before, graph.OpConv, at, 1, 4, 3, 4)
			if before.Name != "result/pre_activation" {
				t.Errorf("the convolution is named %q", before.Name)
			}
			return
		}
		want(t, result, graph.OpQuantConv, graph.QuantConv{Conv: at, Output: resultRange(-10, 50)}, 1, 4, 3, 4)
		w := inputOf(g, result, 1)
		if !w.Type.Quant.Equal(tensor.PerTensor(0.25, 0)) || tensor.Elements[int8](*w.Value)[5] != 5 {
			t.Errorf("weights are %v with %+v, starting %v", w.Type, w.Type.Quant, w.Value.Data[:8])
		}
		if q := inputOf(g, result, 2).Type.Quant; !q.Equal(tensor.PerTensor(0.125, 0)) {
			t.Errorf("the bias has %+v, want input scale · weight scale", q)
		}
	})
}

// The rule of TensorFlow, worked out by hand: length, kernel, stride, dilation
// and what they give.
func TestSamePadding(t *testing.T) {
	for _, c := range [][6]int{
		{224, 3, 2, 1, 0, 1}, {112, 3, 1, 1, 1, 1}, {7, 3, 2, 1, 1, 1}, {8, 3, 2, 1, 0, 1}, {5, 1, 1, 1, 0, 0},
		{8, 2, 1, 1, 0, 1}, {9, 3, 3, 1, 0, 0}, {4, 1, 3, 1, 0, 0}, {10, 3, 1, 2, 2, 2}, {10, 4, 2, 3, 4, 4}, {1, 5, 1, 1, 2, 2},
	} {
		before, after := samePadding(c[0], c[1], c[2], c[3])
		if before != c[4] || after != c[5] {
			t.Errorf("length %d, kernel %d, stride %d, dilation %d: %d before and %d after, want %d and %d", c[0], c[1], c[2], c[3], before, after, c[4], c[5])
		}
	}
}

func TestConvolutionPaddingAndDilation(t *testing.T) {
	for _, c := range []struct {
		padding  padding
		dilation graph.HW
		pad      graph.Sides
		height   int32
		width    int32
	}{
		{paddingValid, graph.HW{1, 1}, graph.Sides{}, 6, 6},
		{paddingValid, graph.HW{2, 3}, graph.Sides{}, 4, 2},
		{paddingSame, graph.HW{1, 1}, graph.Sides{1, 1, 1, 1}, 8, 8},
		{paddingSame, graph.HW{2, 3}, graph.Sides{2, 3, 2, 3}, 8, 8},
	} {
		n := newNetwork(image(typeFloat32, 1, 8, 8, 3))
		y := n.apply(opConv, image(typeFloat32, 1, c.height, c.width, 2), convolution(c.padding, graph.HW{1, 1}, c.dilation, activationNone),
			0, n.tensor(weights(typeFloat32, 2, 3, 3, 3)))
		at := graph.Conv{Stride: graph.HW{1, 1}, Dilation: c.dilation, Pad: c.pad, Groups: 1}
		want(t, found(t, n.scores(y).imported(t), "result"), graph.OpConv, at, 1, int(c.height), int(c.width), 2)
	}
}

func TestGroupedConvolution(t *testing.T) {
	n := newNetwork(image(typeFloat32, 1, 4, 4, 3))
	y := n.apply(opConv, image(typeFloat32, 1, 4, 4, 6), convolution(paddingSame, graph.HW{1, 1}, graph.HW{1, 1}, activationNone),
		0, n.tensor(weights(typeFloat32, 6, 1, 1, 1)))
	at := graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Groups: 3}
	want(t, found(t, n.scores(y).imported(t), "result"), graph.OpConv, at, 1, 4, 4, 6)
}

func TestDepthwiseConvolution(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 4, 4, 3))
		y := n.apply(opDepthwiseConv, resultOf(kind, 1, 3, 3, 6), depthwise(paddingValid, graph.HW{1, 1}, graph.HW{1, 1}, activationReLU),
			0, n.tensor(weights(kind, 1, 2, 2, 6)), n.tensor(bias(kind, 6)))
		g := n.scores(y).imported(t)
		result := found(t, g, "result")
		if kind == typeFloat32 {
			result = inputOf(g, result, 0)
		}
		w := inputOf(g, result, 1)
		if !w.Type.Shape.Equal(tensor.Shape{6, 2, 2, 1}) {
			t.Fatalf("filter is %v", w.Type)
		}
		// Tap t of channel c was number 6t + c.
		if kind == typeFloat32 {
			want(t, result, graph.OpConv, graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Groups: 3}, 1, 3, 3, 6)
			if got := tensor.Elements[float32](*w.Value)[:5]; !slices.Equal(got, []float32{0, 6, 12, 18, 1}) {
				t.Errorf("filter starts %v", got)
			}
			return
		}
		if got := tensor.Elements[int8](*w.Value)[:5]; !slices.Equal(got, []int8{0, 6, 12, 18, 1}) {
			t.Errorf("filter starts %v", got)
		}
		if to := result.Attr.(graph.QuantConv).Output; to != resultRange(-10, 127) {
			t.Errorf("the result is quantized %+v", to)
		}
	})
}

func TestScalesForEachChannel(t *testing.T) {
	for code, axis := range map[int]int32{opConv: 0, opDepthwiseConv: 3} {
		n := newNetwork(image(typeInt8, 1, 4, 4, 3))
		w := weights(typeInt8, 3, 1, 1, 3)
		options := convolution(paddingValid, graph.HW{1, 1}, graph.HW{1, 1}, activationNone)
		if code == opDepthwiseConv {
			w = weights(typeInt8, 1, 1, 1, 3)
			options = depthwise(paddingValid, graph.HW{1, 1}, graph.HW{1, 1}, activationNone)
		}
		w.scale, w.zero, w.axis = []float32{0.1, 0.2, 0.3}, []int64{0, 0, 0}, axis
		y := n.apply(code, resultOf(typeInt8, 1, 4, 4, 3), options, 0, n.tensor(w), n.tensor(bias(typeInt8, 3)))
		n.scores(y)
		result := found(t, n.imported(t), "result")
		g := n.imported(t)
		scales := []float32{0.1, 0.2, 0.3}
		if q := inputOf(g, result, 1).Type.Quant; q.Axis != 0 || !slices.Equal(q.Scale, scales) {
			t.Errorf("weights have %+v", q)
		}
		for i := range scales {
			scales[i] *= 0.5
		}
		if q := inputOf(g, result, 2).Type.Quant; q.Axis != 0 || !slices.Equal(q.Scale, scales) {
			t.Errorf("the bias has %+v", q)
		}
		n.tensors[1].axis = 1
		n.refused(t, "operator 0", "scales along axis 1")
	}
}

// Older files have uint8 weights with any zero point.
func TestWeightsWithZeroPoint(t *testing.T) {
	n := newNetwork(image(typeUInt8, 1, 4, 4, 3))
	w := fixtureTensor{name: "weights", kind: typeUInt8, shape: []int32{2, 1, 1, 3}, data: []byte{0, 1, 127, 128, 200, 255}, scale: []float32{0.5}, zero: []int64{119}}
	y := n.apply(opConv, resultOf(typeUInt8, 1, 4, 4, 2), convolution(paddingValid, graph.HW{1, 1}, graph.HW{1, 1}, activationNone), 0, n.tensor(w))
	g := n.scores(y).imported(t)
	node := inputOf(g, found(t, g, "result"), 1)
	if got := tensor.Elements[int8](*node.Value); !slices.Equal(got, []int8{-128, -127, -1, 0, 72, 127}) || node.Type.Quant.ZeroPoint[0] != -9 {
		t.Errorf("weights are %v with %+v", got, node.Type.Quant)
	}
}

func TestOnePixelConvolutionIsLinear(t *testing.T) {
	forEachKind(t, func(t *testing.T, kind elementType) {
		n := newNetwork(image(kind, 1, 1, 1, 3))
		y := n.apply(opConv, resultOf(kind, 1, 1, 1, 5), convolution(paddingSame, graph.HW{1, 1}, graph.HW{1, 1}, activationNone),
			0, n.tensor(weights(kind, 5, 1, 1, 3)), n.tensor(bias(kind, 5)))
		n.outputs = []int32{y}
		g := n.imported(t)
		result := found(t, g, "result")
		want(t, result, graph.OpReshape, graph.Shape{Shape: tensor.Shape{1, 1, 1, 5}}, 1, 1, 1, 5)
		linear := inputOf(g, result, 0)
		if kind == typeFloat32 {
			want(t, linear, graph.OpLinear, nil, 1, 5)
		} else {
			want(t, linear, graph.OpQuantLinear, resultRange(-128, 127), 1, 5)
		}
		want(t, inputOf(g, linear, 0), graph.OpReshape, graph.Shape{Shape: tensor.Shape{1, 3}}, 1, 3)
		if w := inputOf(g, linear, 1); !w.Type.Shape.Equal(tensor.Shape{5, 3}) {
			t.Errorf("weights are %v", w.Type)
		}
	})
}

func TestConvolutionsThatAreRefused(t *testing.T) {
	build := func(w fixtureTensor, options []any, result fixtureTensor) *network {
		n := newNetwork(image(typeFloat32, 1, 4, 4, 3))
		return n.scores(n.apply(opConv, result, options, 0, n.tensor(w)))
	}
	result := image(typeFloat32, 1, 4, 4, 2)
	plain := convolution(paddingSame, graph.HW{1, 1}, graph.HW{1, 1}, activationNone)
	hybrid := "float activations with int8 weights: convert with full integer quantization or as float32"
	build(weights(typeInt8, 2, 1, 1, 3), plain, result).refused(t, "operator 0 (CONV_2D)", hybrid)
	float16 := fixtureTensor{kind: typeFloat16, shape: []int32{2, 1, 1, 3}, data: make([]byte, 12)}
	build(float16, plain, result).refused(t, "operator 0 (CONV_2D)", "float16 weights")
	computed := fixtureTensor{kind: typeFloat32, shape: []int32{2, 1, 1, 3}}
	build(computed, plain, result).refused(t, "only constants")
	build(weights(typeFloat32, 2, 1, 1, 2), plain, result).refused(t, "do not fit")
	build(weights(typeFloat32, 2, 3), plain, result).refused(t, "do not fit")
	build(weights(typeFloat32, 2, 1, 1, 3), plain, image(typeFloat32, 1, 4, 5, 2)).refused(t, "1×4×4×2", "1×4×5×2")
	build(weights(typeFloat32, 2, 1, 1, 3), convolution(paddingSame, graph.HW{0, 1}, graph.HW{1, 1}, activationNone), result).refused(t, "stride")
	build(weights(typeFloat32, 2, 1, 1, 3), convolution(paddingSame, graph.HW{1, 1}, graph.HW{1 << 30, 1}, activationNone), result).refused(t, "dilation")
	build(weights(typeFloat32, 2, 1, 1, 3), convolution(7, graph.HW{1, 1}, graph.HW{1, 1}, activationNone), result).refused(t, "padding 7")
	build(weights(typeFloat32, 2, 1, 1, 3), convolution(paddingSame, graph.HW{1, 1}, graph.HW{1, 1}, 4), result).refused(t, "TANH")
	build(weights(typeFloat32, 2, 1, 1, 3), convolution(paddingSame, graph.HW{1, 1}, graph.HW{1, 1}, 5), result).refused(t, "SIGN_BIT")
	sparse := weights(typeFloat32, 2, 1, 1, 3)
	sparse.sparse = true
	build(sparse, plain, result).refused(t, "sparse")
}
