package graph_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// largestRandom bounds the elements of a value in a random graph.
const largestRandom = 48

// grower appends ops to a network as bytes choose.
type grower struct {
	*network
	data   []byte
	values []graph.ID // float values to build on
}

// grow appends about one op for every two bytes on a few inputs and returns a
// value that depends on most of them. Where smooth is set, every op has an exact
// gradient almost everywhere.
func grow(n *network, data []byte, smooth bool) graph.ID {
	g := &grower{n, data, []graph.ID{n.input(2, 3), n.input(3), n.input(1, 2, 2, 2)}}
	steps := smoothSteps
	if !smooth {
		steps = append(steps[:len(steps):len(steps)], otherSteps...)
	}
	for len(g.data) > 1 {
		y := steps[g.next()%len(steps)](g, g.pick())
		if n.Shape(y).Elements() <= largestRandom {
			g.values = append(g.values, y)
		}
	}
	last := g.values[len(g.values)-1]
	for _, v := range g.values[:len(g.values)-1] {
		last = n.Add(last, n.apply(graph.OpReduceMean, graph.Reduce{Axes: axes(n.Shape(v))}, v))
	}
	return last
}

// next returns the next byte, 0 when there are no more.
func (g *grower) next() int {
	if len(g.data) == 0 {
		return 0
	}
	b := g.data[0]
	g.data = g.data[1:]
	return int(b)
}

// pick returns a value, a recent one more often.
func (g *grower) pick() graph.ID {
	b := g.next()
	return g.values[len(g.values)-1-b%min(len(g.values), 1+b/32)]
}

// flat returns x as a vector.
func (g *grower) flat(x graph.ID) graph.ID {
	return g.Reshape(x, tensor.Shape{g.Shape(x).Elements()})
}

// matrix returns x as rows × columns, with the given number of columns if it
// divides the elements.
func (g *grower) matrix(x graph.ID, columns int) graph.ID {
	elements := g.Shape(x).Elements()
	if elements%columns != 0 {
		columns = 1
	}
	return g.Reshape(x, tensor.Shape{elements / columns, columns})
}

// image returns x as one image with the given number of channels if it divides
// the elements.
func (g *grower) image(x graph.ID, channels int) graph.ID {
	m := g.Shape(g.matrix(x, channels))
	return g.Reshape(x, tensor.Shape{1, m[0], 1, m[1]})
}

func axes(s tensor.Shape) []int {
	all := make([]int, len(s))
	for i := range all {
		all[i] = i
	}
	return all
}

// someAxes returns the axes whose bit is set.
func someAxes(s tensor.Shape, bits int) []int {
	var some []int
	for axis := range s {
		if bits>>axis&1 == 1 {
			some = append(some, axis)
		}
	}
	return some
}

type growStep func(g *grower, x graph.ID) graph.ID

// elementwise is a step with an op on x and another value, on vectors of one
// length where the shapes do not broadcast.
func elementwise(op graph.Op) growStep {
	return func(g *grower, x graph.ID) graph.ID {
		y := g.pick()
		if !g.Shape(x).Equal(g.Shape(y)) && len(g.Shape(x)) > 0 && len(g.Shape(y)) > 0 {
			x, y = g.matrix(x, 1), g.flat(y)
		}
		return g.apply(op, nil, x, y)
	}
}

func simple(op graph.Op, attr graph.Attr) growStep {
	return func(g *grower, x graph.ID) graph.ID { return g.apply(op, attr, x) }
}

func reduction(op graph.Op) growStep {
	return func(g *grower, x graph.ID) graph.ID {
		b := g.next()
		return g.apply(op, graph.Reduce{Axes: someAxes(g.Shape(x), b), KeepDims: b&16 != 0}, x)
	}
}

