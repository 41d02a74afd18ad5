package onnx

import (
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/qdq"
	"megl-edge/runtime/tensor"
)

// tidy drops what no output needs, and finds the layers that exporters write as
// many small ones: older opsets have no GELU and no layer normalisation, linear
// layers of more than two axes get their bias apart, and a linear layer behind
// an image expects its channels first. Then ops between quantized values become
// int8 ops, and what nothing reads is not computed: a class token alone goes
// through the last block of a transformer.
func tidy(g *graph.Graph) (*graph.Graph, error) {
	g, err := graph.Simplify(g)
	if err != nil {
		return nil, err
	}
	g, err = graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		m := matcher{b}
		for _, layer := range []func(*graph.Node) graph.ID{m.gelu, m.layerNorm, m.biasedLinear, m.flattenedLinear} {
			if id := layer(n); id != graph.None {
				return id
			}
		}
		return graph.None
	})
	if err != nil {
		return nil, err
	}
	if g, err = qdq.Fuse(g); err != nil {
		return nil, err
	}
	if g, err = qdq.Products(g); err != nil {
		return nil, err
	}
	return graph.Narrow(g)
}

// matcher recognises layers by the ops they are made of.
type matcher struct{ *graph.Builder }

// is returns the node of an op, if id is one.
func (m matcher) is(id graph.ID, op graph.Op) (*graph.Node, bool) {
	n := m.Node(id)
	return n, n.Op == op
}

// scalar returns the value of a constant with one element.
func (m matcher) scalar(id graph.ID) (float32, bool) {
	n := m.Node(id)
	if n.Op != graph.OpConstant || n.Type.DType != tensor.Float32 || n.Type.Shape.Elements() != 1 {
		return 0, false
	}
	return tensor.Elements[float32](*n.Value)[0], true
}

// withScalar returns the other operand of an op on x and a number, in either
// order, if the number is about v.
func (m matcher) withScalar(id graph.ID, op graph.Op, v float64) (graph.ID, bool) {
	n, ok := m.is(id, op)
	if !ok {
		return graph.None, false
	}
	for i, in := range n.Inputs {
		if s, ok := m.scalar(in); ok && math.Abs(float64(s)-v) < 1e-4*math.Abs(v) {
			return n.Inputs[1-i], true
		}
	}
	return graph.None, false
}

// gelu: x·(1 + erf(x/√2))/2, the factors in any order.
func (m matcher) gelu(n *graph.Node) graph.ID {
	if n.Op != graph.OpMul {
		return graph.None
	}
	for _, factors := range m.factors(n) {
		x, half, rest := factors[0], factors[1], factors[2]
		if s, ok := m.scalar(half); !ok || s != 0.5 {
			continue
		}
		part, ok := m.withScalar(rest, graph.OpAdd, 1)
		if !ok {
			continue
		}
		erf, ok := m.is(part, graph.OpErf)
		if !ok {
			continue
		}
		scaled, ok := m.withScalar(erf.Inputs[0], graph.OpDiv, math.Sqrt2)
		if !ok {
			scaled, ok = m.withScalar(erf.Inputs[0], graph.OpMul, 1/math.Sqrt2)
		}
		if ok && scaled == x && m.Type(x).Equal(n.Type) {
			return m.Apply(graph.OpGelu, n.Name, nil, x)
		}
	}
	return graph.None
}

// factors lists the ways to see a product of three numbers.
func (m matcher) factors(n *graph.Node) [][3]graph.ID {
	var ways [][3]graph.ID
	for i, in := range n.Inputs {
		inner, ok := m.is(in, graph.OpMul)
		if !ok {
			continue
		}
		a, b, c := inner.Inputs[0], inner.Inputs[1], n.Inputs[1-i]
		ways = append(ways, [3]graph.ID{a, b, c}, [3]graph.ID{b, a, c}, [3]graph.ID{a, c, b}, [3]graph.ID{b, c, a}, [3]graph.ID{c, a, b}, [3]graph.ID{c, b, a})
	}
	return ways
}

// layerNorm: (x − mean)/√(mean of squares + ε)·scale + offset along the last
// axis.
func (m matcher) layerNorm(n *graph.Node) graph.ID {
	if n.Op != graph.OpAdd {
		return graph.None
	}
	for i, in := range n.Inputs {
		scaled, ok := m.is(in, graph.OpMul)
		if !ok {
			continue
		}
		for j, factor := range scaled.Inputs {
			x, epsilon, ok := m.standardized(factor)
			scale, offset := scaled.Inputs[1-j], n.Inputs[1-i]
			if !ok || !m.isVector(scale, x) || !m.isVector(offset, x) {
				continue
			}
			return m.Apply(graph.OpLayerNorm, n.Name, graph.LayerNorm{Epsilon: epsilon}, x, scale, offset)
		}
	}
	return graph.None
}

// isVector tells whether id has one float32 number for each channel of x.
func (m matcher) isVector(id, x graph.ID) bool {
	shape := m.Shape(x)
	return m.Type(id).Equal(tensor.Type{DType: tensor.Float32, Shape: shape[len(shape)-1:]})
}

