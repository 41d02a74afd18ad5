package export

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// prepare returns the graph to write and its results. With a heat map, the class
// to explain is the most likely one, and what chose it is folded away.
func prepare(m *model.Model, saliency bool) (*graph.Graph, []graph.Output, error) {
	g, wanted := m.Graph, []string{model.LogitsOutput}
	if saliency {
		if m.TargetLayer == "" {
			return nil, nil, ErrNoSaliency
		}
		var err error
		if g, err = graph.Rewrite(g, withoutChoice); err != nil {
			return nil, nil, err
		}
		wanted = append(wanted, model.SaliencyOutput)
	}
	var outputs []graph.Output
	for _, name := range wanted {
		id, _ := g.Output(name) // the model has been checked
		outputs = append(outputs, graph.Output{Name: name, Node: id})
	}
	return g, outputs, nil
}

// withoutChoice replaces the class input by "the most likely one", and what
// follows from that by its value.
func withoutChoice(b *graph.Builder, n *graph.Node) graph.ID {
	switch {
	case n.Op == graph.OpInput && n.Name == model.ClassInput:
		automatic := slices.Repeat([]int32{-1}, n.Type.Shape.Elements())
		return b.Constant(n.Name, tensor.Must(tensor.Of(n.Type.Shape, automatic)))
	case n.Op == graph.OpGreater:
		return knownComparison(b, n)
	case n.Op == graph.OpSelect:
		return knownChoice(b, n)
	}
	return graph.None
}

// knownComparison returns the result of comparing two int32 constants that hold
// one number each, or None.
func knownComparison(b *graph.Builder, n *graph.Node) graph.ID {
	x, okX := uniform[int32](b.Node(n.Inputs[0]), tensor.Int32)
	y, okY := uniform[int32](b.Node(n.Inputs[1]), tensor.Int32)
	if !okX || !okY {
		return graph.None
	}
	greater := slices.Repeat([]bool{x > y}, n.Type.Shape.Elements())
	return b.Constant(n.Name, tensor.Must(tensor.Of(n.Type.Shape, greater)))
}

// knownChoice returns the side that a constant condition selects, or None where
// the condition is not known or broadcasts the side.
func knownChoice(b *graph.Builder, n *graph.Node) graph.ID {
	holds, ok := uniform[bool](b.Node(n.Inputs[0]), tensor.Bool)
	if !ok {
		return graph.None
	}
	side := n.Inputs[2]
	if holds {
		side = n.Inputs[1]
	}
	if !b.Type(side).Equal(n.Type) {
		return graph.None
	}
	return side
}

// uniform returns the number that all elements of a constant are.
func uniform[T bool | int32](n *graph.Node, d tensor.DType) (T, bool) {
	var none T
	if n.Op != graph.OpConstant || n.Type.DType != d || n.Type.Shape.Elements() == 0 {
		return none, false
	}
	list := tensor.Elements[T](*n.Value)
	for _, v := range list {
		if v != list[0] {
			return none, false
		}
	}
	return list[0], true
}
