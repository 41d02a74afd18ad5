package qdq

import (
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// patterns has the float ops that have an int8 form.
var patterns = map[graph.Op]func(f *fuser, n *graph.Node, to graph.Quantized) fusion{
	graph.OpConv: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		return f.layer(n, graph.OpQuantConv, graph.QuantConv{Conv: convOf(n), Output: to})
	},
	graph.OpLinear: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		return f.layer(n, graph.OpQuantLinear, to)
	},
	graph.OpAdd: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		if !f.shape(n.Inputs[0]).Equal(f.shape(n.Inputs[1])) {
			return nil
		}
		return f.onActivations(n, graph.OpQuantAdd, to)
	},
	graph.OpMul: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		return f.onActivations(n, graph.OpQuantMul, to)
	},
	graph.OpAvgPool: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		return f.onActivations(n, graph.OpQuantAvgPool, graph.QuantPool{Pool: n.Attr.(graph.Pool), Output: to})
	},
	graph.OpReduceMean: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		return f.onActivations(n, graph.OpQuantMean, graph.QuantReduce{Reduce: n.Attr.(graph.Reduce), Output: to})
	},
	graph.OpSigmoid: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		return f.onActivations(n, graph.OpQuantUnary, graph.QuantUnary{Function: graph.Sigmoid, Output: to})
	},
	graph.OpHardSwish: func(f *fuser, n *graph.Node, to graph.Quantized) fusion {
		return f.onActivations(n, graph.OpQuantUnary, graph.QuantUnary{Function: graph.HardSwish, Output: to})
	},
}

func convOf(n *graph.Node) graph.Conv { return n.Attr.(graph.Conv) }

func (f *fuser) shape(id graph.ID) tensor.Shape { return f.graph.Node(id).Type.Shape }

// isActivation tells whether a node is int8 with one scale and zero point.
func isActivation(n *graph.Node) bool {
	return n.Type.DType == tensor.Int8 && n.Type.Quant != nil && n.Type.Quant.IsPerTensor()
}

// source returns the int8 node that id dequantizes.
func (f *fuser) source(id graph.ID) (graph.ID, bool) {
	n := f.graph.Node(id)
	if n.Op != graph.OpDequantize || !isActivation(f.graph.Node(n.Inputs[0])) {
		return graph.None, false
	}
	return n.Inputs[0], true
}

// onActivations is an op all of whose operands are quantized activations.
func (f *fuser) onActivations(n *graph.Node, op graph.Op, attr graph.Attr) fusion {
	sources := make([]graph.ID, len(n.Inputs))
	for i, in := range n.Inputs {
		var ok bool
		if sources[i], ok = f.source(in); !ok {
			return nil
		}
	}
	return func(b *graph.Builder, now func(graph.ID) graph.ID) graph.ID {
		inputs := make([]graph.ID, len(sources))
		for i, s := range sources {
			inputs[i] = now(s)
		}
		return b.Apply(op, n.Name, attr, inputs...)
	}
}

// layer is an op on a quantized activation and quantized weights, with or
// without a bias.
func (f *fuser) layer(n *graph.Node, op graph.Op, attr graph.Attr) fusion {
	x, ok := f.source(n.Inputs[0])
	if !ok {
		return nil
	}
	w, ok := f.weights(n.Inputs[1])
	if !ok {
		return nil
	}
	var bias *tensor.Tensor
	if len(n.Inputs) == 3 {
		if bias = f.bias(n.Inputs[2], f.graph.Node(x).Type.Quant.Scale[0], f.graph.Node(w).Type.Quant.Scale); bias == nil {
			return nil
		}
	}
	return func(b *graph.Builder, now func(graph.ID) graph.ID) graph.ID {
		inputs := []graph.ID{now(x), now(w)}
		if bias != nil {
			inputs = append(inputs, b.Constant(f.graph.Node(n.Inputs[2]).Name, *bias))
		}
		return b.Apply(op, n.Name, attr, inputs...)
	}
}