var smoothSteps = []growStep{
	elementwise(graph.OpAdd),
	elementwise(graph.OpSub),
	elementwise(graph.OpMul),
	func(g *grower, x graph.ID) graph.ID { return g.Div(x, g.Add(g.Mul(x, x), g.Scalar(1))) },
	func(g *grower, x graph.ID) graph.ID {
		return g.apply(graph.OpSqrt, nil, g.Add(g.Mul(x, x), g.Scalar(0.5)))
	},
	simple(graph.OpSigmoid, nil),
	simple(graph.OpHardSwish, nil),
	simple(graph.OpClamp, graph.Clamp{Min: -0.75, Max: 1}),
	reduction(graph.OpReduceSum),
	reduction(graph.OpReduceMean),
	func(g *grower, x graph.ID) graph.ID { return g.apply(graph.OpSoftmax, nil, g.matrix(x, 1+g.next()%3)) },
	func(g *grower, x graph.ID) graph.ID { return g.matrix(x, 1+g.next()%4) },
	func(g *grower, x graph.ID) graph.ID { return g.flat(x) },
	func(g *grower, x graph.ID) graph.ID {
		s := append(tensor.Shape{1 + g.next()%3}, g.Shape(x)...)
		return g.apply(graph.OpBroadcast, graph.Shape{Shape: s}, x)
	},
	func(g *grower, x graph.ID) graph.ID { // repeats a column, and takes it back
		x = g.matrix(x, 1)
		wide := g.apply(graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{g.Shape(x)[0], 4}}, x)
		return reduction([]graph.Op{graph.OpReduceSum, graph.OpReduceMean}[g.next()%2])(g, wide)
	},
	func(g *grower, x graph.ID) graph.ID {
		x = g.matrix(x, 1+g.next()%3)
		return g.apply(graph.OpTranspose, graph.Transpose{Perm: [][]int{{0, 1}, {1, 0}}[g.next()%2]}, x)
	},
	func(g *grower, x graph.ID) graph.ID {
		return g.apply(graph.OpConcat, graph.Axis{}, g.flat(x), g.flat(g.pick()), g.flat(x))
	},
	func(g *grower, x graph.ID) graph.ID {
		x = g.flat(x)
		start := g.next() % g.Shape(x)[0]
		return g.apply(graph.OpSlice, graph.Slice{Start: []int{start}, Size: tensor.Shape{g.Shape(x)[0] - start}}, x)
	},
	func(g *grower, x graph.ID) graph.ID {
		return g.apply(graph.OpPad, graph.Pad{Before: []int{g.next() % 3}, After: []int{g.next() % 2}, Value: 0.5}, g.flat(x))
	},
	func(g *grower, x graph.ID) graph.ID {
		x = g.matrix(x, 1+g.next()%3)
		return g.apply(graph.OpMatMul, graph.MatMul{TransposeA: true}, x, x)
	},
	func(g *grower, x graph.ID) graph.ID {
		x = g.matrix(x, 1+g.next()%3)
		return g.apply(graph.OpLinear, nil, x, g.floats(2, g.Shape(x)[1]), g.floats(2))
	},
	func(g *grower, x graph.ID) graph.ID { // rows of a one-hot product
		x = g.matrix(x, 1+g.next()%3)
		rows := g.Shape(x)[0]
		hot := g.apply(graph.OpOneHot, graph.OneHot{Depth: rows}, g.indices(int32(g.next()%rows), 0))
		return g.apply(graph.OpMatMul, graph.MatMul{}, hot, x)
	},
	func(g *grower, x graph.ID) graph.ID {
		x = g.image(x, 1+g.next()%2)
		return g.apply(graph.OpConv, oddConv, x, g.floats(2, 2, 2, g.Shape(x)[3]))
	},
	func(g *grower, x graph.ID) graph.ID {
		return g.apply(graph.OpAvgPool, oddPool, g.image(x, 1+g.next()%3))
	},
	func(g *grower, x graph.ID) graph.ID {
		x = g.matrix(x, 1+g.next()%3)
		c := g.Shape(x)[1]
		variance := g.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{0}}, g.Mul(x, x))
		return g.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: 0.5}, x, g.floats(c), g.floats(c), g.floats(c), variance)
	},
	reduction(graph.OpReduceMax),
	reduction(graph.OpReduceMin),
	func(g *grower, x graph.ID) graph.ID {
		return g.apply(graph.OpReduceProd, graph.Reduce{Axes: []int{1}}, g.matrix(x, 1+g.next()%3))
	},
	func(g *grower, x graph.ID) graph.ID {
		return g.apply(graph.OpMaxPool, oddPool, g.image(x, 1+g.next()%3))
	},
	func(g *grower, x graph.ID) graph.ID {
		return g.apply(graph.OpGather, graph.Axis{}, g.flat(x), g.indices(int32(g.next()), 0, -3))
	},
	func(g *grower, x graph.ID) graph.ID { // a filter that depends on the inputs
		x = g.image(x, 1+g.next()%2)
		at := plainConv
		at.Pad, at.Stride[1] = graph.Sides{1, 0, 0, 1}, 1+g.next()%2
		filter := g.apply(graph.OpSlice, graph.Slice{Start: []int{0}, Size: tensor.Shape{min(2*g.Shape(x)[3], g.Shape(g.flat(x))[0])}}, g.flat(x))
		if g.Shape(filter)[0]%g.Shape(x)[3] != 0 {
			return x
		}
		return g.apply(graph.OpConv, at, x, g.Reshape(filter, tensor.Shape{g.Shape(filter)[0] / g.Shape(x)[3], 1, 1, g.Shape(x)[3]}))
	},
	func(g *grower, x graph.ID) graph.ID { // a leaky ReLU
		positive := g.apply(graph.OpGreater, nil, x, g.Scalar(0))
		return g.apply(graph.OpSelect, nil, positive, x, g.Mul(x, g.Scalar(0.125)))
	},
}

