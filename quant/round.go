package quant

import (
	"megl-edge/quant/calibration"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// quantizedSuffix is what the int8 value of an activation is called after it.
const quantizedSuffix = "/int8"

// rounded puts quantize and dequantize behind the activations that become int8,
// and makes the weights of the chosen layers int8 constants. The result of a
// layer that stays float stays float, too, and what is computed of it; only in
// front of the next int8 layer is it rounded.
func (c *Calibration) rounded(chosen func(layer string) bool) (*graph.Graph, error) {
	return graph.Rewrite(c.graph, func(b *graph.Builder, n *graph.Node) graph.ID {
		id := graph.None
		if n.Op == graph.OpConv && isWeights(b, n.Inputs[1]) && chosen(n.Name) {
			if x, ok := c.int8Input(b, n); ok {
				id = c.int8Conv(b, n, x)
			}
		}
		to, ok := c.ranges[n.Name]
		if !ok {
			return id
		}
		if id == graph.None {
			id = b.Copy(n)
		}
		if !computedInt8(b, id, chosen) {
			return id
		}
		return roundedTo(b, id, n.Name+quantizedSuffix, to)
	})
}

// roundedTo returns a value rounded to int8, as real numbers.
func roundedTo(b *graph.Builder, id graph.ID, name string, to graph.Quantized) graph.ID {
	return b.Apply(graph.OpDequantize, name+"/real", nil, b.Apply(graph.OpQuantize, name, to, id))
}

// int8Input returns what a convolution reads, rounded if it was not before; ok is
// false where no range is known for it.
func (c *Calibration) int8Input(b *graph.Builder, n *graph.Node) (x graph.ID, ok bool) {
	if isInt8(b, n.Inputs[0]) {
		return n.Inputs[0], true
	}
	to, ok := c.ranges[b.Node(n.Inputs[0]).Name]
	if !ok {
		return graph.None, false
	}
	return roundedTo(b, n.Inputs[0], n.Name+"/input", to), true
}

// isInt8 tells whether a value is int8 and was only moved since.
func isInt8(b *graph.Builder, id graph.ID) bool {
	for {
		n := b.Node(id)
		switch n.Op {
		case graph.OpDequantize:
			return true
		case graph.OpReshape, graph.OpTranspose, graph.OpSlice, graph.OpPad, graph.OpGather, graph.OpBroadcast, graph.OpMaxPool:
			id = n.Inputs[0]
		default:
			return false
		}
	}
}

// computedInt8 tells whether node id can be an int8 op: a layer that was chosen,
// the pixels, or an op all of whose operands are int8.
func computedInt8(b *graph.Builder, id graph.ID, chosen func(layer string) bool) bool {
	n := b.Node(id)
	switch n.Op {
	case graph.OpNormalize:
		return true
	case graph.OpConv:
		return chosen(n.Name) && isInt8(b, n.Inputs[0])
	}
	for _, in := range n.Inputs {
		if !isInt8(b, in) && !computesBefore(b, in, chosen) {
			return false
		}
	}
	return true
}

// computesBefore tells whether an operand is computed along with the op that
// reads it, as a convolution with its activation.
func computesBefore(b *graph.Builder, id graph.ID, chosen func(layer string) bool) bool {
	switch b.Node(id).Op {
	case graph.OpConv, graph.OpAdd, graph.OpMul, graph.OpAvgPool, graph.OpReduceMean, graph.OpConcat, graph.OpClamp:
		return computedInt8(b, id, chosen)
	}
	return false
}

// int8Conv appends a convolution of x with rounded weights, and the bias that
// makes up for it.
func (c *Calibration) int8Conv(b *graph.Builder, n *graph.Node, x graph.ID) graph.ID {
	bits := c.weightBits()
	if n.Attr.(graph.Conv).Groups > 1 { // no kernel of grouped layers is quicker with fewer
		bits = 8
	}
	w := int8Weights(b, n.Inputs[1], bits)
	inputs := []graph.ID{x, w}
	old, _ := c.graph.Find(n.Name)
	if mean, ok := c.inputs[c.graph.Node(c.graph.Node(old).Inputs[0]).Name]; ok {
		inputs = append(inputs, corrected(b, n, w, mean))
	} else {
		inputs = append(inputs, n.Inputs[2:]...)
	}
	return b.Apply(n.Op, n.Name, n.Attr, inputs...)
}

func isWeights(b *graph.Builder, id graph.ID) bool {
	n := b.Node(id)
	return n.Op == graph.OpConstant && n.Type.DType == tensor.Float32
}

// int8Weights returns weights rounded to int8, one scale for each output channel,
// dequantized.
func int8Weights(b *graph.Builder, id graph.ID, bits int) graph.ID {
	return b.Apply(graph.OpDequantize, b.Node(id).Name+"/real", nil, int8Constant(b, id, bits))
}

func int8Constant(b *graph.Builder, id graph.ID, bits int) graph.ID {
	w := b.Node(id)
	shape := w.Type.Shape
	scales, values := calibration.PerChannel(tensor.Elements[float32](*w.Value), shape[0], bits)
	q := &tensor.Quantization{Scale: scales, ZeroPoint: make([]int32, len(scales)), Axis: 0}
	return b.Constant(w.Name+quantizedSuffix, tensor.Must(tensor.Of(shape, values)).WithQuant(q))
}

// int8Products makes the chosen linear layers and attention products int8 ones
// with a float32 result. An input that is int8 already stays so; others are
// rounded row by row.
func (c *Calibration) int8Products(g *graph.Graph, chosen func(layer string) bool) (*graph.Graph, error) {
	g, err := graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if !chosen(n.Name) {
			return graph.None
		}
		switch {
		case n.Op == graph.OpLinear && isWeights(b, n.Inputs[1]):
			x := n.Inputs[0]
			if source := b.Node(x); source.Op == graph.OpDequantize && source.Type.DType == tensor.Float32 {
				x = source.Inputs[0]
			}
			return b.Apply(graph.OpInt8Linear, n.Name, nil, append([]graph.ID{x, int8Constant(b, n.Inputs[1], c.weightBits())}, n.Inputs[2:]...)...)
		case n.Op == graph.OpMatMul && isProductOf(b, n):
			return b.Apply(graph.OpInt8MatMul, n.Name, n.Attr, n.Inputs...)
		}
		return graph.None
	})
	if err != nil {
		return nil, err
	}
	return graph.Simplify(g)
}

