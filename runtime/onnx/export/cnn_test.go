package export_test

import (
	"math"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/onnx/export"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// exported returns the file of the network with the given logits.
func exported(t *testing.T, n *network, logits graph.ID, opt export.Options) *proto.Model {
	t.Helper()
	file, err := export.ONNX(n.model(t, logits), opt)
	if err != nil {
		t.Fatal(err)
	}
	return parse(t, file)
}

// The image operators of ONNX are channels first, and so is all between them.
func TestNoTransposeInACNN(t *testing.T) {
	n := newNetwork()
	m := exported(t, n, classifier(n, layers(n), n.floats(3, 6)), export.Options{})
	if got := count(m, "Transpose"); got != 0 {
		t.Errorf("%d transpositions", got)
	}
	if got := count(m, "Reshape"); got != 1 {
		t.Errorf("%d reshapes, want that of the network", got)
	}
	n = newNetwork()
	m = exported(t, n, quantLayers(n), export.Options{})
	if transposes, reshapes := count(m, "Transpose"), count(m, "Reshape"); transposes != 0 || reshapes != 1 {
		t.Errorf("quantized: %d transpositions, %d reshapes", transposes, reshapes)
	}
}

func TestLayersKeepTheirNames(t *testing.T) {
	n := newNetwork()
	m := exported(t, n, classifier(n, layers(n), n.floats(3, 6)), export.Options{})
	for name, op := range map[string]string{
		"stem": "Conv", "stem/swish": "HardSwish", "depthwise": "Conv", "residual": "Clip", "features/relu": "Relu",
		"mean": "GlobalAveragePool", "classes": "Gemm",
	} {
		node := find(t, m, name)
		if node.Op != op || name != "classes" && node.Outputs[0] != name {
			t.Errorf("%q is %s and gives %q, want %s", name, node.Op, node.Outputs[0], op)
		}
	}
}

func TestFilterAndWindow(t *testing.T) {
	n := newNetwork()
	filter := n.Constant("filter", tensor.Must(tensor.Of(tensor.Shape{1, 1, 2, 3}, []float32{1, 2, 3, 4, 5, 6})))
	m := exported(t, n, n.Apply(graph.OpConv, "conv", oddConv, n.image, filter), export.Options{})
	node := find(t, m, "conv")
	for name, want := range map[string][]int64{
		"kernel_shape": {1, 2}, "strides": {2, 1}, "dilations": {1, 2}, "pads": {1, 0, 2, 3},
	} {
		if got := attributeOf(t, node, name).Ints; !slices.Equal(got, want) {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
	}
	got := constant(t, m, "filter")
	want := tensor.Must(tensor.Of(tensor.Shape{6}, []float32{1, 4, 2, 5, 3, 6})).Data
	if !slices.Equal(got.Dims, []int64{1, 3, 1, 2}) || !slices.Equal(got.Raw, want) {
		t.Errorf("filter %v: %v, want %v", got.Dims, got.Raw, want)
	}
}

// A transposed convolution of 8 rows, stride 2, kernel 2, padding 1 and 2 gives
// 13 rows; what the convolution of 14 left out is added.
func TestOutputPadding(t *testing.T) {
	n := newNetwork()
	a := graph.ConvInputGrad{Conv: oddConv, Height: 14, Width: 7}
	m := exported(t, n, n.Apply(graph.OpConvInputGrad, "up", a, n.image, n.floats(3, 2, 2, 4)), export.Options{})
	if got := attributeOf(t, find(t, m, "up"), "output_padding").Ints; !slices.Equal(got, []int64{1, 0}) {
		t.Errorf("output padding %v, want 1 and 0", got)
	}
}

// An int8 layer is a float one between DequantizeLinear and QuantizeLinear,
// with scales exactly as the graph has them.
func TestQuantizedLayer(t *testing.T) {
	n := newNetwork()
	m := exported(t, n, quantLayers(n), export.Options{})
	conv := find(t, m, "stem")
	x, w := []float32{0.02}, []float32{0.008, 0.009, 0.01, 0.011}
	var products []float32
	for _, s := range w {
		products = append(products, x[0]*s)
	}
	for i, scales := range [][]float32{x, w, products} {
		checkScales(t, m, conv.Inputs[i], scales)
	}
	limited, last := find(t, m, "stem/limited"), find(t, m, "stem/quantized")
	if conv.Op != "Conv" || limited.Op != "Clip" || limited.Inputs[0] != conv.Outputs[0] ||
		last.Op != "QuantizeLinear" || last.Inputs[0] != limited.Outputs[0] || last.Outputs[0] != "stem" {
		t.Errorf("%v, %v, %v", conv, limited, last)
	}
	if upper := constant(t, m, limited.Inputs[2]); !slices.Equal(upper.Raw, tensor.Scalar(float32(83)*0.03).Data) {
		t.Errorf("upper bound %v", upper.Raw)
	}
	if count(m, "Relu") != 0 || count(m, "Clip") != 1 {
		t.Errorf("%d Relu, %d Clip, want the one limit of the stem", count(m, "Relu"), count(m, "Clip"))
	}
}

// checkScales fails unless the value is dequantized with the given scales.
func checkScales(t *testing.T, m *proto.Model, value string, want []float32) {
	t.Helper()
	node := find(t, m, value) // intermediate values have the name of their node
	if node.Op != "DequantizeLinear" {
		t.Fatalf("%q is made by %s", value, node.Op)
	}
	got := tensor.View[float32](slices.Clone(constant(t, m, node.Inputs[1]).Raw))
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || math.Float32bits(got[i]) != math.Float32bits(want[i]) {
			t.Fatalf("%q: scales %v, want %v", value, got, want)
		}
	}
}

func TestReluOnlyWhereItIsExact(t *testing.T) {
	for output, op := range map[graph.Quantized]string{fromZero: "Relu", narrow: "Clip", atMost: "Clip"} {
		n := newNetwork()
		m := exported(t, n, n.Apply(graph.OpQuantize, "x", output, n.image), export.Options{})
		if got := find(t, m, "x/limited").Op; got != op {
			t.Errorf("%+v: %s, want %s", output, got, op)
		}
	}
}
