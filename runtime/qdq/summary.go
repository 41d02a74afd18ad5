package qdq

import (
	"math"
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Summary says how much of a quantized graph runs int8.
type Summary struct {
	Int8  int       // ops that compute on int8
	Float []FloatOp // those that compute on float32
}

// FloatOp is an op that stays float, and why, in words that follow "since".
type FloatOp struct {
	Name   string
	Op     graph.Op
	Reason string
}

// Report counts the ops that compute in a graph that [Fuse] returned, and says
// of each that stayed float why. In a graph without int8 values there is nothing
// to say: its summary is empty.
func Report(g *graph.Graph) Summary { return Summarize(g) }

// Summarize is [Report] for what the named outputs need, all of them if none is
// named: the heat map of a quantized model is computed on float32 and says
// nothing about the model.
func Summarize(g *graph.Graph, outputs ...string) Summary {
	needed := g.Ancestors(roots(g, outputs)...)
	f := newFuser(g)
	var s Summary
	quantized := false
	for id, n := range g.Nodes() {
		if !needed[id] {
			continue
		}
		quantized = quantized || n.Type.DType == tensor.Int8 && n.Type.Quant != nil
		switch {
		case !computes(n.Op):
		case isActivation(n), n.Op == graph.OpInt8Linear, n.Op == graph.OpInt8MatMul:
			s.Int8++
		case n.Type.DType == tensor.Float32:
			s.Float = append(s.Float, FloatOp{n.Name, n.Op, f.reason(id, n)})
		}
	}
	if !quantized {
		return Summary{}
	}
	return s
}

func roots(g *graph.Graph, outputs []string) []graph.ID {
	var ids []graph.ID
	for _, o := range g.Outputs() {
		if len(outputs) == 0 || slices.Contains(outputs, o.Name) {
			ids = append(ids, o.Node)
		}
	}
	return ids
}

// computes leaves out the leaves, the conversions and what only moves values.
func computes(op graph.Op) bool {
	switch op {
	case graph.OpInput, graph.OpConstant, graph.OpNormalize, graph.OpQuantize, graph.OpDequantize, graph.OpStopGradient, graph.OpCast:
		return false
	case graph.OpMaxPool:
		return true
	}
	return !moves(op)
}

// reason says why a float op has no int8 form where it stands.
func (f *fuser) reason(id graph.ID, n *graph.Node) string {
	if n.Op == graph.OpClamp || n.Op == graph.OpMaxPool {
		// Either could follow an op that has an int8 form; that one has its own
		// reason.
		if _, why := f.source(n, 0); why != "" {
			return why
		}
	}
	if _, why := f.pattern(n, request{to: f.destination(id)}); why != "" {
		return why
	}
	if why := f.isReadOnce(id); why != "" {
		return why
	}
	return "its result is not quantized"
}

// destination returns how the result of a node is quantized, if nothing but
// clamps and moves lie between; else a quantization that every scale fits.
func (f *fuser) destination(id graph.ID) graph.Quantized {
	for f.uses[id] == 1 {
		next := f.graph.Node(f.reader[id])
		if next.Op == graph.OpQuantize {
			return next.Attr.(graph.Quantized)
		}
		if next.Op != graph.OpClamp && !moves(next.Op) {
			break
		}
		id = f.reader[id]
	}
	return graph.QuantizedTo(math.MaxFloat32, 0)
}