// standardized matches (x − mean)/√(mean of squares + ε).
func (m matcher) standardized(id graph.ID) (x graph.ID, epsilon float32, ok bool) {
	quotient, ok := m.is(id, graph.OpDiv)
	if !ok {
		return graph.None, 0, false
	}
	centred, ok := m.is(quotient.Inputs[0], graph.OpSub)
	if !ok {
		return graph.None, 0, false
	}
	x = centred.Inputs[0]
	if !m.isMeanOf(centred.Inputs[1], x) {
		return graph.None, 0, false
	}
	deviation, ok := m.is(quotient.Inputs[1], graph.OpSqrt)
	if !ok {
		return graph.None, 0, false
	}
	sum, ok := m.is(deviation.Inputs[0], graph.OpAdd)
	if !ok {
		return graph.None, 0, false
	}
	for i, in := range sum.Inputs {
		epsilon, ok := m.scalar(in)
		if !ok || epsilon < 0 || !m.isMeanOfSquares(sum.Inputs[1-i], quotient.Inputs[0]) {
			continue
		}
		return x, epsilon, true
	}
	return graph.None, 0, false
}

// isMeanOf tells whether id is the mean of x along its last axis, kept.
func (m matcher) isMeanOf(id, x graph.ID) bool {
	mean, ok := m.is(id, graph.OpReduceMean)
	if !ok || mean.Inputs[0] != x {
		return false
	}
	at := mean.Attr.(graph.Reduce)
	return at.KeepDims && slices.Equal(at.Axes, []int{len(m.Shape(x)) - 1})
}

func (m matcher) isMeanOfSquares(id, of graph.ID) bool {
	mean, ok := m.is(id, graph.OpReduceMean)
	if !ok {
		return false
	}
	square, ok := m.is(mean.Inputs[0], graph.OpMul)
	return ok && square.Inputs[0] == of && square.Inputs[1] == of && m.isMeanOf(id, mean.Inputs[0])
}

// biasedLinear gives a linear layer the constant that is added to its reshaped
// result.
func (m matcher) biasedLinear(n *graph.Node) graph.ID {
	if n.Op != graph.OpAdd {
		return graph.None
	}
	for i, in := range n.Inputs {
		result, bias := m.Node(in), n.Inputs[1-i]
		if result.Op == graph.OpReshape {
			result = m.Node(result.Inputs[0])
		}
		if result.Op != graph.OpLinear || len(result.Inputs) != 2 || m.Node(bias).Op != graph.OpConstant {
			continue
		}
		columns := result.Type.Shape[1:]
		shape := n.Type.Shape
		if !m.Type(bias).Equal(tensor.Type{DType: tensor.Float32, Shape: columns}) || !shape.Equal(m.Shape(in)) || shape[len(shape)-1] != columns[0] {
			continue
		}
		y := m.Apply(graph.OpLinear, n.Name, nil, result.Inputs[0], result.Inputs[1], bias)
		return m.Reshape(y, shape)
	}
	return graph.None
}

// flattenedLinear is a linear layer on an image that was moved to have its
// channels first: the weights are moved instead, in the model.
func (m matcher) flattenedLinear(n *graph.Node) graph.ID {
	if n.Op != graph.OpLinear {
		return graph.None
	}
	flat, ok := m.is(n.Inputs[0], graph.OpReshape)
	if !ok {
		return graph.None
	}
	moved, ok := m.is(flat.Inputs[0], graph.OpTranspose)
	if !ok || moved.Type.Shape[0] != flat.Type.Shape[0] {
		return graph.None
	}
	perm := moved.Attr.(graph.Transpose).Perm
	weights, ok := m.weightsInOrder(n.Inputs[1], moved.Type.Shape[1:], perm)
	if perm[0] != 0 || !ok {
		return graph.None
	}
	x := m.Reshape(moved.Inputs[0], flat.Type.Shape)
	return m.Apply(graph.OpLinear, n.Name, nil, append([]graph.ID{x, weights}, n.Inputs[2:]...)...)
}

// weightsInOrder returns weights [n × k], where k is an image of the given
// shape, for the image before it was moved by perm.
func (m matcher) weightsInOrder(id graph.ID, image tensor.Shape, perm []int) (graph.ID, bool) {
	source, stored := m.Node(id), false
	if source.Op == graph.OpDequantize {
		source, stored = m.Node(source.Inputs[0]), true
	}
	if source.Op != graph.OpConstant || stored && !source.Type.Quant.IsPerTensor() && source.Type.Quant.Axis != 0 {
		return graph.None, false
	}
	inverse := make([]int, len(perm))
	for i, p := range perm {
		inverse[p] = i
	}
	value := source.Value.WithQuant(nil)
	value.Shape = append(source.Type.Shape[:1].Clone(), image...)
	moved, err := permuted(value, inverse)
	if err != nil {
		return graph.None, false
	}
	moved.Shape = source.Type.Shape
	w := m.Constant(source.Name, moved.WithQuant(source.Type.Quant))
	if stored {
		w = m.Apply(graph.OpDequantize, "", nil, w)
	}
	return w, true
}
