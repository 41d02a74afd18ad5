package gradcam

import (
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
)

// Network returns the network of a model alone: image in, class scores out.
// What Attach added is left out, so that Attach can add it again after the
// network has changed.
func Network(g *graph.Graph) (*graph.Graph, error) {
	logits, _ := g.Output(model.LogitsOutput)
	needed := g.Ancestors(logits)
	b := graph.NewBuilder()
	made := make([]graph.ID, g.Len())
	for id, n := range g.Nodes() {
		if !needed[id] {
			continue
		}
		moved := *n
		moved.Inputs = make([]graph.ID, len(n.Inputs))
		for i, in := range n.Inputs {
			moved.Inputs[i] = made[in]
		}
		made[id] = b.Copy(&moved)
	}
	b.Output(model.LogitsOutput, made[logits])
	return b.Build()
}