func isProductOf(b *graph.Builder, n *graph.Node) bool {
	if n.Type.DType != tensor.Float32 || n.Attr.(graph.MatMul).TransposeA {
		return false
	}
	return b.Node(n.Inputs[0]).Op != graph.OpConstant && b.Node(n.Inputs[1]).Op != graph.OpConstant
}

// alone returns the float graph with one layer rounded: its weights, its input,
// and its result with its activation.
func (c *Calibration) alone(layer string) (*graph.Graph, error) {
	g, err := graph.Rewrite(c.graph, func(b *graph.Builder, n *graph.Node) graph.ID {
		through := func(id graph.ID, name string) graph.ID {
			to, ok := c.ranges[name]
			if !ok {
				return id
			}
			return roundedTo(b, id, name+quantizedSuffix, to)
		}
		switch {
		case n.Name == layer && n.Op == graph.OpConv:
			return through(c.int8Conv(b, n, through(n.Inputs[0], b.Node(n.Inputs[0]).Name)), n.Name)
		case n.Op == graph.OpClamp && b.Node(n.Inputs[0]).Name == layer:
			return through(b.Copy(n), n.Name)
		}
		return graph.None
	})
	if err != nil {
		return nil, err
	}
	return c.int8Products(g, func(name string) bool { return name == layer })
}
