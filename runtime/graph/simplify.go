package graph

import "megl-edge/runtime/tensor"

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

// prune returns g without the nodes that no output needs. Equal float32 scalars
// become one, and so do dequantizations of one value, equal reshapes of it, and the
// pixels that one pooling takes: every gradient that is appended brings its own.
func prune(g *Graph) (*Graph, error) {
	var roots []ID
	for _, o := range g.Outputs() {
		roots = append(roots, o.Node)
	}
	needed := g.Ancestors(roots...)
	b := NewBuilder()
	replaced := make([]ID, g.Len())
	twins := map[twinKey]ID{}
	for id, n := range g.Nodes() {
		if !needed[id] && n.Op != OpInput {
			continue
		}
		moved := n.withInputs(replaced)
		key, mayHaveTwin := twinKeyOf(&moved)
		twin, found := twins[key]
		if found && mayHaveTwin {
			replaced[id] = twin
			continue
		}
		replaced[id] = b.Copy(&moved)
		twins[key] = replaced[id]
	}
	for _, o := range g.Outputs() {
		b.Output(o.Name, replaced[o.Node])
	}
	return b.Build()
}

// twinKey is equal for nodes that [prune] makes one.
type twinKey struct {
	op     Op
	input  ID     // of a dequantization, a pooling or a reshape
	window Pool   // of a pooling
	scalar string // bytes of a float32 scalar
	shape  string // of a reshape
}

// twinKeyOf returns the key of n; ok is false where n stays on its own.
func twinKeyOf(n *Node) (key twinKey, ok bool) {
	switch {
	case n.Op == OpDequantize:
		return twinKey{op: n.Op, input: n.Inputs[0]}, true
	case n.Op == OpArgMaxPool:
		return twinKey{op: n.Op, input: n.Inputs[0], window: n.Attr.(Pool)}, true
	case n.Op == OpReshape:
		return twinKey{op: n.Op, input: n.Inputs[0], shape: n.Type.Shape.String()}, true
	case n.Op == OpConstant && n.Type.DType == tensor.Float32 && len(n.Type.Shape) == 0:
		return twinKey{op: n.Op, scalar: string(n.Value.Data)}, true
	}
	return twinKey{}, false
}
