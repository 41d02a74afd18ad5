package runtime

import (
	"fmt"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// lower rewrites a graph for execution: batch normalisation becomes elementwise
// ops, what depends on constants only is computed now, and multiplications and
// additions of one constant for each channel move into the convolution before
// them. Later rewrites see the results of earlier ones.
//
// What is computed now takes no more memory than limit, in bytes: a few nodes can
// ask for any number of large constants.
func lower(g *graph.Graph, limit int) (*graph.Graph, error) {
	fold := func(g *graph.Graph) (*graph.Graph, error) { return foldConstants(g, limit) }
	for _, pass := range []func(*graph.Graph) (*graph.Graph, error){expand, fold, foldAffine, fold} {
		var err error
		if g, err = pass(g); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// expand replaces the ops that have no kernel of their own by what they stand
// for.
func expand(g *graph.Graph) (*graph.Graph, error) {
	return graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		switch n.Op {
		case graph.OpBatchNorm:
			y, _ := b.Decompose(n, n.Inputs)
			return y
		case graph.OpReduceSum, graph.OpReduceMean, graph.OpReduceMax, graph.OpReduceMin, graph.OpReduceProd:
			return reduceTogether(b, n)
		}
		return graph.None
	})
}

// reduceTogether brings the axes of a reduction to the end where they are apart;
// the order in which elements are added stays.
func reduceTogether(b *graph.Builder, n *graph.Node) graph.ID {
	axes, x := n.Attr.(graph.Reduce).Axes, b.Shape(n.Inputs[0])
	if neighbours(axes) {
		return graph.None
	}
	var perm, last []int
	for axis := range x {
		if !slices.Contains(axes, axis) {
			perm = append(perm, axis)
		}
	}
	for axis := len(perm); axis < len(x); axis++ {
		last = append(last, axis)
	}
	moved := b.Apply(graph.OpTranspose, "", graph.Transpose{Perm: append(perm, axes...)}, n.Inputs[0])
	return b.Reshape(b.Apply(n.Op, n.Name, graph.Reduce{Axes: last}, moved), n.Type.Shape)
}

func neighbours(axes []int) bool {
	return len(axes) == 0 || axes[len(axes)-1]-axes[0] == len(axes)-1
}

// foldConstants computes every node that depends on constants only.
func foldConstants(g *graph.Graph, limit int) (*graph.Graph, error) {
	var failed error
	left := limit
	folded, err := graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op == graph.OpInput || n.Op == graph.OpConstant || failed != nil {
			return graph.None
		}
		for _, in := range n.Inputs {
			if b.Node(in).Op != graph.OpConstant {
				return graph.None
			}
		}
		inputs := make([]tensor.Tensor, len(n.Inputs))
		for i, in := range n.Inputs {
			inputs[i] = *b.Node(in).Value
		}
		value, err := Evaluate(n.Op, n.Attr, inputs...)
		if err == nil {
			if left -= len(value.Data); left < 0 {
				err = fmt.Errorf("constants computed from others take more than the limit of %d MB", limit>>20)
			}
		}
		if err != nil {
			failed = fmt.Errorf("%s %q: %w", n.Op, n.Name, err)
			return graph.None
		}
		return b.Constant(n.Name, value)
	})
	if failed != nil {
		return nil, failed
	}
	return folded, err
}

// foldAffine moves a constant factor or summand for each output channel into
// the convolution or linear layer that it follows, where nothing else reads that
// layer's result.
func foldAffine(g *graph.Graph) (*graph.Graph, error) {
	uses := countUses(g)
	usesOf := func(n *graph.Node) int { // by name: nodes are renumbered
		id, ok := g.Find(n.Name)
		if !ok {
			return 1 // made by this pass, for the node being replaced
		}
		return uses[id]
	}
	return graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op != graph.OpAdd && n.Op != graph.OpSub && n.Op != graph.OpMul {
			return graph.None
		}
		layer, constant := b.Node(n.Inputs[0]), b.Node(n.Inputs[1])
		if constant.Op != graph.OpConstant && n.Op != graph.OpSub {
			layer, constant = constant, layer
		}
		if constant.Op != graph.OpConstant || layer.Op != graph.OpConv && layer.Op != graph.OpLinear || usesOf(layer) != 1 {
			return graph.None
		}
		filter := b.Node(layer.Inputs[1])
		if filter.Op != graph.OpConstant || !layer.Type.Equal(n.Type) {
			return graph.None
		}
		perChannel, ok := channelValues(*constant.Value, filter.Type.Shape[0])
		if !ok {
			return graph.None
		}
		return absorb(b, n, layer, filter, perChannel)
	})
}

// absorb returns the layer with n applied to its filter and bias.
func absorb(b *graph.Builder, n, layer, filter *graph.Node, perChannel []float32) graph.ID {
	channels := len(perChannel)
	bias := make([]float32, channels)
	if len(layer.Inputs) == 3 {
		node := b.Node(layer.Inputs[2])
		if node.Op != graph.OpConstant {
			return graph.None
		}
		copy(bias, tensor.Elements[float32](*node.Value))
	}
	weights := *filter.Value
	f := float32Functions[n.Op]
	for c := range bias {
		bias[c] = f(bias[c], perChannel[c])
	}
	if n.Op == graph.OpMul {
		weights = tensor.Zeros(filter.Type)
		scaled, from := tensor.Elements[float32](weights), tensor.Elements[float32](*filter.Value)
		for i := range scaled {
			scaled[i] = f(from[i], perChannel[i/(len(scaled)/channels)])
		}
	}
	return b.Apply(layer.Op, n.Name, layer.Attr, layer.Inputs[0],
		b.Constant(filter.Name, weights),
		b.Constant(n.Name+"/bias", tensor.Must(tensor.Of(tensor.Shape{channels}, bias))))
}

// channelValues returns a constant as one value for each channel, the last axis
// of what it is combined with.
func channelValues(t tensor.Tensor, channels int) ([]float32, bool) {
	values := tensor.Elements[float32](t)
	last := len(t.Shape) - 1
	switch {
	case len(values) == channels && last >= 0 && t.Shape[last] == channels:
		return values, true
	case len(values) == 1:
		all := make([]float32, channels)
		for i := range all {
			all[i] = values[0]
		}
		return all, true
	}
	return nil, false
}

// countUses returns how often each value is read, as an input of a node that an
// output needs or as an output.
func countUses(g *graph.Graph) []int {
	live := needed(g)
	uses := make([]int, g.Len())
	for id, n := range g.Nodes() {
		if !live[id] {
			continue
		}
		for _, in := range n.Inputs {
			uses[in]++
		}
	}
	for _, o := range g.Outputs() {
		uses[o.Node]++
	}
	return uses
}
