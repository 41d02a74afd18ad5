package qdq_test

import (
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/qdq"
	"megl-edge/runtime/tensor"
)

// network builds graphs in the QDQ form from a seeded stream of numbers.
type network struct {
	*graph.Builder
	state       uint64
	scale       float32 // of activations
	weightScale float32
	resultScale float32
	wide        bool // one weight scale for each output channel
	weightZero  int32
	inputs      int
	steps       map[string]float32
}

func newNetwork() *network {
	return &network{
		Builder: graph.NewBuilder(), state: 1, scale: 0.0317, weightScale: 0.0113, resultScale: 0.0973,
		steps: map[string]float32{},
	}
}

// next returns the next 32 bits of the stream (a linear congruential generator).
func (n *network) next() uint32 {
	n.state = n.state*6364136223846793005 + 1442695040888963407
	return uint32(n.state >> 32)
}

func (n *network) bytes(count int) []int8 {
	values := make([]int8, count)
	for i := range values {
		values[i] = int8(n.next() >> 24)
	}
	return values
}

func (n *network) floats(size float32, shape ...int) graph.ID {
	values := make([]float32, tensor.Shape(shape).Elements())
	for i := range values {
		values[i] = size * float32(int32(n.next())>>16) / (1 << 15)
	}
	return n.Constant("float", tensor.Must(tensor.Of(shape, values)))
}

// raw is an input that is not quantized.
func (n *network) raw(shape ...int) graph.ID {
	n.inputs++
	return n.Input("input"+string(rune('0'+n.inputs)), tensor.Type{DType: tensor.Float32, Shape: shape})
}

func (n *network) quantize(x graph.ID, scale float32, zero int32) graph.ID {
	return n.Apply(graph.OpQuantize, "quantize", graph.QuantizedTo(scale, zero), x)
}

func (n *network) dequantize(x graph.ID) graph.ID {
	return n.Apply(graph.OpDequantize, "dequantize", nil, x)
}

func (n *network) quantized(x graph.ID, scale float32, zero int32) graph.ID {
	return n.dequantize(n.quantize(x, scale, zero))
}

// input is a new input, quantized.
func (n *network) input(shape ...int) graph.ID {
	return n.quantized(n.raw(shape...), n.scale*float32(1+n.inputs)/2, int32(3*n.inputs-7))
}

// weights is a dequantized constant with scales along an axis, if n is wide.
func (n *network) weights(axis int, shape ...int) graph.ID {
	q := tensor.PerTensor(n.weightScale, n.weightZero)
	if n.wide {
		q = &tensor.Quantization{Axis: axis}
		for c := range shape[axis] {
			q.Scale = append(q.Scale, n.weightScale*float32(c%5+1)/4)
			q.ZeroPoint = append(q.ZeroPoint, n.weightZero)
		}
	}
	values := n.bytes(tensor.Shape(shape).Elements())
	return n.dequantize(n.Constant("weights", tensor.Must(tensor.Of(shape, values)).WithQuant(q)))
}

// activation is a dequantized constant with one scale.
func (n *network) activation(shape ...int) graph.ID {
	values := n.bytes(tensor.Shape(shape).Elements())
	return n.dequantize(n.Constant("table", tensor.Must(tensor.Of(shape, values)).WithQuant(tensor.PerTensor(n.scale/2, 9))))
}

// storedBias is a dequantized int32 constant for the given input and weights.
func (n *network) storedBias(x, w graph.ID, shape ...int) graph.ID {
	source := func(id graph.ID) *tensor.Quantization { return n.Type(n.Node(id).Inputs[0]).Quant }
	q := &tensor.Quantization{}
	for _, scale := range source(w).Scale {
		q.Scale = append(q.Scale, scale*source(x).Scale[0])
		q.ZeroPoint = append(q.ZeroPoint, 0)
	}
	values := make([]int32, tensor.Shape(shape).Elements())
	for i := range values {
		values[i] = int32(n.next()) >> 20
	}
	return n.dequantize(n.Constant("bias", tensor.Must(tensor.Of(shape, values)).WithQuant(q)))
}

func (n *network) apply(op graph.Op, attr graph.Attr, inputs ...graph.ID) graph.ID {
	return n.Apply(op, "the_"+string(op), attr, inputs...)
}

// result quantizes x and declares its real value as the output.
func (n *network) result(x graph.ID) {
	n.resultAs("y", x, n.resultScale, -3)
}

func (n *network) resultAs(name string, x graph.ID, scale float32, zero int32) {
	n.steps[name] = scale
	n.Output(name, n.quantized(x, scale, zero))
}

func (n *network) build(t testing.TB) *graph.Graph {
	t.Helper()
	g, err := n.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func square(stride, pad, groups int) graph.Conv {
	return graph.Conv{Stride: graph.HW{stride, stride}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{pad, pad, pad, pad}, Groups: groups}
}

func shaped(shape ...int) graph.Shape { return graph.Shape{Shape: shape} }

func fuse(t testing.TB, g *graph.Graph) *graph.Graph {
	t.Helper()
	fused, err := qdq.Fuse(g)
	if err != nil {
		t.Fatal(err)
	}
	return fused
}

// ops lists what a graph does, leaves left out.
func ops(g *graph.Graph) string {
	var list []string
	for _, n := range g.Nodes() {
		if n.Op != graph.OpConstant && n.Op != graph.OpInput {
			list = append(list, string(n.Op))
		}
	}
	return strings.Join(list, " ")
}

// run computes the outputs of a graph on inputs that reach all of the int8 range.
func run(t testing.TB, g *graph.Graph) map[string][]float32 {
	t.Helper()
	p, err := runtime.Compile(g, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := p.NewSession(1)
	defer s.Close()
	for _, id := range g.Inputs() {
		x, err := s.Input(g.Node(id).Name)
		if err != nil {
			t.Fatal(err)
		}
		n := newNetwork()
		values := tensor.Elements[float32](x)
		for i := range values {
			values[i] = 5 * float32(int32(n.next())>>16) / (1 << 15)
		}
	}
	s.Run()
	results := map[string][]float32{}
	for _, o := range g.Outputs() {
		y, err := s.Output(o.Name)
		if err != nil {
			t.Fatal(err)
		}
		results[o.Name] = slices.Clone(tensor.Elements[float32](y))
	}
	return results
}

// checkFused fails unless g fuses to the given ops and computes what it did, but
// for one step of the quantization; the differences must be rare.
func checkFused(t *testing.T, n *network, want string) *graph.Graph {
	t.Helper()
	g := n.build(t)
	fused := fuse(t, g)
	if got := ops(fused); got != want {
		t.Errorf("fused to %q, want %q", got, want)
	}
	before, after := run(t, g), run(t, fused)
	for name, scale := range n.steps {
		checkClose(t, before[name], after[name], scale)
	}
	return fused
}

func checkClose(t *testing.T, before, after []float32, step float32) {
	t.Helper()
	off := 0
	for i, v := range before {
		d := (after[i] - v) / step
		if d > 1.01 || d < -1.01 {
			t.Fatalf("element %d is %v, float ops give %v: more than a step of %v", i, after[i], v, step)
		}
		if d > 0.5 || d < -0.5 {
			off++
		}
	}
	if off > 1+len(before)/20 {
		t.Errorf("%d of %d elements are a step off", off, len(before))
	}
	if slices.Min(before) == slices.Max(before) {
		t.Fatalf("all elements are %v: nothing is compared", before[0])
	}
}
