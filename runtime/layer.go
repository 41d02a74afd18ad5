package runtime

import (
	"unsafe"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Layer describes one step of a plan.
type Layer struct {
	Name       string
	Op         graph.Op
	Fused      []graph.Op // what is computed with it
	Kernel     string
	Output     tensor.Type
	Parameters int   // elements of the constants that the step reads
	MACs       int64 // multiply-accumulates
}

func layerOf(g *graph.Graph, s fusedStep, k kernel) Layer {
	l := Layer{
		Name: g.Node(s.output).Name, Op: g.Node(s.root).Op, Kernel: k.name,
		Output: g.Node(s.output).Type, MACs: k.macs,
	}
	if s.clamp != nil && s.clampFirst {
		l.Fused = append(l.Fused, graph.OpClamp)
	}
	if s.add != nil {
		l.Fused = append(l.Fused, s.add.Op)
	}
	if s.clamp != nil && !s.clampFirst {
		l.Fused = append(l.Fused, graph.OpClamp)
	}
	if s.attention != nil {
		l.Fused = append(l.Fused, graph.OpSoftmax, s.attention.products[1].Op)
	}
	for _, id := range s.formula[:max(0, len(s.formula)-1)] {
		l.Fused = append(l.Fused, g.Node(id).Op)
	}
	if s.quantize != nil {
		l.Fused = append(l.Fused, graph.OpQuantize)
	}
	for _, in := range s.inputs {
		if n := g.Node(in); n.Op == graph.OpConstant {
			l.Parameters += n.Type.Shape.Elements()
		}
	}
	return l
}

// Layers describes the steps in the order they run.
func (p *Plan) Layers() []Layer {
	layers := make([]Layer, len(p.steps))
	for i, s := range p.steps {
		layers[i] = s.layer
	}
	return layers
}

// Parameters returns the number of elements of all constants that the plan
// reads; those that several steps read count once.
func (p *Plan) Parameters() int {
	counted := map[*byte]bool{}
	total := 0
	for _, s := range p.steps {
		for _, in := range s.inputs {
			n := p.graph.Node(in)
			if n.Op != graph.OpConstant {
				continue
			}
			if first := unsafe.SliceData(n.Value.Data); !counted[first] {
				counted[first] = true
				total += n.Type.Shape.Elements()
			}
		}
	}
	return total
}

// Memory is what a plan takes, in bytes.
type Memory struct {
	Arena  int // values, as placed
	Values int // values, if each had its own place
	Packed int // weights in the kernels' layouts
}

// Memory returns what the plan takes.
func (p *Plan) Memory() Memory { return Memory{p.memory.arena, p.memory.sum, p.packed} }