// otherSteps have no gradient, or one that differences do not see.
var otherSteps = []growStep{
	simple(graph.OpStopGradient, nil),
	simple(graph.OpCast, graph.Cast{DType: tensor.Float32}),
	func(g *grower, x graph.ID) graph.ID { return g.Real(g.apply(graph.OpQuantize, to(0.05, 3), x)) },
	func(g *grower, x graph.ID) graph.ID {
		q := g.apply(graph.OpQuantize, to(0.05, 3), g.matrix(x, 2))
		w := g.weights([]float32{1.0 / 64, 1.0 / 32, 1.0 / 128}, int32(g.next()%3), 3, g.Shape(q)[1])
		return g.apply(graph.OpDequantize, nil, g.apply(graph.OpQuantLinear, to(0.05, 1), q, w))
	},
	func(g *grower, x graph.ID) graph.ID { // a row of a quantized matrix
		w := g.weights([]float32{1.0 / 64, 1.0 / 32, 1.0 / 128}, int32(g.next()%3), 3, 2)
		class := g.apply(graph.OpArgMax, nil, g.matrix(g.apply(graph.OpReshape, graph.Shape{Shape: g.Shape(x)}, x), 3))
		hot := g.apply(graph.OpOneHot, graph.OneHot{Depth: 3}, class)
		return g.apply(graph.OpMatMul, graph.MatMul{}, hot, g.Real(w))
	},
}

// randomBytes returns the bytes of graph number i.
func randomBytes(i uint64, length int) []byte {
	rng := rand.New(rand.NewPCG(i, 99))
	data := make([]byte, length)
	for j := range data {
		data[j] = byte(rng.IntN(256))
	}
	return data
}

// addRandomGraphs seeds a fuzz test with random graphs and with one for each step.
func addRandomGraphs(f *testing.F) {
	for i := range uint64(12) {
		f.Add(randomBytes(i, 4+int(i)*3))
	}
	for i := range smoothSteps {
		f.Add([]byte{byte(i), 0, 3, 1, byte(i), 1, 2, 2})
	}
}

// FuzzGrad holds the gradients of random graphs against differences.
func FuzzGrad(f *testing.F) {
	addRandomGraphs(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 60 {
			t.Skip("the graph would be large")
		}
		n := newNetwork(uint64(len(data)))
		y := grow(n, data, true)
		dy := n.input(n.Shape(y)...)
		wrt := []graph.ID{0, 1, 2}
		n.offKinks(wrt)
		products := n.VJP(y, dy, wrt...)
		s := n.dot(y, dy)
		checkRandom(t, n, s, wrt, products, 1e-5)
	})
}

// FuzzGradOfGrad holds the gradients of the gradients of random graphs against
// differences of the gradients.
func FuzzGradOfGrad(f *testing.F) {
	addRandomGraphs(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 30 {
			t.Skip("the graph would be large")
		}
		n := newNetwork(uint64(len(data)))
		y := grow(n, data, true)
		dy := n.input(n.Shape(y)...)
		wrt := []graph.ID{0, 1, 2}
		n.offKinks(wrt)
		s := n.Scalar(0)
		for i, product := range n.VJP(y, dy, wrt...) {
			s = n.Add(s, n.dot(product, n.input(n.Shape(wrt[i])...)))
		}
		wrt = append(wrt, dy)
		products := n.Grad(s, wrt...)
		checkRandom(t, n, s, wrt, products, 1e-5)
	})
}

// offKinks moves inputs away from round numbers: those meet kinks, where two may
// cancel out.
func (n *network) offKinks(inputs []graph.ID) {
	for _, id := range inputs {
		for i := range n.fed[id] {
			n.fed[id][i] += n.rng.Float64() / 32
		}
	}
}

// checkRandom compares products with differences of the scalar s where it is
// smooth.
func checkRandom(t *testing.T, n *network, s graph.ID, wrt, products []graph.ID, tolerance float64) {
	g := n.build(t)
	values := run(t, g, n.fed)
	for _, v := range values {
		for _, x := range v.Data {
			if !(math.Abs(x) < 1e3) {
				t.Skip("values too large for differences")
			}
		}
	}
	for k, input := range wrt {
		for i, got := range values[products[k]].Data {
			if !smooth(t, g, n.fed, s, input, i) {
				continue
			}
			if want := slope(t, g, n.fed, s, input, i); !near(got, want, tolerance) {
				t.Errorf("gradient of input %d, element %d is %v, differences give %v", k, i, got, want)
			}
		}
	}
}
