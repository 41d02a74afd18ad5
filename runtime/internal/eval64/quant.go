package eval64

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// quantized returns the integer that stands for a real number: rounded half to
// even.
func quantized(x float64, to graph.Quantized) float64 {
	q := math.RoundToEven(x/float64(to.Scale)) + float64(to.ZeroPoint)
	return min(max(q, float64(to.Min)), float64(to.Max))
}

// real returns the real numbers that a quantized value stands for, as float32:
// that is where the bounds of a quantized range are rounded too.
func real(v Value) Value {
	r := zeros(tensor.Type{DType: tensor.Float32, Shape: v.Shape})
	q := v.Quant
	each(v.Shape, func(index []int, i int) {
		c := 0
		if !q.IsPerTensor() {
			c = index[q.Axis]
		}
		r.Data[i] = float64(q.Scale[c] * float32(v.Data[i]-float64(q.ZeroPoint[c])))
	})
	return r
}

func quantize(n *graph.Node, y Value, in []Value) { quantizeTo(y, in[0], n.Attr.(graph.Quantized)) }

func quantizeTo(y, x Value, to graph.Quantized) {
	for i := range y.Data {
		y.Data[i] = quantized(x.Data[i], to)
	}
}

func dequantize(_ *graph.Node, y Value, in []Value) { copy(y.Data, real(in[0]).Data) }

// asFloat evaluates a float op on the real values of the inputs and quantizes
// its result.
func asFloat(op graph.Op, attr graph.Attr, to graph.Quantized, y Value, in []Value) {
	reals := make([]Value, len(in))
	for i, v := range in {
		reals[i] = real(v)
	}
	result := zeros(tensor.Type{DType: tensor.Float32, Shape: y.Shape})
	evaluations[op](&graph.Node{Op: op, Attr: attr}, result, reals)
	quantizeTo(y, result, to)
}

func quantConv(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.QuantConv)
	asFloat(graph.OpConv, a.Conv, a.Output, y, withBias(in))
}

func quantLinear(n *graph.Node, y Value, in []Value) {
	asFloat(graph.OpLinear, nil, n.Attr.(graph.Quantized), y, withBias(in))
}

// withBias returns the inputs of a layer with the bias in units of input scale ·
// weight scale, whatever scale it says it has.
func withBias(in []Value) []Value {
	if len(in) < 3 {
		return in
	}
	exact := &tensor.Quantization{}
	for _, scale := range in[1].Quant.Scale {
		exact.Scale = append(exact.Scale, in[0].Quant.Scale[0]*scale)
		exact.ZeroPoint = append(exact.ZeroPoint, 0)
	}
	bias := in[2]
	bias.Quant = exact
	return []Value{in[0], in[1], bias}
}

func quantBinary(op graph.Op) evaluation {
	return func(n *graph.Node, y Value, in []Value) {
		asFloat(op, nil, n.Attr.(graph.Quantized), y, in)
	}
}

func quantAvgPool(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.QuantPool)
	asFloat(graph.OpAvgPool, a.Pool, a.Output, y, in)
}

func quantMean(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.QuantReduce)
	asFloat(graph.OpReduceMean, a.Reduce, a.Output, y, in)
}

func quantUnary(n *graph.Node, y Value, in []Value) {
	a := n.Attr.(graph.QuantUnary)
	op := map[string]graph.Op{
		graph.Identity:  graph.OpReshape,
		graph.Sigmoid:   graph.OpSigmoid,
		graph.HardSwish: graph.OpHardSwish,
	}[a.Function]
	asFloat(op, nil, a.Output, y, in)
}

// int8Linear rounds the rows of a float input to int8 first.
func int8Linear(n *graph.Node, y Value, in []Value) {
	x := in[0]
	if x.Quant != nil {
		x = real(x)
	} else {
		x = roundedRows(x, x.Shape[1], 1)
	}
	linear(n, y, append([]Value{x, real(in[1])}, in[2:]...))
}

// int8MatMul rounds the rows of a and the columns of b, as they are multiplied.
func int8MatMul(n *graph.Node, y Value, in []Value) {
	rank := len(in[0].Shape)
	k, step := in[0].Shape[rank-1], in[1].Shape[rank-1]
	if n.Attr.(graph.MatMul).TransposeB {
		step = 1
	}
	matMul(n, y, []Value{roundedRows(in[0], k, 1), roundedRows(in[1], k, step)})
}

// roundedRows rounds every stretch of n elements, step apart, to 255 steps
// between the negative and the positive of its greatest magnitude.
func roundedRows(x Value, n, step int) Value {
	y := Value{x.Type, make([]float64, len(x.Data))}
	for start := range x.Data {
		if start/step%n != 0 {
			continue
		}
		greatest := 0.0
		for i := range n {
			greatest = max(greatest, math.Abs(x.Data[start+i*step]))
		}
		if greatest == 0 {
			continue
		}
		for i := range n {
			at := start + i*step
			y.Data[at] = math.RoundToEven(x.Data[at]*127/greatest) * greatest / 127
		}
	}
	return y
}
