package qdq

import (
	"megl-edge/runtime/graph"
)

// Fuse returns g with int8 ops in the place of quantize(op(dequantize(…))). What
// an int8 op computes is what the float op does on the same numbers, rounded
// once. Ops whose operands are not all quantized, or whose float result is read
// elsewhere, stay as they are.
func Fuse(g *graph.Graph) (*graph.Graph, error) {
	g, err := sinkDequantize(g)
	if err != nil {
		return nil, err
	}
	f := &fuser{graph: g, uses: countUses(g), fusions: map[graph.ID]fusion{}, absorbed: make([]bool, g.Len())}
	for id, n := range g.Nodes() {
		if n.Op == graph.OpQuantize {
			f.match(id, n)
		}
	}
	if g, err = f.rebuild(); err != nil {
		return nil, err
	}
	return graph.Simplify(g)
}

// fusion appends the int8 op that stands for a quantize node; now returns the
// node of the new graph for one of the old.
type fusion func(b *graph.Builder, now func(graph.ID) graph.ID) graph.ID

type fuser struct {
	graph    *graph.Graph
	uses     []int
	fusions  map[graph.ID]fusion // by quantize node
	absorbed []bool              // nodes that are part of a fusion
}

func countUses(g *graph.Graph) []int {
	uses := make([]int, g.Len())
	for _, n := range g.Nodes() {
		for _, in := range n.Inputs {
			uses[in]++
		}
	}
	for _, o := range g.Outputs() {
		uses[o.Node]++
	}
	return uses
}

// match finds the op that computes what a node quantizes.
func (f *fuser) match(id graph.ID, n *graph.Node) {
	var path []graph.ID
	build := f.fused(n.Inputs[0], n.Attr.(graph.Quantized), &path)
	if build == nil {
		return
	}
	f.fusions[id] = build
	for _, inner := range path {
		f.absorbed[inner] = true
	}
}

// fused returns what computes node id quantized, or nil where it must stay
// float; path gets the nodes that are then no longer needed.
func (f *fuser) fused(id graph.ID, to graph.Quantized, path *[]graph.ID) fusion {
	n := f.graph.Node(id)
	if n.Op == graph.OpDequantize {
		return f.requantized(n, to)
	}
	if f.uses[id] != 1 {
		return nil
	}
	*path = append(*path, id)
	switch n.Op {
	case graph.OpClamp:
		return f.fused(n.Inputs[0], limited(to, n.Attr.(graph.Clamp)), path)
	case graph.OpReshape, graph.OpTranspose, graph.OpSlice, graph.OpBroadcast:
		return f.moved(n, to, path)
	}
	if match, ok := patterns[n.Op]; ok {
		return match(f, n, to)
	}
	return nil
}

// moved quantizes before moving.
func (f *fuser) moved(n *graph.Node, to graph.Quantized, path *[]graph.ID) fusion {
	inner := f.fused(n.Inputs[0], to, path)
	if inner == nil {
		return nil
	}
	return func(b *graph.Builder, now func(graph.ID) graph.ID) graph.ID {
		return b.Apply(n.Op, n.Name, n.Attr, inner(b, now))
	}
}

// requantized brings an int8 value to another scale: to its own it is itself.
func (f *fuser) requantized(dequantize *graph.Node, to graph.Quantized) fusion {
	source := dequantize.Inputs[0]
	if !isActivation(f.graph.Node(source)) {
		return nil
	}
	full := graph.QuantizedTo(to.Scale, to.ZeroPoint)
	same := to == full && f.graph.Node(source).Type.Quant.Equal(to.Quantization())
	return func(b *graph.Builder, now func(graph.ID) graph.ID) graph.ID {
		if same {
			return now(source)
		}
		return b.Apply(graph.OpQuantUnary, dequantize.Name, graph.QuantUnary{Function: graph.Identity, Output: to}, now(source))
	}
}

// rebuild copies the graph with the fusions in place.
func (f *fuser) rebuild() (*graph.Graph, error) {
	b := graph.NewBuilder()
	nodes := make([]graph.ID, f.graph.Len())
	now := func(id graph.ID) graph.ID { return nodes[id] }
	for id, n := range f.graph.Nodes() {
		if f.absorbed[id] {
			continue
		}
		if build, ok := f.fusions[id]; ok {
			nodes[id] = build(b, now)
			continue
		}
		moved := *n
		moved.Inputs = make([]graph.ID, len(n.Inputs))
		for i, in := range n.Inputs {
			moved.Inputs[i] = nodes[in]
		}
		nodes[id] = b.Copy(&moved)
	}
	for _, o := range f.graph.Outputs() {
		b.Output(o.Name, nodes[o.Node])
	}
	return b.Build()
}

// sinkDequantize moves int8 values instead of real ones: dequantize goes behind
// the ops that only move values or pick a maximum.
func sinkDequantize(g *graph.Graph) (*graph.Graph, error) {
	return graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		if !moves(n.Op) {
			return graph.None
		}
		inputs := make([]graph.ID, len(n.Inputs))
		for i, in := range n.Inputs {
			inputs[i] = in
			if i > 0 && n.Op == graph.OpGather { // the indices
				continue
			}
			source := b.Node(in)
			if source.Op != graph.OpDequantize || !isActivation(b.Node(source.Inputs[0])) {
				return graph.None
			}
			inputs[i] = source.Inputs[0]
			if i > 0 && !b.Type(inputs[i]).Quant.Equal(b.Type(inputs[0]).Quant) {
				return graph.None
			}
		}
		return b.Apply(graph.OpDequantize, n.Name+"/real", nil, b.Apply(n.Op, n.Name, n.Attr, inputs...))
	})
}

func moves(op graph.Op) bool {
	switch op {
	case graph.OpReshape, graph.OpBroadcast, graph.OpTranspose, graph.OpConcat, graph.OpSlice, graph.OpPad, graph.OpGather, graph.OpMaxPool:
		return true
	}
	return false
}
