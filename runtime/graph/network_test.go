package graph_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/internal/eval64"
	"megl-edge/runtime/tensor"
)

// network is a graph under construction with the values that its inputs are fed.
type network struct {
	*graph.Builder
	fed map[graph.ID][]float64
	rng *rand.Rand
}

func newNetwork(seed uint64) *network {
	return &network{graph.NewBuilder(), map[graph.ID][]float64{}, rand.New(rand.NewPCG(seed, 1))}
}

func float(shape ...int) tensor.Type { return tensor.Type{DType: tensor.Float32, Shape: shape} }

func int8s(scale float32, zeroPoint int32, shape ...int) tensor.Type {
	return tensor.Type{DType: tensor.Int8, Shape: shape, Quant: tensor.PerTensor(scale, zeroPoint)}
}

// feed declares an input and draws its elements.
func (n *network) feed(t tensor.Type, draw func() float64) graph.ID {
	id := n.Input(fmt.Sprintf("input %d", len(n.fed)), t)
	values := make([]float64, t.Shape.Elements())
	for i := range values {
		values[i] = draw()
	}
	n.fed[id] = values
	return id
}

// input declares a float input with values between −2 and 2 that stay 1/16 away
// from the multiples of 1/8, where the tests put the kinks.
func (n *network) input(shape ...int) graph.ID {
	return n.feed(float(shape...), func() float64 { return (float64(n.rng.IntN(32)-16) + 0.5) / 8 })
}

// positive declares a float input with values between 0.5 and 2.5.
func (n *network) positive(shape ...int) graph.ID {
	return n.feed(float(shape...), func() float64 { return 0.5 + 2*n.rng.Float64() })
}

// distinct declares a float input whose elements all differ, so that one of them
// is the greatest by a distance.
func (n *network) distinct(shape ...int) graph.ID {
	order, next := n.rng.Perm(tensor.Shape(shape).Elements()), 0
	return n.feed(float(shape...), func() float64 {
		next++
		return float64(order[next-1])/8 - 1.5
	})
}

// int8 declares a quantized input that uses the whole range.
func (n *network) int8(scale float32, zeroPoint int32, shape ...int) graph.ID {
	return n.feed(int8s(scale, zeroPoint, shape...), func() float64 { return float64(n.rng.IntN(256) - 128) })
}

// weights adds an int8 constant; one scale is for all, several are per output
// channel.
func (n *network) weights(scales []float32, zeroPoint int32, shape ...int) graph.ID {
	q := &tensor.Quantization{Scale: scales}
	for range scales {
		q.ZeroPoint = append(q.ZeroPoint, zeroPoint)
	}
	elements := make([]int8, tensor.Shape(shape).Elements())
	for i := range elements {
		elements[i] = int8(n.rng.IntN(255) - 127)
	}
	return n.Constant("weights", tensor.Must(tensor.Of(shape, elements)).WithQuant(q))
}

// bias adds an int32 constant in units of xScale · weight scale.
func (n *network) bias(xScale float32, weights graph.ID) graph.ID {
	w := n.Type(weights)
	q := &tensor.Quantization{}
	for _, scale := range w.Quant.Scale {
		q.Scale = append(q.Scale, xScale*scale)
		q.ZeroPoint = append(q.ZeroPoint, 0)
	}
	elements := make([]int32, w.Shape[0])
	for i := range elements {
		elements[i] = int32(n.rng.IntN(2000) - 1000)
	}
	return n.Constant("bias", tensor.Must(tensor.Of(tensor.Shape{len(elements)}, elements)).WithQuant(q))
}

func (n *network) floats(shape ...int) graph.ID {
	elements := make([]float32, tensor.Shape(shape).Elements())
	for i := range elements {
		elements[i] = n.rng.Float32()*2 - 1
	}
	return n.Constant("floats", tensor.Must(tensor.Of(shape, elements)))
}

func (n *network) indices(values ...int32) graph.ID {
	return n.Constant("indices", tensor.Must(tensor.Of(tensor.Shape{len(values)}, values)))
}

