package graph

import "maps"

// Rewrite copies a graph node by node. replace gets each node with its inputs
// already those of the new graph; it returns what stands for the node there, or
// None to have it copied. A node that is copied keeps its name: new nodes get no
// name of a node that is still to come.
func Rewrite(g *Graph, replace func(b *Builder, n *Node) ID) (*Graph, error) {
	b := NewBuilder()
	b.reserved = maps.Clone(g.names)
	replaced := make([]ID, g.Len())
	for id, n := range g.Nodes() {
		delete(b.reserved, n.Name)
		moved := n.withInputs(replaced)
		if replaced[id] = replace(b, &moved); replaced[id] == None {
			replaced[id] = b.Copy(&moved)
		}
	}
	for _, o := range g.Outputs() {
		b.Output(o.Name, replaced[o.Node])
	}
	return b.Build()
}

// withInputs returns n with the inputs that stand for its own.
func (n *Node) withInputs(replaced []ID) Node {
	moved := *n
	moved.Inputs = make([]ID, len(n.Inputs))
	for i, in := range n.Inputs {
		moved.Inputs[i] = replaced[in]
	}
	return moved
}

// Copy appends a node of another graph whose inputs are already those of this
// one.
func (b *Builder) Copy(n *Node) ID {
	switch n.Op {
	case OpInput:
		return b.Input(n.Name, n.Type)
	case OpConstant:
		return b.Constant(n.Name, *n.Value)
	}
	return b.Apply(n.Op, n.Name, n.Attr, n.Inputs...)
}
