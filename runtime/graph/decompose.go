package graph

import "math"

// The float ops that a composed or quantized op stands for, built from the real
// values of its inputs.

// decomposeHardSwish: x·relu6(x + 3)/6 (Howard et al., "Searching for
// MobileNetV3", 2019, §5.2).
func decomposeHardSwish(b *Builder, _ *Node, in []ID) ID {
	gate := b.clamp(b.Add(in[0], b.Scalar(3)), ReLU6)
	return b.Mul(in[0], b.Div(gate, b.Scalar(6)))
}

// decomposeBatchNorm: (x − mean)·(scale/√(variance + ε)) + offset (Ioffe and
// Szegedy, 2015, algorithm 2).
func decomposeBatchNorm(b *Builder, n *Node, in []ID) ID {
	x, scale, offset, mean, variance := in[0], in[1], in[2], in[3], in[4]
	deviation := b.Apply(OpSqrt, "", nil, b.Add(variance, b.Scalar(n.Attr.(BatchNorm).Epsilon)))
	return b.Add(b.Mul(b.Sub(x, mean), b.Div(scale, deviation)), offset)
}

// decomposeLayerNorm: (x − mean)/√(variance + ε)·scale + offset (Ba et al., 2016;
// ONNX LayerNormalization 17).
func decomposeLayerNorm(b *Builder, n *Node, in []ID) ID {
	last := Reduce{Axes: []int{len(n.Type.Shape) - 1}, KeepDims: true}
	centred := b.Sub(in[0], b.Apply(OpReduceMean, "", last, in[0]))
	variance := b.Apply(OpReduceMean, "", last, b.Mul(centred, centred))
	deviation := b.Apply(OpSqrt, "", nil, b.Add(variance, b.Scalar(n.Attr.(LayerNorm).Epsilon)))
	y := b.Mul(b.Div(centred, deviation), in[1])
	if len(in) == 3 {
		y = b.Add(y, in[2])
	}
	return y
}

// decomposeGelu: x·(1 + erf(x/√2))/2 (Hendrycks and Gimpel, 2016).
func decomposeGelu(b *Builder, _ *Node, in []ID) ID {
	part := b.Apply(OpErf, "", nil, b.Mul(in[0], b.Scalar(1/math.Sqrt2)))
	return b.Mul(b.Mul(in[0], b.Scalar(0.5)), b.Add(part, b.Scalar(1)))
}

func decomposeQuantConv(b *Builder, n *Node, in []ID) ID {
	at := n.Attr.(QuantConv)
	return b.clamp(b.Apply(OpConv, "", at.Conv, in...), at.Output.Range())
}

func decomposeQuantLinear(b *Builder, n *Node, in []ID) ID {
	return b.clamp(b.Apply(OpLinear, "", nil, in...), n.Attr.(Quantized).Range())
}

func decomposeQuantAdd(b *Builder, n *Node, in []ID) ID {
	return b.clamp(b.Add(in[0], in[1]), n.Attr.(Quantized).Range())
}

func decomposeQuantMul(b *Builder, n *Node, in []ID) ID {
	return b.clamp(b.Mul(in[0], in[1]), n.Attr.(Quantized).Range())
}

// decomposeQuantAvgPool leaves the output range out: an average has no
// activation, so its range only tells what calibration photos reached, and a
// value beyond it still grows with its inputs.
func decomposeQuantAvgPool(b *Builder, n *Node, in []ID) ID {
	return b.Apply(OpAvgPool, "", n.Attr.(QuantPool).Pool, in[0])
}

// decomposeQuantMean leaves the output range out, as decomposeQuantAvgPool does.
func decomposeQuantMean(b *Builder, n *Node, in []ID) ID {
	return b.Apply(OpReduceMean, "", n.Attr.(QuantReduce).Reduce, in[0])
}

func decomposeQuantUnary(b *Builder, n *Node, in []ID) ID {
	at := n.Attr.(QuantUnary)
	y := in[0]
	switch at.Function {
	case Sigmoid:
		y = b.Apply(OpSigmoid, "", nil, y)
	case HardSwish:
		y = b.Apply(OpHardSwish, "", nil, y)
	}
	return b.clamp(y, at.Output.Range())
}

func decomposeInt8Linear(b *Builder, _ *Node, in []ID) ID {
	return b.Apply(OpLinear, "", nil, in...)
}

func decomposeInt8MatMul(b *Builder, n *Node, in []ID) ID {
	return b.Apply(OpMatMul, "", n.Attr, in...)
}

// Decompose appends the float ops that a composed or quantized node stands for,
// on the given real inputs, one for each of the node's own, and returns the
// result. ok is false where the op has no decomposition.
func (b *Builder) Decompose(n *Node, inputs []ID) (y ID, ok bool) {
	if kind, _ := Gradient(n.Op); kind != GradientDecompose {
		return None, false
	}
	if len(inputs) != len(n.Inputs) {
		return b.fail("decomposition of %s %q: %d inputs, the node has %d", n.Op, n.Name, len(inputs), len(n.Inputs)), true
	}
	if !b.check(inputs...) {
		return 0, true
	}
	return table[n.Op].gradient.decompose(b, n, inputs), true
}
