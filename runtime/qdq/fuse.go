package qdq

import (
	"megl-edge/runtime/graph"
)

// Fuse returns g with int8 ops in the place of quantize(op(dequantize(…))). What
// an int8 op computes is what the float op does on the same numbers, rounded
// once; it has the float op's name. Ops whose operands are not all quantized, or
// whose float result is read elsewhere, stay as they are. The result is
// simplified, see [graph.Simplify].
func Fuse(g *graph.Graph) (*graph.Graph, error) {
	g, err := sinkDequantize(g)
	if err != nil {
		return nil, err
	}
	f := newFuser(g)
	fusions := map[graph.ID]*fusion{} // by quantize node
	for id, n := range g.Nodes() {
		if n.Op != graph.OpQuantize {
			continue
		}
		if m, _ := f.match(n.Inputs[0], request{to: n.Attr.(graph.Quantized), name: n.Name}); m != nil {
			fusions[id] = m
		}
	}
	if g, err = f.rebuild(fusions); err != nil {
		return nil, err
	}
	return graph.Simplify(g)
}

// rebuild copies what the outputs need, with the fusions in place. Inputs stay,
// needed or not.
func (f *fuser) rebuild(fusions map[graph.ID]*fusion) (*graph.Graph, error) {
	needed := f.needed(fusions)
	now := make([]graph.ID, 0, f.graph.Len()) // by node of the old graph
	return graph.Rewrite(f.graph, func(b *graph.Builder, n *graph.Node) graph.ID {
		id := graph.ID(len(now))
		var copied graph.ID // of what nobody reads: any
		switch m := fusions[id]; {
		case !needed[id] && n.Op != graph.OpInput:
		case m != nil:
			copied = m.build(b, pick(now, m.sources))
		default:
			copied = b.Copy(n)
		}
		now = append(now, copied)
		return copied
	})
}

// needed marks what the outputs depend on where fusions replace quantize nodes.
func (f *fuser) needed(fusions map[graph.ID]*fusion) []bool {
	needed := make([]bool, f.graph.Len())
	for _, o := range f.graph.Outputs() {
		needed[o.Node] = true
	}
	for id := graph.ID(f.graph.Len() - 1); id >= 0; id-- {
		if !needed[id] {
			continue
		}
		inputs := f.graph.Node(id).Inputs
		if m := fusions[id]; m != nil {
			inputs = m.sources
		}
		for _, in := range inputs {
			needed[in] = true
		}
	}
	return needed
}

func pick(from, ids []graph.ID) []graph.ID {
	picked := make([]graph.ID, len(ids))
	for i, id := range ids {
		picked[i] = from[id]
	}
	return picked
}
