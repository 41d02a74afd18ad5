package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

func narrow(t testing.TB, g *graph.Graph) *graph.Graph {
	t.Helper()
	n, err := graph.Narrow(g)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// checkNarrow compares the values of all outputs, and narrows twice.
func checkNarrow(t testing.TB, g *graph.Graph, fed map[graph.ID][]float64) *graph.Graph {
	t.Helper()
	n := narrow(t, g)
	before, after := outputs(t, g, fed), outputs(t, n, refeed(t, g, fed, n))
	for i := range before {
		if !slices.Equal(before[i].Data, after[i].Data) {
			t.Fatalf("output %d: %v before, %v after", i, before[i].Data, after[i].Data)
		}
	}
	for i, o := range n.Outputs() {
		if was := g.Outputs()[i]; o.Name != was.Name || !n.Node(o.Node).Type.Equal(g.Node(was.Node).Type) {
			t.Fatalf("output %q of %v became %q of %v", was.Name, g.Node(was.Node).Type, o.Name, n.Node(o.Node).Type)
		}
	}
	if once, twice := elements(n), elements(narrow(t, n)); twice > once {
		t.Errorf("narrowed twice the graph has %d elements, once %d", twice, once)
	}
	return n
}

// One token is read behind a block of attention and a residual network: but for
// the keys and the values nothing is computed for the others.
func TestNarrowToOneToken(t *testing.T) {
	const tokens, width = 5, 6
	n := newNetwork(3)
	x := n.input(1, tokens, width)
	head := func() graph.ID {
		y := n.Apply(graph.OpLinear, "", nil, n.Reshape(x, tensor.Shape{tokens, width}), n.floats(width, width))
		return n.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{1, 0, 2}}, n.Reshape(y, tensor.Shape{tokens, 2, width / 2}))
	}
	q, k, v := head(), head(), head()
	scores := n.Apply(graph.OpMatMul, "scores", graph.MatMul{TransposeB: true}, q, k)
	y := n.Apply(graph.OpMatMul, "weighted", graph.MatMul{}, n.Apply(graph.OpSoftmax, "", nil, scores), v)
	y = n.Reshape(n.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{1, 0, 2}}, y), tensor.Shape{1, tokens, width})
	y = n.Add(x, y)
	inner := n.Apply(graph.OpLayerNorm, "norm", graph.LayerNorm{Epsilon: 1e-5}, y, n.floats(width), n.floats(width))
	inner = n.Apply(graph.OpLinear, "hidden", nil, n.Reshape(inner, tensor.Shape{tokens, width}), n.floats(9, width))
	inner = n.Apply(graph.OpLinear, "", nil, n.Apply(graph.OpGelu, "", nil, inner), n.floats(width, 9))
	y = n.Apply(graph.OpAdd, "sum", nil, y, n.Reshape(inner, tensor.Shape{1, tokens, width}))
	n.Output("token", n.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 2, 0}, Size: tensor.Shape{1, 1, width}}, y))
	g := n.build(t)
	narrowed := checkNarrow(t, g, n.fed)
	for name, want := range map[string]tensor.Shape{
		"scores": {2, 1, tokens}, "weighted": {2, 1, width / 2}, "norm": {1, 1, width}, "hidden": {1, 9}, "sum": {1, 1, width},
	} {
		id, ok := narrowed.Find(name)
		if !ok {
			t.Fatalf("%s is gone", name)
		}
		if got := narrowed.Node(id).Type.Shape; !got.Equal(want) {
			t.Errorf("%s has shape %v, want %v", name, got, want)
		}
	}
}

// A part of what random ops compute is the same part of the whole.
func TestNarrowRandomGraphs(t *testing.T) {
	cut := 0
	for seed := range uint64(400) {
		n := newNetwork(seed)
		y := grow(n, randomBytes(seed, 4+int(seed%24)), false)
		for _, x := range slices.Compact([]graph.ID{y, y / 2}) {
			shape := n.Shape(x)
			a := graph.Slice{Start: make([]int, len(shape)), Size: slices.Clone(shape)}
			for axis, d := range shape {
				a.Start[axis] = n.rng.IntN(d)
				a.Size[axis] = 1 + n.rng.IntN(d-a.Start[axis])
			}
			if n.Type(x).DType == tensor.Float32 {
				n.Output(fmt.Sprint("part of ", x), n.apply(graph.OpSlice, a, x))
			}
		}
		if g := n.build(t); len(g.Outputs()) > 0 {
			narrowed := checkNarrow(t, g, n.fed)
			cut += elements(g) - elements(narrowed)
		}
	}
	if cut <= 0 {
		t.Error("no element less was computed")
	}
}

// elements counts the elements of all values.
func elements(g *graph.Graph) int {
	sum := 0
	for _, n := range g.Nodes() {
		sum += n.Type.Shape.Elements()
	}
	return sum
}