// weights returns the int8 constant that id dequantizes, if an int8 layer takes
// it: one scale for each output channel or one for all, and one zero point.
func (f *fuser) weights(id graph.ID) (graph.ID, bool) {
	n := f.graph.Node(id)
	if n.Op != graph.OpDequantize {
		return graph.None, false
	}
	w := f.graph.Node(n.Inputs[0])
	if w.Op != graph.OpConstant || w.Type.DType != tensor.Int8 || !w.Type.Quant.IsPerTensor() && w.Type.Quant.Axis != 0 {
		return graph.None, false
	}
	zeroPoints := w.Type.Quant.ZeroPoint
	if slices.ContainsFunc(zeroPoints, func(z int32) bool { return z != zeroPoints[0] }) {
		return graph.None, false
	}
	return n.Inputs[0], true
}

// biasTolerance is how far a stored bias's scale may be off, as in package graph.
const biasTolerance = 1e-3

// bias returns a constant bias in units of input scale · weight scale; nil where
// it is none or does not fit.
func (f *fuser) bias(id graph.ID, x float32, w []float32) *tensor.Tensor {
	n := f.graph.Node(id)
	var real []float32
	switch n.Op {
	case graph.OpConstant:
		real = tensor.Elements[float32](*n.Value)
	case graph.OpDequantize:
		stored := f.graph.Node(n.Inputs[0])
		if stored.Op != graph.OpConstant || stored.Type.DType != tensor.Int32 {
			return nil
		}
		if hasBiasScale(stored.Type.Quant, x, w) {
			return stored.Value
		}
		for i, q := range tensor.Elements[int32](*stored.Value) {
			real = append(real, float32(q-stored.Type.Quant.ZeroPoint[i%len(stored.Type.Quant.ZeroPoint)])*stored.Type.Quant.Scale[i%len(stored.Type.Quant.Scale)])
		}
	default:
		return nil
	}
	return quantizedBias(real, x, w)
}

func hasBiasScale(q *tensor.Quantization, x float32, w []float32) bool {
	if slices.ContainsFunc(q.ZeroPoint, func(z int32) bool { return z != 0 }) {
		return false
	}
	for i := range max(len(q.Scale), len(w)) {
		want := float64(x) * float64(w[i%len(w)])
		if got := float64(q.Scale[i%len(q.Scale)]); math.Abs(got-want) > biasTolerance*want {
			return false
		}
	}
	return true
}

// quantizedBias rounds half to even; nil where a value does not fit int32 or a
// scale is no positive number.
func quantizedBias(real []float32, x float32, w []float32) *tensor.Tensor {
	q := &tensor.Quantization{Scale: make([]float32, len(w)), ZeroPoint: make([]int32, len(w))}
	for i := range w {
		q.Scale[i] = x * w[i]
	}
	values := make([]int32, len(real))
	for i, v := range real {
		rounded := math.RoundToEven(float64(v) / (float64(x) * float64(w[i%len(w)])))
		if !(math.Abs(rounded) < 1<<30) { // sums of products need the rest
			return nil
		}
		values[i] = int32(rounded)
	}
	t := tensor.Must(tensor.Of(tensor.Shape{len(values)}, values)).WithQuant(q)
	if t.Check() != nil {
		return nil
	}
	return &t
}

// limited returns the quantized range within the real bounds of an activation.
func limited(to graph.Quantized, r graph.Clamp) graph.Quantized {
	bound := func(v float32) int8 {
		q := math.RoundToEven(float64(v/to.Scale)) + float64(to.ZeroPoint)
		return int8(min(max(q, math.MinInt8), math.MaxInt8))
	}
	to.Min = min(max(to.Min, bound(r.Min)), to.Max)
	to.Max = max(min(to.Max, bound(r.Max)), to.Min)
	return to
}
