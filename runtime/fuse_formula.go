package runtime

import (
	"maps"
	"slices"

	"megl-edge/kernels"
	"megl-edge/kernels/asm"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// mostFormulaParts is the longest formula.
const mostFormulaParts = 32

// elementwise tells whether a node can be part of a formula: float32, of one kernel
// for stretches, its operands of the result's shape or one number.
func (f *fuser) elementwise(id graph.ID) bool {
	n := f.g.Node(id)
	if n.Type.DType != tensor.Float32 || n.Type.Shape.Elements() < 2 || !f.needed[id] || f.absorbed[id] {
		return false
	}
	_, binary := float32Rows[n.Op]
	_, unary := unaryRows[n.Op]
	if !binary && !unary && n.Op != graph.OpClamp && n.Op != graph.OpClampGrad {
		return false
	}
	for _, in := range n.Inputs {
		shape := f.g.Node(in).Type.Shape
		if !shape.Equal(n.Type.Shape) && (!binary || shape.Elements() != 1) {
			return false
		}
	}
	return true
}

// gather returns the parts of a formula that ends at a node: elementwise nodes of
// its shape that only the formula reads, in the order of the graph.
func (f *fuser) gather(root graph.ID) []graph.ID {
	if !f.elementwise(root) {
		return nil
	}
	shape := f.g.Node(root).Type.Shape
	parts := []graph.ID{root}
	// Readers have greater numbers: when a node's turn comes, all of its readers that
	// belong to the formula are known.
	waiting := slices.Clone(f.g.Node(root).Inputs)
	for len(waiting) > 0 && len(parts) < mostFormulaParts {
		id := slices.Max(waiting)
		waiting = slices.DeleteFunc(waiting, func(other graph.ID) bool { return other == id })
		if !f.elementwise(id) || f.isOutput(id) || !f.g.Node(id).Type.Shape.Equal(shape) {
			continue
		}
		if slices.ContainsFunc(f.readers[id], func(reader graph.ID) bool { return !slices.Contains(parts, reader) }) {
			continue
		}
		parts = append(parts, id)
		waiting = append(waiting, f.g.Node(id).Inputs...)
	}
	slices.Sort(parts)
	return parts
}

// formula makes one step of the nodes that gather finds, if there are any besides
// the root.
func (f *fuser) formula(root graph.ID) (fusedStep, bool) {
	parts := f.gather(root)
	if len(parts) < 2 {
		return fusedStep{}, false
	}
	s := fusedStep{root: root, output: root, residual: graph.None, formula: parts}
	for _, id := range parts {
		f.absorbed[id] = true
		for _, in := range f.g.Node(id).Inputs {
			if !slices.Contains(parts, in) && !slices.Contains(s.inputs, in) {
				s.inputs = append(s.inputs, in)
			}
		}
	}
	return s, true
}

func prepareFormula(o *operation) (kernel, error) {
	formula := formulaOf(o.graph, &o.fused)
	return plain("elementwise float32, joined", func(y tensor.Tensor, in []tensor.Tensor) kernels.Task {
		inputs := make([][]float32, len(in))
		for i := range in {
			inputs[i] = f32(in[i])
		}
		return formula.Bind(f32(y), inputs)
	})
}

// formulaOf finds a block for the result of every part. A block is free again behind
// the last part that reads it.
func formulaOf(g *graph.Graph, s *fusedStep) *kernels.FormulaF32 {
	formula := &kernels.FormulaF32{}
	block := map[graph.ID]int{} // of results that are still needed
	for i, id := range s.formula {
		n := g.Node(id)
		part := partOf(n)
		for at, in := range n.Inputs {
			part.Operands[at] = kernels.FormulaOperand{Block: -1, Input: slices.Index(s.inputs, in)}
			if b, ok := block[in]; ok {
				part.Operands[at] = kernels.FormulaOperand{Block: b}
			}
		}
		part.To = freeBlock(block) // not an operand's: kernels may read one twice
		for _, in := range n.Inputs {
			later := func(other graph.ID) bool { return slices.Contains(g.Node(other).Inputs, in) }
			if !slices.ContainsFunc(s.formula[i+1:], later) {
				delete(block, in)
			}
		}
		block[id] = part.To
		formula.Blocks = max(formula.Blocks, part.To+1)
		formula.Parts = append(formula.Parts, part)
	}
	return formula
}

// freeBlock returns the first block that no result is in.
func freeBlock(taken map[graph.ID]int) int {
	blocks := slices.Collect(maps.Values(taken))
	free := 0
	for slices.Contains(blocks, free) {
		free++
	}
	return free
}

// partOf returns a node's operator.
func partOf(n *graph.Node) kernels.FormulaPart {
	switch a, _ := n.Attr.(graph.Clamp); n.Op {
	case graph.OpClampGrad:
		return kernels.FormulaPart{Gate: func(y, dy, x []float32) { asm.ClampGradF32(y, dy, x, a.Min, a.Max) }}
	case graph.OpClamp:
		return kernels.FormulaPart{Unary: func(y, x []float32) {
			copy(y, x)
			asm.ClampF32(y, a.Min, a.Max)
		}}
	}
	return kernels.FormulaPart{Binary: float32Rows[n.Op], Unary: unaryRows[n.Op]}
}
