package qdq

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Summary says how much of a quantized graph runs int8.
type Summary struct {
	Int8  int       // ops that compute on int8
	Float []FloatOp // the others that compute
}

// FloatOp is an op that stays float, and why.
type FloatOp struct {
	Name   string
	Op     graph.Op
	Reason string
}

// Summarize counts the ops that the given outputs of g need, all of them if none
// is named. In a graph without int8 values there is nothing to say.
func Summarize(g *graph.Graph, outputs ...string) Summary {
	var roots []graph.ID
	for _, o := range g.Outputs() {
		for _, name := range outputs {
			if o.Name == name {
				roots = append(roots, o.Node)
			}
		}
		if len(outputs) == 0 {
			roots = append(roots, o.Node)
		}
	}
	needed := g.Ancestors(roots...)
	var s Summary
	quantized := false
	for id, n := range g.Nodes() {
		int8 := n.Type.DType == tensor.Int8 && n.Type.Quant != nil
		quantized = quantized || needed[id] && int8
		if !needed[id] || !computes(n) {
			continue
		}
		if int8 {
			s.Int8++
			continue
		}
		s.Float = append(s.Float, FloatOp{n.Name, n.Op, reason(g, n)})
	}
	if !quantized {
		return Summary{}
	}
	return s
}

// computes leaves out the leaves, the conversions and what only moves values.
func computes(n *graph.Node) bool {
	switch n.Op {
	case graph.OpInput, graph.OpConstant, graph.OpNormalize, graph.OpQuantize, graph.OpDequantize, graph.OpStopGradient, graph.OpCast:
		return false
	}
	return !moves(n.Op) || n.Op == graph.OpMaxPool
}

// reason says why a float op has no int8 form where it stands. It does not name
// nodes, so that equal reasons can be told together.
func reason(g *graph.Graph, n *graph.Node) string {
	if _, known := patterns[n.Op]; !known {
		return "it has no int8 form"
	}
	for i, in := range n.Inputs {
		switch source := g.Node(in); {
		case source.Op == graph.OpDequantize:
		case source.Op == graph.OpConstant && i == 0 || n.Op == graph.OpAdd || n.Op == graph.OpMul:
			return "an operand is not quantized"
		case source.Op == graph.OpConstant && i == 1:
			return "its weights are not quantized"
		case source.Op != graph.OpConstant:
			return "its input is not quantized"
		}
	}
	return "its result is not quantized before it is read"
}