// indexTable adds indices of a shape, from −1 to limit.
func (n *network) indexTable(shape tensor.Shape, limit int) graph.ID {
	values := make([]int32, shape.Elements())
	for i := range values {
		values[i] = int32(n.rng.IntN(limit+2) - 1)
	}
	return n.Constant("indices", tensor.Must(tensor.Of(shape, values)))
}

// apply appends an op under its own name.
func (n *network) apply(op graph.Op, attr graph.Attr, inputs ...graph.ID) graph.ID {
	return n.Apply(op, "", attr, inputs...)
}

// total returns the sum of all elements of x.
func (n *network) total(x graph.ID) graph.ID {
	var axes []int
	for axis := range n.Shape(x) {
		axes = append(axes, axis)
	}
	return n.apply(graph.OpReduceSum, graph.Reduce{Axes: axes}, x)
}

// dot returns the sum of the products of elements.
func (n *network) dot(x, y graph.ID) graph.ID { return n.total(n.Mul(x, y)) }

// build finishes the graph, which may have no outputs yet.
func (n *network) build(t testing.TB) *graph.Graph {
	t.Helper()
	if err := n.Err(); err != nil {
		t.Fatal(err)
	}
	for id := graph.ID(0); len(n.fed) > 0; id++ {
		if _, isInput := n.fed[id]; !isInput {
			continue
		}
		n.Output("something", id)
		break
	}
	g, err := n.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func run(t testing.TB, g *graph.Graph, fed map[graph.ID][]float64) []eval64.Value {
	t.Helper()
	values, err := eval64.Run(g, fed)
	if err != nil {
		t.Fatal(err)
	}
	return values
}

// slope returns the derivative of the scalar s with respect to element i of an
// input, by a central difference that is exact for polynomials of degree 4.
func slope(t testing.TB, g *graph.Graph, fed map[graph.ID][]float64, s, input graph.ID, i int) float64 {
	const h = 1.0 / 2048 // small against the distance from a kink
	at := func(step float64) float64 { return moved(t, g, fed, s, input, i, step) }
	return (8*(at(h)-at(-h)) - (at(2*h) - at(-2*h))) / (12 * h)
}

// moved returns s with one element of an input moved.
func moved(t testing.TB, g *graph.Graph, fed map[graph.ID][]float64, s, input graph.ID, i int, by float64) float64 {
	x := fed[input]
	before := x[i]
	x[i] += by
	defer func() { x[i] = before }()
	return run(t, g, fed)[s].Data[0]
}

// smooth tells whether there is no kink at or near element i: the derivatives to
// the left and to the right agree.
func smooth(t testing.TB, g *graph.Graph, fed map[graph.ID][]float64, s, input graph.ID, i int) bool {
	at := func(step float64) float64 { return moved(t, g, fed, s, input, i, step) }
	side := func(h float64) float64 { return (4*at(h) - 3*at(0) - at(2*h)) / (2 * h) }
	const h = 1.0 / 1024 // farther than slope looks
	return near(side(h), side(-h), 4e-6)
}

func near(got, want, tolerance float64) bool {
	return math.Abs(got-want) <= tolerance*(1+math.Abs(want))
}

// checkSlopes compares products with differences of the scalar s.
func checkSlopes(t *testing.T, g *graph.Graph, fed map[graph.ID][]float64, s graph.ID, wrt, products []graph.ID) {
	t.Helper()
	values := run(t, g, fed)
	for k, input := range wrt {
		if got, want := g.Node(products[k]).Type.Shape, g.Node(input).Type.Shape; !got.Equal(want) {
			t.Fatalf("gradient of input %d has shape %v, want %v", k, got, want)
		}
		for i, got := range values[products[k]].Data {
			if want := slope(t, g, fed, s, input, i); !near(got, want, 1e-8) {
				t.Errorf("gradient of input %d, element %d is %v, differences give %v", k, i, got, want)
			}
		}
	}
}
