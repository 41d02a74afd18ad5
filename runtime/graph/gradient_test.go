package graph_test

import (
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Every op that can be differentiated has a case, and only those.
func TestEveryGradientHasACase(t *testing.T) {
	covered := map[graph.Op]bool{}
	for _, c := range append(slices.Clone(floatCases), quantCases...) {
		covered[c.op] = true
	}
	for _, op := range graph.Ops() {
		kind, why := graph.Gradient(op)
		want := false
		switch kind {
		case graph.GradientRule, graph.GradientDecompose:
			want = true
		case graph.GradientStraightThrough: // TestQuantizeIsStraightThrough
			want = false
		case graph.GradientNone:
			if why == "" {
				t.Errorf("%s has no gradient and no reason why", op)
			}
		default:
			t.Errorf("%s has a gradient of kind %q", op, kind)
		}
		if covered[op] != want {
			t.Errorf("%s, whose gradient is %q, has a gradient case: %v", op, kind, covered[op])
		}
	}
}

// The ops that the checks against differences leave out: they have no slope, or
// one that differences do not see.
func TestOpsWithoutGradient(t *testing.T) {
	exempt := map[graph.GradientKind][]graph.Op{
		graph.GradientStraightThrough: {graph.OpDequantize, graph.OpQuantize},
		graph.GradientNone: {
			graph.OpAnd, graph.OpArgMax, graph.OpArgMaxPool, graph.OpArgTopK, graph.OpCast, graph.OpCeil, graph.OpConstant,
			graph.OpEqual, graph.OpFloor, graph.OpGreater, graph.OpInput, graph.OpNormalize, graph.OpNot, graph.OpOneHot,
			graph.OpOr, graph.OpRound, graph.OpStopGradient,
		},
	}
	found := map[graph.GradientKind][]graph.Op{}
	for _, op := range graph.Ops() {
		if kind, _ := graph.Gradient(op); exempt[kind] != nil {
			found[kind] = append(found[kind], op)
		}
	}
	for kind, want := range exempt {
		if !slices.Equal(found[kind], want) {
			t.Errorf("gradient %q: %v, want %v", kind, found[kind], want)
		}
	}
}

func TestFirstOrder(t *testing.T) {
	for _, c := range floatCases {
		t.Run(c.name, func(t *testing.T) {
			n := newNetwork(7)
			y, wrt := c.build(n)
			dy := n.input(n.Shape(y)...)
			products := n.VJP(y, dy, wrt...)
			s := n.dot(y, dy)
			checkSlopes(t, n.build(t), n.fed, s, wrt, products)
		})
	}
}

// The gradient of a gradient: differences of ⟨VJP, v⟩ with respect to the
// inputs and to dy.
func TestSecondOrder(t *testing.T) {
	for _, c := range floatCases {
		t.Run(c.name, func(t *testing.T) {
			n := newNetwork(11)
			y, wrt := c.build(n)
			dy := n.input(n.Shape(y)...)
			s := n.Scalar(0)
			for i, product := range n.VJP(y, dy, wrt...) {
				s = n.Add(s, n.dot(product, n.input(n.Shape(wrt[i])...)))
			}
			wrt = append(slices.Clone(wrt), dy)
			products := n.Grad(s, wrt...)
			checkSlopes(t, n.build(t), n.fed, s, wrt, products)
		})
	}
}

// ⟨L·x, dy⟩ = ⟨x, Lᵀ·dy⟩, to the rounding of float64.
func TestAdjointOfLinearOps(t *testing.T) {
	for _, c := range floatCases {
		if !c.linear {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			n := newNetwork(13)
			y, wrt := c.build(n)
			dy := n.input(n.Shape(y)...)
			forward, backward := n.dot(y, dy), n.Scalar(0)
			for i, product := range n.VJP(y, dy, wrt...) {
				backward = n.Add(backward, n.dot(wrt[i], product))
			}
			values := run(t, n.build(t), n.fed)
			if got, want := values[backward].Data[0], values[forward].Data[0]; !near(got, want, 1e-13) {
				t.Errorf("⟨x, Lᵀ·dy⟩ is %v, ⟨L·x, dy⟩ is %v", got, want)
			}
		})
	}
}

// Where y does not depend on a node, its gradient is zeros.
func TestGradientOfIndependentNode(t *testing.T) {
	n := newNetwork(1)
	x, other := n.input(2), n.input(3)
	y := n.total(x)
	later := n.Mul(y, y)
	products := n.Grad(y, other, later, y, n.apply(graph.OpStopGradient, nil, x))
	values := run(t, n.build(t), n.fed)
	for i, want := range [][]float64{{0, 0, 0}, {0}, {1}, {0, 0}} {
		if got := values[products[i]].Data; !slices.Equal(got, want) {
			t.Errorf("gradient %d is %v, want %v", i, got, want)
		}
	}
}

