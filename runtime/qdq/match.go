package qdq

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// fusion is a piece of int8 graph that stands for a quantized float value.
type fusion struct {
	sources []graph.ID // nodes of the old graph that it reads
	// build appends the piece; now has the sources in the new graph.
	build func(b *graph.Builder, now []graph.ID) graph.ID
}

// request asks for the value of a node in int8.
type request struct {
	to    graph.Quantized
	name  string // of a step that no float op stands for
	depth int    // ops between the node and the quantization
}

// maxDepth is how many ops may lie between an int8 op and the quantization of
// its result; more would only be found in files made to exhaust the stack.
const maxDepth = 32

// fuser finds fusions in a graph. What does not match gets a reason, in words
// that follow "since". It names no nodes, so that equal reasons can be told
// together.
type fuser struct {
	graph  *graph.Graph
	uses   []int      // by nodes that an output needs, and as outputs
	reader []graph.ID // the last node that reads a value; 0, a leaf, where none does
	// What was made of the second factors of matmuls: layers that share a factor
	// share its copy.
	matrices map[matrixKey]tensor.Tensor
	made     map[matrixKey]graph.ID // in the new graph
}

func newFuser(g *graph.Graph) *fuser {
	f := &fuser{graph: g, uses: make([]int, g.Len()), reader: make([]graph.ID, g.Len())}
	f.matrices, f.made = map[matrixKey]tensor.Tensor{}, map[matrixKey]graph.ID{}
	var roots []graph.ID
	for _, o := range g.Outputs() {
		roots = append(roots, o.Node)
		f.uses[o.Node]++
	}
	needed := g.Ancestors(roots...)
	for id, n := range g.Nodes() {
		if !needed[id] {
			continue
		}
		for _, in := range n.Inputs {
			f.uses[in]++
			f.reader[in] = id
		}
	}
	return f
}

// match finds what computes a node's value in int8, or says why nothing does.
func (f *fuser) match(id graph.ID, r request) (*fusion, string) {
	n := f.graph.Node(id)
	if n.Op == graph.OpDequantize {
		return f.requantized(n, r)
	}
	if why := f.isReadOnce(id); why != "" {
		return nil, why
	}
	if r.depth++; r.depth > maxDepth {
		return nil, "too many ops lie between it and the quantization of its result"
	}
	return f.pattern(n, r)
}

func (f *fuser) isReadOnce(id graph.ID) string {
	if n := f.uses[id]; n != 1 {
		return fmt.Sprintf("its float32 result is read %d times", n)
	}
	return ""
}

// pattern finds the int8 form of a float op.
func (f *fuser) pattern(n *graph.Node, r request) (*fusion, string) {
	switch n.Op {
	case graph.OpConv, graph.OpLinear, graph.OpMatMul:
		return f.layer(n, graph.None, r)
	case graph.OpAdd:
		return f.sum(n, r)
	case graph.OpMul:
		return f.product(n, r)
	case graph.OpAvgPool:
		return f.average(n, graph.OpQuantAvgPool, graph.QuantPool{Pool: n.Attr.(graph.Pool), Output: r.to}, r)
	case graph.OpReduceMean:
		return f.average(n, graph.OpQuantMean, graph.QuantReduce{Reduce: n.Attr.(graph.Reduce), Output: r.to}, r)
	case graph.OpSigmoid:
		return f.function(n, graph.Sigmoid, r)
	case graph.OpHardSwish:
		return f.function(n, graph.HardSwish, r)
	case graph.OpClamp:
		r.to, r.name = limited(r.to, n.Attr.(graph.Clamp)), n.Name
		return f.match(n.Inputs[0], r)
	}
	if moves(n.Op) {
		return f.moved(n, r)
	}
	return nil, "it has no int8 form"
}

// isActivation tells whether a node is int8 with one scale and zero point.
func isActivation(n *graph.Node) bool {
	return n.Type.DType == tensor.Int8 && n.Type.Quant.IsPerTensor()
}

// source returns the int8 activation that input i of a node dequantizes.
func (f *fuser) source(n *graph.Node, i int) (id graph.ID, why string) {
	in := f.graph.Node(n.Inputs[i])
	switch {
	case in.Op != graph.OpDequantize:
		return graph.None, fmt.Sprintf("input %d has a float32 value", i)
	case !isActivation(f.graph.Node(in.Inputs[0])):
		return graph.None, fmt.Sprintf("input %d is not int8 with one scale and zero point", i)
	}
	return in.Inputs[0], ""
}

// quant returns how an int8 node is quantized.
func (f *fuser) quant(id graph.ID) *tensor.Quantization { return f.graph.Node(id).Type.Quant }

func (f *fuser) shape(id graph.ID) tensor.Shape { return f.graph.Node(id).Type.Shape }
