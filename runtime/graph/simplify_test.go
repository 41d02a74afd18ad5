package graph_test

import (
	"bytes"
	"math"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/internal/eval64"
	"megl-edge/runtime/tensor"
)

func simplify(t testing.TB, g *graph.Graph) *graph.Graph {
	t.Helper()
	s, err := graph.Simplify(g)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// refeed returns the values for the inputs of another graph, by name.
func refeed(t testing.TB, from *graph.Graph, fed map[graph.ID][]float64, to *graph.Graph) map[graph.ID][]float64 {
	t.Helper()
	again := map[graph.ID][]float64{}
	for id, values := range fed {
		other, ok := to.Find(from.Node(id).Name)
		if !ok {
			t.Fatalf("input %q is gone", from.Node(id).Name)
		}
		again[other] = values
	}
	return again
}

// outputs returns the values of the named results, in order.
func outputs(t testing.TB, g *graph.Graph, fed map[graph.ID][]float64) []eval64.Value {
	t.Helper()
	var named []eval64.Value
	values := run(t, g, fed)
	for _, o := range g.Outputs() {
		named = append(named, values[o.Node])
	}
	return named
}

// checkSimplified simplifies g and compares names, types and values of the
// outputs; a second time changes nothing.
func checkSimplified(t testing.TB, g *graph.Graph, fed map[graph.ID][]float64) *graph.Graph {
	t.Helper()
	s := simplify(t, g)
	want, got := outputs(t, g, fed), outputs(t, s, refeed(t, g, fed, s))
	for i, o := range g.Outputs() {
		if name := s.Outputs()[i].Name; name != o.Name || !got[i].Type.Equal(want[i].Type) {
			t.Fatalf("output %q of type %v became %q of type %v", o.Name, want[i].Type, name, got[i].Type)
		}
		for j := range want[i].Data {
			if !near(got[i].Data[j], want[i].Data[j], 1e-12) {
				t.Errorf("output %q, element %d: %v became %v", o.Name, j, want[i].Data[j], got[i].Data[j])
			}
		}
	}
	if !bytes.Equal(encoded(t, simplify(t, s)), encoded(t, s)) {
		t.Error("simplifying twice gives another graph")
	}
	return s
}

func encoded(t testing.TB, g *graph.Graph) []byte {
	t.Helper()
	data, _, err := graph.Encode(g)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// count returns how many nodes apply op.
func count(g *graph.Graph, op graph.Op) int {
	n := 0
	for _, node := range g.Nodes() {
		if node.Op == op {
			n++
		}
	}
	return n
}

func TestSimplifyKeepsValues(t *testing.T) {
	shorter := 0
	for i := range uint64(150) {
		n := newNetwork(i)
		y := grow(n, randomBytes(i, 10+int(i)%50), false)
		n.Output("y", y)
		n.Output("again", y)
		n.Output("early", 3)
		g := n.build(t)
		if s := checkSimplified(t, g, n.fed); s.Len() < g.Len() {
			shorter++
		}
	}
	if shorter < 50 {
		t.Errorf("only %d of 150 random graphs became shorter", shorter)
	}
}

func TestSimplifyGradients(t *testing.T) {
	for _, c := range slices.Concat(floatCases, quantCases) {
		t.Run(c.name, func(t *testing.T) {
			n := newNetwork(2)
			y, wrt := c.build(n)
			for _, product := range n.VJP(y, n.input(n.Shape(y)...), wrt...) {
				n.Output(n.Node(product).Name, product)
			}
			checkSimplified(t, n.build(t), n.fed)
		})
	}
}

func TestSimplifyKeepsInputsAndNames(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", float(2, 3))
	unused := b.Input("unused", float(9))
	b.Apply(graph.OpSqrt, "dead", nil, unused)
	// A fold appends a node that would be named like one that comes later.
	flat := b.Apply(graph.OpReshape, "first", graph.Shape{Shape: tensor.Shape{6}}, x)
	column := b.Apply(graph.OpReshape, "second", graph.Shape{Shape: tensor.Shape{6, 1}}, flat)
	b.Output("column", column)
	b.Output("flat", flat)
	late := b.Input("reshape", float(2))
	b.Output("late", b.Apply(graph.OpSqrt, "root", nil, late))
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	s := simplify(t, g)
	for _, name := range []string{"x", "unused", "reshape", "root"} {
		if _, ok := s.Find(name); !ok {
			t.Errorf("node %q is gone", name)
		}
	}
	if _, ok := s.Find("dead"); ok {
		t.Error("a node that no output needs is kept")
	}
}

// Scalars and dequantizations that every gradient brings are there once.
func TestTwinsBecomeOne(t *testing.T) {
	n := newNetwork(1)
	q := n.int8(0.1, 3, 4)
	y := n.Mul(n.apply(graph.OpDequantize, nil, q), n.apply(graph.OpDequantize, nil, q))
	y = n.Add(n.Mul(y, n.Scalar(2)), n.Scalar(2))
	y = n.Add(n.Mul(y, n.Scalar(0)), n.Scalar(float32(math.Copysign(0, -1))))
	n.Output("y", y)
	s := checkSimplified(t, n.build(t), n.fed)
	if got := count(s, graph.OpDequantize); got != 1 {
		t.Errorf("%d dequantizations of one value", got)
	}
	if got := count(s, graph.OpConstant); got != 3 {
		t.Errorf("%d scalars, want 2, 0 and −0", got)
	}
}

// Many dequantizations are compared quickly.
func TestSimplifyLargeGraph(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", int8s(1, 0, 1))
	y := b.Real(x)
	for range 10_000 {
		y = b.Add(y, b.Add(b.Apply(graph.OpDequantize, "", nil, x), b.Scalar(1)))
	}
	b.Output("y", y)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if s := simplify(t, g); s.Len() != 20_003 {
		t.Errorf("%d nodes are left", s.Len())
	}
}

func TestRewrite(t *testing.T) {
	n := newNetwork(1)
	x := n.input(3)
	n.Output("y", n.Apply(graph.OpHardSwish, "activation", nil, n.Apply(graph.OpHardSwish, "inner", nil, x)))
	n.Output("mul", n.Apply(graph.OpMul, "mul", nil, x, x)) // the name that decomposing would take
	g := n.build(t)
	expanded, err := graph.Rewrite(g, func(b *graph.Builder, node *graph.Node) graph.ID {
		if y, ok := b.Decompose(node, node.Inputs); ok {
			return y
		}
		return graph.None
	})
	if err != nil {
		t.Fatal(err)
	}
	if count(expanded, graph.OpHardSwish) != 0 {
		t.Error("a hard swish is left")
	}
	id, _ := expanded.Find("mul")
	if y, _ := expanded.Output("mul"); id != y {
		t.Error("a copied node lost its name")
	}
	want, got := outputs(t, g, n.fed), outputs(t, expanded, refeed(t, g, n.fed, expanded))
	for i := range want {
		for j := range want[i].Data {
			if !near(got[i].Data[j], want[i].Data[j], 1e-14) {
				t.Errorf("output %d, element %d: %v became %v", i, j, want[i].Data[j], got[i].Data[j])
			}
		}
	}
}