func TestStopGradient(t *testing.T) {
	n := newNetwork(1)
	x := n.input(2)
	gradient := n.Grad(n.dot(x, n.apply(graph.OpStopGradient, nil, x)), x)[0]
	values := run(t, n.build(t), n.fed)
	if !slices.Equal(values[gradient].Data, values[x].Data) {
		t.Errorf("gradient of x·stop(x) is %v, want x = %v", values[gradient].Data, values[x].Data)
	}
}

// Slices that share a value out have adjoints that are joined; others are added.
func TestAdjointsOfSlices(t *testing.T) {
	for name, c := range map[string]struct {
		starts, sizes []int
		want          []float64
		joined        bool
	}{
		"in order":     {[]int{0, 2, 3}, []int{2, 1, 1}, []float64{1, 1, 2, 3}, true},
		"out of order": {[]int{2, 0}, []int{2, 2}, []float64{2, 2, 1, 1}, true},
		"a gap":        {[]int{0, 3}, []int{2, 1}, []float64{1, 1, 0, 2}, false},
		"no end":       {[]int{0, 2}, []int{2, 1}, []float64{1, 1, 2, 0}, false},
		"an overlap":   {[]int{0, 1}, []int{2, 3}, []float64{1, 3, 2, 2}, false},
	} {
		n := newNetwork(1)
		x := n.input(4)
		var sum graph.ID = graph.None
		for i, start := range c.starts {
			part := n.total(n.apply(graph.OpSlice, graph.Slice{Start: []int{start}, Size: tensor.Shape{c.sizes[i]}}, x))
			part = n.Mul(part, n.Scalar(float32(i+1)))
			if sum == graph.None {
				sum = part
			} else {
				sum = n.Add(sum, part)
			}
		}
		gradient := n.Grad(sum, x)[0]
		if joined := n.Node(gradient).Op == graph.OpConcat; joined != c.joined {
			t.Errorf("%s: the gradient is a %s", name, n.Node(gradient).Op)
		}
		if got := run(t, n.build(t), n.fed)[gradient].Data; !slices.Equal(got, c.want) {
			t.Errorf("%s: gradient is %v, want %v", name, got, c.want)
		}
	}
}

// At a bound of the range the derivative is 0, on both sides.
func TestClampAtItsBounds(t *testing.T) {
	n := newNetwork(1)
	x := n.input(4)
	n.fed[x] = []float64{-1, 0, 1, 2}
	gradient := n.Grad(n.total(n.apply(graph.OpClamp, graph.Clamp{Min: -1, Max: 1}, x)), x)[0]
	values := run(t, n.build(t), n.fed)
	if want := []float64{0, 1, 0, 0}; !slices.Equal(values[gradient].Data, want) {
		t.Errorf("gradient is %v, want %v", values[gradient].Data, want)
	}
}

// Of equal elements the first one gets the adjoint.
func TestTiesGoToTheFirst(t *testing.T) {
	pool := graph.Pool{Kernel: graph.HW{2, 2}, Stride: graph.HW{1, 1}}
	for name, c := range map[string]struct {
		op      graph.Op
		attr    graph.Attr
		shape   tensor.Shape
		fed, dx []float64
	}{
		"max_pool":   {graph.OpMaxPool, pool, tensor.Shape{1, 2, 3, 1}, []float64{1, 3, 3, 3, 2, 3}, []float64{0, 2, 0, 0, 0, 0}},
		"reduce_max": {graph.OpReduceMax, reduceOver(0, 2), tensor.Shape{2, 2, 2}, []float64{0, 5, 1, 1, 5, 5, 1, 1}, []float64{0, 1, 1, 0, 0, 0, 0, 0}},
		"reduce_min": {graph.OpReduceMin, reduceOver(0), tensor.Shape{3}, []float64{2, 1, 1}, []float64{0, 1, 0}},
		"two zeros":  {graph.OpReduceProd, reduceOver(0), tensor.Shape{3}, []float64{0, 4, 0}, []float64{0, 0, 0}},
		"one zero":   {graph.OpReduceProd, reduceOver(0), tensor.Shape{3}, []float64{2, 0, 3}, []float64{0, 6, 0}},
	} {
		n := newNetwork(1)
		x := n.input(c.shape...)
		n.fed[x] = c.fed
		gradient := n.Grad(n.total(n.apply(c.op, c.attr, x)), x)[0]
		values := run(t, n.build(t), n.fed)
		if !slices.Equal(values[gradient].Data, c.dx) {
			t.Errorf("%s of %v: gradient is %v, want %v", name, c.fed, values[gradient].Data, c.dx)
		}
	}
}

