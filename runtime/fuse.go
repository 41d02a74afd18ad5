package runtime

import (
	"megl-edge/runtime/graph"
)

// fusedStep is a node and the ones that are computed with it while its result is
// in the cache. Fusing changes no bit: the epilogue rounds where the ops did.
type fusedStep struct {
	root   graph.ID
	output graph.ID   // the last node fused, or the root
	inputs []graph.ID // of the root, then the residual if there is one

	clamp      *graph.Clamp // float: ReLU and the like
	clampFirst bool         // before the residual, not after
	residual   graph.ID     // what is added; None where nothing is
	add        *graph.Node  // the addition of the residual
	quantize   *graph.Node  // pixels to int8 in one table
	attention  *fusedAttention
	formula    []graph.ID // elementwise nodes, the root last; nil for a single one
}

// fuse groups the nodes of g that have to be computed, in an order in which
// every input comes before its use. Constants, inputs and aliases are no steps.
func fuse(g *graph.Graph) []fusedStep {
	f := &fuser{g: g, uses: countUses(g), absorbed: make([]bool, g.Len()), needed: needed(g)}
	f.consumer, f.readers = make([]graph.ID, g.Len()), make([][]graph.ID, g.Len())
	for id, n := range g.Nodes() {
		for _, in := range n.Inputs {
			if f.needed[id] {
				f.consumer[in] = id
				f.readers[in] = append(f.readers[in], id)
			}
		}
	}
	steps := make([]*fusedStep, g.Len()) // by output
	for id, n := range g.Nodes() {
		if n.Op != graph.OpSoftmax || !f.needed[id] {
			continue
		}
		if s, ok := f.attend(id); ok {
			steps[s.output] = &s
		}
	}
	// Then the nodes that others are fused to; of two convolutions that are
	// added the later one, because then both results are there. What is left
	// after that is computed by itself.
	for _, grows := range []bool{true, false} {
		for id := graph.ID(g.Len() - 1); id >= 0; id-- {
			n := g.Node(id)
			if f.needed[id] && !f.absorbed[id] && !isLeaf(n) && !isAlias(n) && canGrow(n.Op) == grows {
				s := f.grow(id)
				steps[s.output] = &s
			}
		}
	}
	var ordered []fusedStep
	for _, s := range steps {
		if s != nil {
			ordered = append(ordered, *s)
		}
	}
	return ordered
}

func needed(g *graph.Graph) []bool {
	var roots []graph.ID
	for _, o := range g.Outputs() {
		roots = append(roots, o.Node)
	}
	return g.Ancestors(roots...)
}

func isLeaf(n *graph.Node) bool { return n.Op == graph.OpInput || n.Op == graph.OpConstant }

// isAlias tells whether a node's value is its input's memory.
func isAlias(n *graph.Node) bool { return n.Op == graph.OpReshape || n.Op == graph.OpStopGradient }

type fuser struct {
	g        *graph.Graph
	uses     []int
	consumer []graph.ID // of values that are used once
	readers  [][]graph.ID
	absorbed []bool
	needed   []bool
}

// canGrow tells whether later nodes can be fused to an op.
func canGrow(op graph.Op) bool {
	switch op {
	case graph.OpConv, graph.OpLinear, graph.OpQuantConv, graph.OpQuantLinear, graph.OpNormalize:
		return true
	}
	return false
}

// grow starts a step at a node and absorbs what follows.
func (f *fuser) grow(root graph.ID) fusedStep {
	if s, ok := f.formula(root); ok {
		return s
	}
	n := f.g.Node(root)
	s := fusedStep{root: root, output: root, inputs: n.Inputs, residual: graph.None}
	switch n.Op {
	case graph.OpConv, graph.OpLinear:
		f.absorbFloat(&s)
	case graph.OpQuantConv, graph.OpQuantLinear:
		if next, ok := f.next(&s, graph.OpQuantAdd); ok {
			f.absorbResidual(&s, next)
		}
	case graph.OpNormalize:
		if next, ok := f.next(&s, graph.OpQuantize); ok {
			s.quantize = f.g.Node(next)
			f.absorb(&s, next)
		}
	}
	return s
}

// absorbFloat takes a residual addition and a clamp, in either order.
func (f *fuser) absorbFloat(s *fusedStep) {
	for range 2 {
		if next, ok := f.next(s, graph.OpClamp); ok && s.clamp == nil {
			at := f.g.Node(next).Attr.(graph.Clamp)
			s.clamp = &at
			s.clampFirst = s.residual == graph.None
			f.absorb(s, next)
		}
		if next, ok := f.next(s, graph.OpAdd); ok && s.residual == graph.None {
			f.absorbResidual(s, next)
		}
	}
}

// absorbResidual takes an addition of another value of the same shape that is
// computed before.
func (f *fuser) absorbResidual(s *fusedStep, next graph.ID) {
	n := f.g.Node(next)
	other := n.Inputs[0]
	if other == s.output {
		other = n.Inputs[1]
	}
	if other == s.output || !f.g.Node(other).Type.Shape.Equal(n.Type.Shape) {
		return
	}
	s.residual, s.add = other, n
	s.inputs = append(append([]graph.ID{}, s.inputs...), other)
	f.absorb(s, next)
}

func (f *fuser) absorb(s *fusedStep, next graph.ID) {
	f.absorbed[next] = true
	s.output = next
}

// next returns the one node that reads the step's result, if it is of the given
// op and not part of another step.
func (f *fuser) next(s *fusedStep, op graph.Op) (graph.ID, bool) {
	if f.uses[s.output] != 1 {
		return graph.None, false
	}
	next := f.consumer[s.output]
	if f.isOutput(s.output) || f.absorbed[next] || f.g.Node(next).Op != op {
		return graph.None, false
	}
	return next, true
}

func (f *fuser) isOutput(id graph.ID) bool {
	for _, o := range f.g.Outputs() {
		if o.Node == id {
			return true
		}
	}
	return false
}
