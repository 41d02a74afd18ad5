package graph

import (
	"fmt"
	"iter"

	"megl-edge/runtime/tensor"
)

// ID names a node of one graph: its place in the list.
type ID int

// None is the ID of no node.
const None ID = -1

// Node is one step of the computation. Nodes are not changed once built.
type Node struct {
	Op     Op
	Name   string // unique in the graph
	Inputs []ID   // all smaller than the node's own ID; optional ones at the end may be missing
	Attr   Attr   // of the type that the op's row names; nil where it has none
	Type   tensor.Type
	Value  *tensor.Tensor // of a constant; nil for every other op
}

// Output is a named result of a graph.
type Output struct {
	Name string
	Node ID
}

// Graph is a complete network: read-only, and safe for use by several
// goroutines.
type Graph struct {
	nodes   []Node
	outputs []Output
	names   map[string]ID
}

// Len returns the number of nodes.
func (g *Graph) Len() int { return len(g.nodes) }

// Node returns the node with the given ID.
func (g *Graph) Node(id ID) *Node { return &g.nodes[id] }

// Nodes walks the nodes in topological order.
func (g *Graph) Nodes() iter.Seq2[ID, *Node] {
	return func(yield func(ID, *Node) bool) {
		for i := range g.nodes {
			if !yield(ID(i), &g.nodes[i]) {
				return
			}
		}
	}
}

// Find returns the node with the given name.
func (g *Graph) Find(name string) (ID, bool) {
	id, ok := g.names[name]
	return id, ok
}

// Outputs returns the named results, in the order they were declared.
func (g *Graph) Outputs() []Output { return g.outputs }

// Output returns the node that computes the named result.
func (g *Graph) Output(name string) (ID, bool) {
	for _, o := range g.outputs {
		if o.Name == name {
			return o.Node, true
		}
	}
	return None, false
}

// Inputs returns the IDs of the nodes that the caller of the graph feeds.
func (g *Graph) Inputs() []ID {
	var inputs []ID
	for id, n := range g.Nodes() {
		if n.Op == OpInput {
			inputs = append(inputs, id)
		}
	}
	return inputs
}

// Ancestors marks every node that the given ones depend on, themselves
// included.
func (g *Graph) Ancestors(of ...ID) []bool {
	marked := make([]bool, len(g.nodes))
	for _, id := range of {
		marked[id] = true
	}
	for id := len(g.nodes) - 1; id >= 0; id-- {
		if !marked[id] {
			continue
		}
		for _, in := range g.nodes[id].Inputs {
			marked[in] = true
		}
	}
	return marked
}

// describe names a node in a message.
func describe(id ID, n *Node) string { return fmt.Sprintf("node %d (%s %q)", id, n.Op, n.Name) }