// Constants are differentiated by like inputs, found by name.
func TestGradientByConstants(t *testing.T) {
	n := newNetwork(3)
	x := n.input(2, 3)
	w := n.Constant("head/weight", tensor.Must(tensor.Of(tensor.Shape{2, 3}, []float32{1, 2, 3, 4, 5, 6})))
	n.Output("loss", n.total(n.apply(graph.OpLinear, nil, x, w)))
	g := n.build(t)
	b := graph.Extend(g)
	loss, _ := g.Output("loss")
	weight, ok := g.Find("head/weight")
	if !ok {
		t.Fatal("the weights are not found")
	}
	gradient := b.Grad(loss, weight)[0]
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	values := run(t, g, n.fed)
	for i, got := range values[gradient].Data {
		if want := n.fed[x][i%3] + n.fed[x][3+i%3]; got != want {
			t.Errorf("element %d of the gradient is %v, want %v", i, got, want)
		}
	}
}

// What an op cannot be differentiated by is said with its node and the reason.
func TestMissingGradients(t *testing.T) {
	for _, c := range otherCases {
		kind, why := graph.Gradient(c.op)
		if kind != graph.GradientNone || c.op == graph.OpStopGradient {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			n := newNetwork(1)
			y, _ := c.build(n)
			inputs := slices.Clone(n.Node(y).Inputs)
			dy := n.input(n.Shape(y)...)
			n.VJP(y, dy, inputs[0])
			checkMessage(t, n.Err(), why)
		})
	}
}

func TestWrongGradientRequests(t *testing.T) {
	for want, request := range map[string]func(n *network, x graph.ID){
		"no single number":       func(n *network, x graph.ID) { n.Grad(x, x) },
		"is F32[3], want F32[2]": func(n *network, x graph.ID) { n.VJP(x, n.input(3), x) },
		"is I32[2], want F32[2]": func(n *network, x graph.ID) { n.VJP(x, n.indices(1, 2), x) },
		"node 99 of 1 does not":  func(n *network, x graph.ID) { n.Grad(99, x) },
		"node -1 of 1 does not":  func(n *network, x graph.ID) { n.VJP(x, graph.None, x) },
		"node 50 of":             func(n *network, x graph.ID) { n.VJP(x, x, 50) },
	} {
		n := newNetwork(1)
		request(n, n.input(2))
		checkMessage(t, n.Err(), want)
	}
}

// A gradient that is too large for memory is an error, not a panic.
func TestGradientTooLarge(t *testing.T) {
	n := newNetwork(1)
	x := n.Input("x", float(1, 1, 1, 1000))
	pool := graph.Pool{Kernel: graph.HW{1024, 1024}, Stride: graph.HW{1, 1}, Pad: graph.Sides{1023, 1023, 1023, 1023}}
	n.Grad(n.total(n.apply(graph.OpAvgPool, pool, x)), x)
	checkMessage(t, n.Err(), "more than 2 GiB")
}

// checkMessage fails unless err is one line that contains want.
func checkMessage(t testing.TB, err error, want string) {
	t.Helper()
	switch {
	case err == nil:
		t.Errorf("no error, want one with %q", want)
	case !strings.Contains(err.Error(), want):
		t.Errorf("error %q does not say %q", err, want)
	case strings.ContainsAny(err.Error(), "\n\r"):
		t.Errorf("error %q is more than one line", err)
	case len(err.Error()) > 1000:
		t.Errorf("error of %d bytes: %.100q…", len(err.Error()), err)
	}
}

func TestCovered(t *testing.T) {
	p := graph.Pool{Kernel: graph.HW{3, 4}, Stride: graph.HW{2, 3}, Pad: graph.Sides{1, 2, 2, 3}}
	for axis, want := range [][]int{{2, 3, 2}, {2, 3}} {
		length := []int{5, 4}[axis]
		for i, covered := range want {
			if got := p.Covered(axis, i, length); got != covered {
				t.Errorf("window %d on axis %d covers %d, want %d", i, axis, got, covered)
			}
		}
	}
	p.CountPadding = true
	if got := p.Covered(1, 0, 4); got != 4 {
		t.Errorf("a window that counts padding has %d columns, want 4", got)
	}
}

// Gradients of large graphs are built in the order of the graph, so that equal
// calls give equal graphs.
func TestGradientIsReproducible(t *testing.T) {
	var first []byte
	for range 3 {
		n := newNetwork(5)
		y := grow(n, []byte("a graph with many branches, grown from these bytes"), true)
		n.Output("gradient", n.Grad(n.total(y), 0)[0])
		data, _, err := graph.Encode(n.build(t))
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = data
		}
		if !slices.Equal(data, first) {
			t.Fatal("two equal calls give two graphs")
		}
	}
}

func TestGradientKindOfUnknownOp(t *testing.T) {
	if kind, why := graph.Gradient("no such op"); kind != graph.GradientNone || why == "" {
		t.Errorf("gradient of an unknown op is %q, %q", kind, why)
	}
}
