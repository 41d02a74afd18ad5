package quant

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// targets lists the activations that become int8: the images that pass between
// layers. Tokens and scores stay float32, their products rounded row by row.
func targets(g *graph.Graph) []graph.ID {
	readers := make([][]graph.ID, g.Len())
	for id, n := range g.Nodes() {
		for _, in := range n.Inputs {
			readers[in] = append(readers[in], id)
		}
	}
	var list []graph.ID
	for id, n := range g.Nodes() {
		if isTarget(g, n) && !limitedLater(g, readers[id]) && readsInt8(g, readers, id) {
			list = append(list, id)
		}
	}
	return list
}

// isTarget tells whether an op computes an image, or the mean of one.
func isTarget(g *graph.Graph, n *graph.Node) bool {
	if n.Type.DType != tensor.Float32 {
		return false
	}
	switch n.Op {
	case graph.OpReduceMean:
		return len(g.Node(n.Inputs[0]).Type.Shape) == 4
	case graph.OpNormalize, graph.OpConv, graph.OpAdd, graph.OpMul, graph.OpClamp, graph.OpAvgPool, graph.OpConcat, graph.OpSigmoid, graph.OpHardSwish:
		return len(n.Type.Shape) == 4
	}
	return false
}

// limitedLater tells whether the only reader is an activation that a layer
// computes along.
func limitedLater(g *graph.Graph, readers []graph.ID) bool {
	return len(readers) == 1 && g.Node(readers[0]).Op == graph.OpClamp
}

// readsInt8 tells whether anything that has an int8 form reads a value, also
// through ops that only move it.
func readsInt8(g *graph.Graph, readers [][]graph.ID, id graph.ID) bool {
	return slices.ContainsFunc(readers[id], func(reader graph.ID) bool {
		switch g.Node(reader).Op {
		case graph.OpConv, graph.OpLinear, graph.OpAdd, graph.OpMul, graph.OpAvgPool, graph.OpReduceMean, graph.OpConcat, graph.OpSigmoid, graph.OpHardSwish, graph.OpClamp:
			return true
		case graph.OpReshape, graph.OpTranspose, graph.OpSlice, graph.OpPad, graph.OpGather, graph.OpBroadcast, graph.OpMaxPool:
			return readsInt8(g, readers, reader)
		}
		return false
	})
}

// isLayer tells whether a node has weights that become int8.
func isLayer(g *graph.Graph, n *graph.Node) bool {
	if n.Op != graph.OpConv && n.Op != graph.OpLinear {
		return false
	}
	w := g.Node(n.Inputs[1])
	return w.Op == graph.OpConstant && w.Type.DType == tensor.Float32
}

// isProduct tells whether a node is a product of two computed matrices.
func isProduct(g *graph.Graph, n *graph.Node) bool {
	if n.Op != graph.OpMatMul || n.Type.DType != tensor.Float32 || n.Attr.(graph.MatMul).TransposeA {
		return false
	}
	return g.Node(n.Inputs[0]).Op != graph.OpConstant && g.Node(n.Inputs[1]).Op != graph.OpConstant
}
