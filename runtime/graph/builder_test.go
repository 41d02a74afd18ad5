package graph_test

import (
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// requests calls every method of a builder that takes nodes with the given ones.
var requests = map[string]func(b *graph.Builder, x, y graph.ID){
	"Type":    func(b *graph.Builder, x, _ graph.ID) { b.Type(x) },
	"Shape":   func(b *graph.Builder, x, _ graph.ID) { b.Shape(x) },
	"Node":    func(b *graph.Builder, x, _ graph.ID) { _ = b.Node(x).Op },
	"Apply":   func(b *graph.Builder, x, y graph.ID) { b.Apply(graph.OpAdd, "", nil, x, y) },
	"Output":  func(b *graph.Builder, x, _ graph.ID) { b.Output("y", x) },
	"Real":    func(b *graph.Builder, x, _ graph.ID) { b.Real(x) },
	"Reshape": func(b *graph.Builder, x, _ graph.ID) { b.Reshape(x, tensor.Shape{1}) },
	"Add":     func(b *graph.Builder, x, y graph.ID) { b.Add(x, y) },
	"Sub":     func(b *graph.Builder, x, y graph.ID) { b.Sub(x, y) },
	"Mul":     func(b *graph.Builder, x, y graph.ID) { b.Mul(x, y) },
	"Div":     func(b *graph.Builder, x, y graph.ID) { b.Div(x, y) },
	"Grad":    func(b *graph.Builder, x, y graph.ID) { b.Grad(x, y) },
	"VJP":     func(b *graph.Builder, x, y graph.ID) { b.VJP(x, y, y) },
	"VJP wrt": func(b *graph.Builder, x, y graph.ID) { b.VJP(y, y, x) },
	"Copy":    func(b *graph.Builder, x, y graph.ID) { b.Copy(&graph.Node{Op: graph.OpSub, Inputs: []graph.ID{x, y}}) },
	"no inputs": func(b *graph.Builder, x, _ graph.ID) {
		b.Decompose(&graph.Node{Op: graph.OpHardSwish, Inputs: []graph.ID{x}}, nil)
	},
	"Decompose": func(b *graph.Builder, x, _ graph.ID) {
		b.Decompose(&graph.Node{Op: graph.OpHardSwish, Inputs: []graph.ID{x}}, []graph.ID{x})
	},
}

// After an error nothing panics, nothing is appended, and the first error stays.
func TestBuilderAfterAnError(t *testing.T) {
	all := maps.Clone(requests)
	all["Input"] = func(b *graph.Builder, _, _ graph.ID) { b.Input("z", float(1)) }
	all["Constant"] = func(b *graph.Builder, _, _ graph.ID) { b.Constant("z", tensor.Scalar(float32(1))) }
	all["Scalar"] = func(b *graph.Builder, _, _ graph.ID) { b.Scalar(1) }
	all["ClearOutputs"] = func(b *graph.Builder, _, _ graph.ID) { b.ClearOutputs() }
	all["unknown op"] = func(b *graph.Builder, _, _ graph.ID) { b.Decompose(&graph.Node{Op: "?"}, nil) }
	for name, request := range all {
		for _, ids := range [][2]graph.ID{{0, 0}, {graph.None, 7}, {7, graph.None}} {
			b := graph.NewBuilder()
			wrong := b.Apply(graph.OpAdd, "wrong", nil, 3, 4)
			first := b.Err()
			checkMessage(t, first, `add "wrong": input 0 is node 3`)
			request(b, ids[0], ids[1])
			request(b, wrong, wrong)
			if _, err := b.Build(); !errors.Is(err, first) {
				t.Errorf("%s after an error: Build gives %v, want %v", name, err, first)
			}
		}
	}
}

// Nodes that do not exist are errors, not panics.
func TestBuilderWithWrongNodes(t *testing.T) {
	for name, request := range requests {
		for _, id := range []graph.ID{graph.None, 1, 1 << 30} {
			b := graph.NewBuilder()
			x := b.Input("x", float(1))
			request(b, id, x)
			if b.Err() == nil {
				t.Errorf("%s of node %d of a graph with one node: no error", name, id)
				continue
			}
			checkMessage(t, b.Err(), "")
		}
	}
}

func TestBuilderErrors(t *testing.T) {
	nameless := tensor.Tensor{Type: float(2), Data: make([]byte, 7)}
	for want, request := range map[string]func(b *graph.Builder){
		"graph has no outputs":          func(b *graph.Builder) { b.Scalar(1) },
		"the name is taken":             func(b *graph.Builder) { b.Input("x", float()); b.Input("x", float()) },
		`input "a\nb": name "a\nb" has`: func(b *graph.Builder) { b.Input("a\nb", float()) },
		"a name of 0 bytes":             func(b *graph.Builder) { b.Input("", float()) },
		"a name of 5000 bytes":          func(b *graph.Builder) { b.Input(strings.Repeat("x", 5000), float()) },
		`output "\xff"`:                 func(b *graph.Builder) { b.Output("\xff", b.Scalar(1)) },
		"negative dimension":            func(b *graph.Builder) { b.Input("x", float(-1)) },
		"more than 2 GiB":               func(b *graph.Builder) { b.Input("x", float(1<<15, 1<<15)) },
		"cannot be stored":              func(b *graph.Builder) { b.Input("x", tensor.Type{}) },
		"cannot be quantized": func(b *graph.Builder) {
			b.Input("x", tensor.Type{DType: tensor.Float32, Quant: tensor.PerTensor(1, 0)})
		},
		"7 bytes of data for F32[2], want 8":   func(b *graph.Builder) { b.Constant("", nameless) },
		`op "no such op" is not known`:         func(b *graph.Builder) { b.Apply("no such op", "", nil) },
		"input \"\": cannot be applied":        func(b *graph.Builder) { b.Apply(graph.OpInput, "", nil) },
		"has 1 inputs, want 2 to 2":            func(b *graph.Builder) { b.Apply(graph.OpAdd, "", nil, b.Scalar(1)) },
		"attributes are <nil>, want graph.Con": func(b *graph.Builder) { s := b.Scalar(1); b.Apply(graph.OpConv, "", nil, s, s) },
		"attributes are graph.Conv, want <nil": func(b *graph.Builder) { s := b.Scalar(1); b.Apply(graph.OpAdd, "", graph.Conv{}, s, s) },
		"attributes are *graph.Conv, want":     func(b *graph.Builder) { s := b.Scalar(1); b.Apply(graph.OpConv, "", &graph.Conv{}, s, s) },
	} {
		b := graph.NewBuilder()
		request(b)
		_, err := b.Build()
		checkMessage(t, err, want)
	}
}

// The names of nodes are unique, printable and short enough to be stored,
// whatever is wished.
func TestNamesAreMadeToFit(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", float(2))
	long := strings.Repeat("ü", 3000)
	wishes := []string{"", "", "x", "x", "x_3", "a\tb", "a\x00b", "\xff", "\xfe", long, long, long + "!"}
	for _, wish := range wishes {
		b.Output("y", b.Apply(graph.OpSqrt, wish, nil, x))
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"x", "sqrt", "sqrt_2", "x_2", "x_3", "x_3_2", "a_b", "a_b_2", "_", "__2",
		strings.Repeat("ü", 2048), strings.Repeat("ü", 2047) + "_2", strings.Repeat("ü", 2047) + "_3"}
	for i, name := range want {
		if got := g.Node(graph.ID(i)).Name; got != name {
			t.Errorf("node %d is named %.40q (%d bytes), want %.40q (%d bytes)", i, got, len(got), name, len(name))
		}
	}
	checkRoundTrip(t, g)
}

// Thousands of nodes with one name are named quickly.
func TestManyEqualNames(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", float())
	for range 40_000 {
		x = b.Apply(graph.OpSqrt, "", nil, x)
	}
	b.Output("y", x)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if got := g.Node(x).Name; got != "sqrt_40000" {
		t.Errorf("the last node is named %q", got)
	}
}

// A caller may use its slice of inputs again.
func TestInputsAreCopied(t *testing.T) {
	b := graph.NewBuilder()
	inputs := []graph.ID{b.Scalar(1), b.Scalar(2)}
	sum := b.Apply(graph.OpAdd, "", nil, inputs...)
	inputs[0] = sum
	if got := b.Node(sum).Inputs[0]; got != 0 {
		t.Errorf("input 0 of the sum is node %d after the caller's slice changed", got)
	}
}

func TestExtendLeavesTheGraphAlone(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input("x", float(2))
	b.Output("y", b.Add(x, x))
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2 {
		e := graph.Extend(g)
		e.Output("y", e.Mul(x, x))
		e.Output("z", e.Sub(x, x))
		if _, err := e.Build(); err != nil {
			t.Fatal(err)
		}
		if y, _ := g.Output("y"); g.Len() != 2 || y != 1 || len(g.Outputs()) != 1 {
			t.Fatalf("extension %d changed the graph", i)
		}
	}
}

func TestGraphQueries(t *testing.T) {
	b := graph.NewBuilder()
	x, y := b.Input("x", float(2)), b.Input("y", float(2))
	sum := b.Apply(graph.OpAdd, "sum", nil, x, x)
	product := b.Apply(graph.OpMul, "product", nil, y, y)
	b.Output("a", sum)
	b.Output("b", product)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(g.Inputs(), g.Ancestors(sum), g.Outputs()); got != "[0 1] [true false true false] [{a 2} {b 3}]" {
		t.Errorf("inputs, ancestors and outputs are %s", got)
	}
	if id, ok := g.Find("product"); !ok || id != product {
		t.Errorf("product is node %d, %v", id, ok)
	}
	if id, ok := g.Output("c"); ok || id != graph.None {
		t.Errorf("output c is node %d, %v", id, ok)
	}
}
