package runtime_test

import (
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// network builds small networks with every kind of layer that the importers
// emit, from a seeded stream of weights.
type network struct {
	*graph.Builder
	state uint64
}

func newNetwork(seed uint64) *network {
	return &network{Builder: graph.NewBuilder(), state: seed}
}

// next returns the next 32 bits of the stream (a linear congruential generator).
func (n *network) next() uint32 {
	n.state = n.state*6364136223846793005 + 1442695040888963407
	return uint32(n.state >> 32)
}

func (n *network) floats(shape ...int) graph.ID {
	values := make([]float32, tensor.Shape(shape).Elements())
	for i := range values {
		values[i] = float32(int32(n.next())>>20) / 4096
	}
	return n.Constant("w", tensor.Must(tensor.Of(shape, values)))
}

// int8s returns weights quantized per output channel, or with one zero point
// for all.
func (n *network) int8s(zeroPoint int32, shape ...int) graph.ID {
	values := make([]int8, tensor.Shape(shape).Elements())
	for i := range values {
		values[i] = int8(n.next() >> 24)
	}
	q := tensor.PerTensor(0.0078125, zeroPoint)
	if zeroPoint == 0 {
		q = &tensor.Quantization{Axis: 0}
		for c := range shape[0] {
			q.Scale = append(q.Scale, 0.004+float32(c%5)/1024)
			q.ZeroPoint = append(q.ZeroPoint, 0)
		}
	}
	return n.Constant("w", tensor.Must(tensor.Of(shape, values)).WithQuant(q))
}

func (n *network) biases(weights graph.ID, input graph.ID) graph.ID {
	w, x := n.Type(weights), n.Type(input)
	values := make([]int32, w.Shape[0])
	q := &tensor.Quantization{Axis: 0}
	for c := range values {
		values[c] = int32(n.next()) >> 20
		q.Scale = append(q.Scale, w.Quant.Scale[c%len(w.Quant.Scale)]*x.Quant.Scale[0])
		q.ZeroPoint = append(q.ZeroPoint, 0)
	}
	return n.Constant("bias", tensor.Must(tensor.Of(tensor.Shape{len(values)}, values)).WithQuant(q))
}

func (n *network) image(side int) graph.ID {
	return n.Input("image", tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, side, side, 3}})
}

func square(stride, pad, groups int) graph.Conv {
	return graph.Conv{Stride: [2]int{stride, stride}, Dilation: [2]int{1, 1}, Pad: [4]int{pad, pad, pad, pad}, Groups: groups}
}

var pixels = graph.Normalize{Mean: []float32{127.5, 120, 110}, Std: []float32{127.5, 60, 70}}

// floatNet is a float classifier with a stem, a depthwise layer, a residual
// block, a grouped 5×5 layer and a pooling head.
func floatNet(t testing.TB) *graph.Graph {
	n := newNetwork(1)
	x := n.Apply(graph.OpNormalize, "", pixels, n.image(23))
	x = n.Apply(graph.OpConv, "stem", square(2, 1, 1), x, n.floats(10, 3, 3, 3), n.floats(10))
	x = n.Apply(graph.OpClamp, "stem/relu6", graph.ReLU6, x)
	x = n.Apply(graph.OpConv, "depthwise", square(1, 1, 10), x, n.floats(10, 3, 3, 1), n.floats(10))
	trunk := n.Apply(graph.OpClamp, "depthwise/relu", graph.ReLU, x)
	y := n.Apply(graph.OpConv, "expand", square(1, 0, 1), trunk, n.floats(37, 1, 1, 10), n.floats(37))
	y = n.Apply(graph.OpHardSwish, "", nil, y)
	y = n.Apply(graph.OpConv, "project", square(1, 0, 1), y, n.floats(10, 1, 1, 37))
	y = n.Mul(y, n.floats(10)) // a batch normalisation's factor
	x = n.Apply(graph.OpClamp, "block", graph.ReLU, n.Add(trunk, y))
	x = n.Apply(graph.OpMaxPool, "", graph.Pool{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [4]int{1, 1, 1, 1}}, x)
	x = n.Apply(graph.OpConv, "grouped", square(1, 2, 5), x, n.floats(20, 5, 5, 2), n.floats(20))
	x = n.Apply(graph.OpAvgPool, "", graph.Pool{Kernel: [2]int{2, 2}, Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 0, 0}}, x)
	x = n.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}}, x)
	x = n.Apply(graph.OpLinear, "head", nil, x, n.floats(17, 20), n.floats(17))
	n.Output("logits", x)
	n.Output("probabilities", n.Apply(graph.OpSoftmax, "", nil, x))
	return build(t, n.Builder)
}

// int8Net is its int8 counterpart; zeroPoint is that of the weights.
func int8Net(t testing.TB, zeroPoint int32) *graph.Graph {
	n := newNetwork(2)
	to := func(scale float32, zero int32) graph.Quantized { return graph.QuantizedTo(scale, zero) }
	relu6 := graph.Quantized{Scale: 6. / 255, ZeroPoint: -128, Min: -128, Max: 127}
	layer := func(name string, at graph.Conv, out graph.Quantized, x graph.ID, shape ...int) graph.ID {
		w := n.int8s(zeroPoint, shape...)
		return n.Apply(graph.OpQuantConv, name, graph.QuantConv{Conv: at, Output: out}, x, w, n.biases(w, x))
	}
	x := n.Apply(graph.OpNormalize, "", pixels, n.image(23))
	x = n.Apply(graph.OpQuantize, "", to(1./50, -3), x)
	x = layer("stem", square(2, 1, 1), relu6, x, 10, 3, 3, 3)
	trunk := layer("depthwise", square(1, 1, 10), to(0.05, 5), x, 10, 3, 3, 1)
	y := layer("expand", square(1, 0, 1), to(0.1, -20), trunk, 37, 1, 1, 10)
	y = n.Apply(graph.OpQuantUnary, "", graph.QuantUnary{Function: graph.HardSwish, Output: to(0.06, -100)}, y)
	y = layer("project", square(1, 0, 1), to(0.2, 10), y, 10, 1, 1, 37)
	x = n.Apply(graph.OpQuantAdd, "block", to(0.21, -7), trunk, y)
	x = n.Apply(graph.OpMaxPool, "", graph.Pool{Kernel: [2]int{3, 3}, Stride: [2]int{2, 2}, Pad: [4]int{1, 1, 1, 1}}, x)
	x = layer("grouped", square(1, 2, 5), to(0.7, 0), x, 20, 5, 5, 2)
	x = n.Apply(graph.OpQuantAvgPool, "", graph.QuantPool{
		Pool:   graph.Pool{Kernel: [2]int{2, 2}, Stride: [2]int{1, 1}, Pad: [4]int{1, 1, 0, 0}},
		Output: to(0.5, 3),
	}, x)
	x = n.Apply(graph.OpQuantMean, "", graph.QuantReduce{Reduce: graph.Reduce{Axes: []int{1, 2}}, Output: to(0.2, 0)}, x)
	w := n.int8s(zeroPoint, 17, 20)
	x = n.Apply(graph.OpQuantLinear, "head", to(0.3, 12), x, w, n.biases(w, x))
	x = n.Real(x)
	n.Output("logits", x)
	n.Output("probabilities", n.Apply(graph.OpSoftmax, "", nil, x))
	return build(t, n.Builder)
}

func build(t testing.TB, b *graph.Builder) *graph.Graph {
	t.Helper()
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}
