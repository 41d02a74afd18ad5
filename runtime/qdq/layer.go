package qdq

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// operands is what an int8 layer works on.
type operands struct {
	x      graph.ID       // int8 activation
	w      graph.ID       // the constant that holds the weights
	matrix *matrixKey     // of a matmul: w is not as the layer takes it
	value  tensor.Tensor  // the weights with their output channels first
	bias   *tensor.Tensor // nil where there is none
	named  string         // what bears the bias now
}

// layer is a conv, linear or matmul on a quantized activation and quantized
// weights, with the bias that it has or that is added to it.
func (f *fuser) layer(n *graph.Node, bias graph.ID, r request) (*fusion, string) {
	o, why := f.operands(n)
	if why != "" {
		return nil, why
	}
	if len(n.Inputs) == 3 {
		bias = n.Inputs[2]
	}
	x := f.quant(o.x)
	if bias != graph.None {
		o.named = f.storedName(bias)
		if o.bias, why = f.bias(bias, x.Scale[0], o.value); why != "" {
			return nil, why
		}
	}
	for _, scale := range o.value.Quant.Scale {
		if !near(float64(x.Scale[0])*float64(scale), float64(r.to.Scale)) {
			return nil, tooFarApart
		}
	}
	if !sumsFit(x.ZeroPoint[0], o.value, o.bias) {
		return nil, "its sums may not fit int32"
	}
	return f.built(n, o, r), ""
}

// storedName returns the name of a value, or of the constant that it dequantizes.
func (f *fuser) storedName(id graph.ID) string {
	n := f.graph.Node(id)
	if n.Op == graph.OpDequantize {
		n = f.graph.Node(n.Inputs[0])
	}
	return n.Name
}

func (f *fuser) operands(n *graph.Node) (o operands, why string) {
	if o.x, why = f.source(n, 0); why != "" {
		return o, why
	}
	if n.Op == graph.OpMatMul {
		o.matrix, o.value, why = f.matrix(n)
		return o, why
	}
	if o.w, why = f.weights(n.Inputs[1]); why == "" {
		o.value = *f.graph.Node(o.w).Value
	}
	return o, why
}

// built appends the layer.
func (f *fuser) built(n *graph.Node, o operands, r request) *fusion {
	sources := []graph.ID{o.x}
	if o.matrix == nil {
		sources = append(sources, o.w)
	}
	return &fusion{sources, func(b *graph.Builder, now []graph.ID) graph.ID {
		inputs := slices.Clone(now)
		if o.matrix != nil {
			inputs = append(inputs, f.matrixNode(b, *o.matrix))
		}
		if o.bias != nil {
			inputs = append(inputs, b.Constant(o.named, *o.bias))
		}
		if n.Op == graph.OpConv {
			return b.Apply(graph.OpQuantConv, n.Name, graph.QuantConv{Conv: n.Attr.(graph.Conv), Output: r.to}, inputs...)
		}
		return linear(b, n, r.to, inputs)
	}}
}

// linear appends a linear layer on the rows of x, whatever its rank.
func linear(b *graph.Builder, n *graph.Node, to graph.Quantized, inputs []graph.ID) graph.ID {
	x := b.Shape(inputs[0])
	k := x[len(x)-1]
	if len(x) != 2 {
		inputs[0] = b.Reshape(inputs[0], tensor.Shape{x[:len(x)-1].Elements(), k})
	}
	y := b.Apply(graph.OpQuantLinear, n.Name, to, inputs...)
	if len(x) != 2 {
		y = b.Reshape(y, n.Type.Shape)
	}
	return y
}

// biased is the addition of one constant for each output channel to a layer
// without a bias, a reshape between them or not; nil where n is none.
func (f *fuser) biased(n *graph.Node, r request) *fusion {
	for i, in := range n.Inputs {
		result := f.graph.Node(in)
		if !result.Type.Shape.Equal(n.Type.Shape) || f.uses[in] != 1 {
			continue
		}
		layer := result
		if result.Op == graph.OpReshape {
			if f.uses[result.Inputs[0]] != 1 {
				continue
			}
			layer = f.graph.Node(result.Inputs[0])
		}
		if !f.takesBias(layer, n.Inputs[1-i]) {
			continue
		}
		if m, _ := f.layer(layer, n.Inputs[1-i], r); m != nil {
			return reshaped(m, n.Type.Shape)
		}
	}
	return nil
}

// takesBias tells whether a value has one number for each output channel of a
// layer without a bias, along its last axis.
func (f *fuser) takesBias(layer *graph.Node, bias graph.ID) bool {
	switch layer.Op {
	case graph.OpConv, graph.OpLinear, graph.OpMatMul:
	default:
		return false
	}
	from, to := layer.Type.Shape, f.shape(bias)
	channels := from[len(from)-1]
	return len(layer.Inputs) == 2 && len(to) > 0 && to[len(to)-1] == channels && to.Elements() == channels
}

// reshaped gives the result of a fusion another shape, if it has not that one.
func reshaped(m *fusion, shape tensor.Shape) *fusion {
	return &fusion{m.sources, func(b *graph.Builder, now []graph.ID) graph.ID {
		return b.Reshape(m.build(b, now), shape)
	}}
}
