package main

import (
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
)

// trafficOf returns for each step of a classification the bytes of its inputs,
// its constants and its result, as the graph has them: kernels may hold weights
// in wider layouts.
func trafficOf(g *graph.Graph, layers []runtime.Layer) ([]int, error) {
	b := graph.Extend(g)
	b.ClearOutputs()
	id, _ := g.Output(model.ProbabilitiesOutput)
	b.Output(model.ProbabilitiesOutput, id)
	g, err := b.Build()
	if err != nil {
		return nil, err
	}
	if g, err = runtime.Fold(g); err != nil {
		return nil, err
	}
	t := &traffic{g: g, computed: map[graph.ID]bool{}}
	for _, l := range layers {
		if id, ok := g.Find(l.Name); ok {
			t.computed[id] = true
		}
	}
	bytes := make([]int, len(layers))
	for i, l := range layers {
		if id, ok := g.Find(l.Name); ok {
			bytes[i] = g.Node(id).Type.Bytes() + t.read(id, map[graph.ID]bool{})
		}
	}
	return bytes, nil
}

// traffic knows which nodes of a graph are results of steps: what lies between
// them is fused, or the same memory.
type traffic struct {
	g        *graph.Graph
	computed map[graph.ID]bool
}

// read returns the bytes that computing a node reads, leaving out what was seen
// before.
func (t *traffic) read(id graph.ID, seen map[graph.ID]bool) int {
	total := 0
	for _, in := range t.g.Node(id).Inputs {
		if seen[in] {
			continue
		}
		seen[in] = true
		n := t.g.Node(in)
		if t.computed[in] || len(n.Inputs) == 0 {
			total += n.Type.Bytes()
		} else {
			total += t.read(in, seen)
		}
	}
	return total
}
