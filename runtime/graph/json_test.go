package graph_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// lookupIn returns a lookup in the tensors that Encode returned.
func lookupIn(tensors []graph.NamedTensor) func(string) (tensor.Tensor, error) {
	return func(name string) (tensor.Tensor, error) {
		for _, t := range tensors {
			if t.Name == name {
				return t.Tensor, nil
			}
		}
		return tensor.Tensor{}, errors.New("no such tensor")
	}
}

// checkRoundTrip fails unless decoding what was encoded gives an equal graph.
func checkRoundTrip(t *testing.T, g *graph.Graph) {
	t.Helper()
	data, tensors, err := graph.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	again, err := graph.Decode(data, lookupIn(tensors))
	if err != nil {
		t.Fatal(err)
	}
	if again.Len() != g.Len() || !slices.Equal(again.Outputs(), g.Outputs()) {
		t.Fatalf("%d nodes and outputs %v became %d nodes and outputs %v", g.Len(), g.Outputs(), again.Len(), again.Outputs())
	}
	for id, want := range g.Nodes() {
		if got := again.Node(id); !sameNode(got, want) {
			t.Errorf("node %d is %+v, was %+v", id, got, want)
		}
	}
	if !bytes.Equal(encoded(t, again), data) {
		t.Error("the decoded graph is encoded in another way")
	}
}

func sameNode(a, b *graph.Node) bool {
	if a.Op != b.Op || a.Name != b.Name || !slices.Equal(a.Inputs, b.Inputs) || !a.Type.Equal(b.Type) {
		return false
	}
	sameValue := a.Value == b.Value || a.Value != nil && b.Value != nil && a.Value.Type.Equal(b.Value.Type) && bytes.Equal(a.Value.Data, b.Value.Data)
	// JSON tells −0 from 0, DeepEqual does not: fmt does.
	return sameValue && reflect.DeepEqual(a.Attr, b.Attr) && fmt.Sprint(a.Attr) == fmt.Sprint(b.Attr)
}

// everyOp is a graph with each case of each op, and some more attributes.
func everyOp(t *testing.T) *graph.Graph {
	n := newNetwork(1)
	seen := map[graph.Op]bool{graph.OpInput: true, graph.OpConstant: true}
	for _, c := range slices.Concat(floatCases, quantCases, otherCases) {
		y, _ := c.build(n)
		n.Output(c.name, y)
		seen[c.op] = true
	}
	for _, op := range graph.Ops() {
		if !seen[op] {
			t.Errorf("no graph has a %s", op)
		}
	}
	negativeZero := float32(math.Copysign(0, -1))
	x := n.input(2)
	for _, r := range []graph.Clamp{graph.ReLU, graph.ReLU6, {Min: negativeZero, Max: 3}, {Min: -infinity, Max: 1e-45}, {Min: -infinity, Max: infinity}, {Min: -math.MaxFloat32, Max: 0.1}} {
		x = n.apply(graph.OpClamp, r, x)
	}
	n.Output("clamped", n.apply(graph.OpPad, graph.Pad{Before: []int{1}, After: []int{0}, Value: negativeZero}, x))
	n.Output("weird name: <ünï&code> \"quoted\"", x)
	return n.build(t)
}

func TestRoundTrip(t *testing.T) {
	checkRoundTrip(t, everyOp(t))
	for i := range uint64(30) {
		n := newNetwork(i)
		n.Output("y", grow(n, randomBytes(i, 40), false))
		checkRoundTrip(t, n.build(t))
	}
}

// Constants that share memory share a tensor, whatever their quantization.
func TestSharedTensors(t *testing.T) {
	values := tensor.Must(tensor.Of(tensor.Shape{2, 2}, []int8{1, 2, 3, 4}))
	flat := values
	flat.Shape = tensor.Shape{4}
	b := graph.NewBuilder()
	for _, v := range []tensor.Tensor{values, values.WithQuant(tensor.PerTensor(2, 0)), flat, tensor.Zeros(values.Type)} {
		b.Output("y", b.Constant("w", v))
	}
	b.Output("z", b.Constant("empty", tensor.Zeros(float(0))))
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	_, tensors, err := graph.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range tensors {
		names = append(names, v.Name)
	}
	if want := []string{"w", "w_3", "w_4", "empty"}; !slices.Equal(names, want) {
		t.Errorf("tensors are %v, want %v", names, want)
	}
	checkRoundTrip(t, g)
}

// A graph that is too large to be read is not written.
func TestEncodeLargeGraph(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", float())
	for range 1 << 16 {
		x = b.Apply(graph.OpSqrt, "", nil, x)
	}
	b.Output("y", x)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	_, _, err = graph.Encode(g)
	checkMessage(t, err, "65537 nodes")
}

// The graph is JSON that other programs can read, with these names.
func TestEncoding(t *testing.T) {
	n := newNetwork(1)
	x := n.Input("x", int8s(0.5, -3, 1, 4, 4, 1))
	w := n.Constant("w", tensor.Zeros(int8s(0.25, 0, 1, 1, 1, 1)))
	y := n.Apply(graph.OpQuantConv, "y", graph.QuantConv{Conv: plainConv, Output: graph.Quantized{Scale: 1, ZeroPoint: 2, Min: 2, Max: 127}}, x, w)
	n.Output("z", n.Apply(graph.OpClamp, "z", graph.ReLU, n.Apply(graph.OpDequantize, "real", nil, y)))
	got := encoded(t, n.build(t))
	want := `{"nodes":[` +
		`{"op":"input","name":"x","type":{"dtype":"I8","shape":[1,4,4,1],"quantization":{"scale":[0.5],"zero_point":[-3]}}},` +
		`{"op":"constant","name":"w","type":{"dtype":"I8","shape":[1,1,1,1],"quantization":{"scale":[0.25],"zero_point":[0]}},"tensor":"w"},` +
		`{"op":"quant_conv","name":"y","inputs":[0,1],"attributes":{"stride":[1,1],"dilation":[1,1],"pad":[0,0,0,0],"groups":1,` +
		`"output":{"scale":1,"zero_point":2,"min":2,"max":127}}},` +
		`{"op":"dequantize","name":"real","inputs":[2]},` +
		`{"op":"clamp","name":"z","inputs":[3],"attributes":{"min":0}}],` +
		`"outputs":[{"name":"z","node":4}]}`
	if string(got) != want {
		t.Errorf("encoded as\n%s\nwant\n%s", got, want)
	}
	if !json.Valid(got) {
		t.Error("this is no JSON")
	}
}
