package graph

import (
	"slices"

	"megl-edge/runtime/tensor"
)

// Simplify returns a graph with the same outputs, without nodes that no output
// needs and with the folds of the op table applied. Inputs stay, used or not.
//
// Folds are exact in real arithmetic but may round less often. Whoever makes a
// model simplifies it once; the simplified graph is what is saved, and what
// defines the result.
func Simplify(g *Graph) (*Graph, error) {
	g, err := prune(g)
	if err != nil {
		return nil, err
	}
	if g, err = Rewrite(g, (*Builder).simplified); err != nil {
		return nil, err
	}
	return prune(g)
}

// simplified appends a copy of n, or what it folds to.
func (b *Builder) simplified(n *Node) ID {
	id := b.Copy(n)
	for b.err == nil {
		fold := table[b.g.nodes[id].Op].fold
		if fold == nil {
			break
		}
		node := b.g.nodes[id]
		simpler := fold(b, &node)
		if simpler == None || simpler == id {
			break
		}
		id = simpler
	}
	return id
}

// prune returns g without the nodes that no output needs. Equal constants, and
// equal nodes of equal inputs, become one.
func prune(g *Graph) (*Graph, error) {
	var roots []ID
	for _, o := range g.Outputs() {
		roots = append(roots, o.Node)
	}
	needed := g.Ancestors(roots...)
	b := NewBuilder()
	replaced := make([]ID, g.Len())
	for id, n := range g.Nodes() {
		if !needed[id] && n.Op != OpInput {
			continue
		}
		moved := n.withInputs(replaced)
		if replaced[id] = b.twin(&moved); replaced[id] == None {
			replaced[id] = b.Copy(&moved)
		}
	}
	for _, o := range g.Outputs() {
		b.Output(o.Name, replaced[o.Node])
	}
	return b.Build()
}

// twin returns a node of b that computes what n does, or None. Only leaves of a
// gradient are looked for: scalars and dequantizations.
func (b *Builder) twin(n *Node) ID {
	for id, other := range b.g.nodes {
		switch {
		case n.Op != other.Op:
		case n.Op == OpDequantize && n.Inputs[0] == other.Inputs[0],
			n.Op == OpConstant && len(n.Type.Shape) == 0 && sameScalar(n, &other):
			return ID(id)
		}
	}
	return None
}

func sameScalar(a, b *Node) bool {
	return a.Type.Equal(b.Type) && a.Type.DType == tensor.Float32 && slices.Equal(a.Value.Data, b.Value.Data)
}
