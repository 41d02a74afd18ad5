package gradcam

import (
	"fmt"
	"strings"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// TargetLayer returns the layer that a heat map is drawn from unless another is
// asked for: the last value before the class scores that still has positions,
// [N, height, width, channels] with more than one pixel. In a convolutional
// network that is the last activation before pooling.
func TargetLayer(g *graph.Graph, logits graph.ID) (graph.ID, error) {
	before := g.Ancestors(logits)
	for id := logits; id >= 0; id-- {
		if before[id] && hasPositions(g.Node(id)) {
			return id, nil
		}
	}
	return graph.None, ErrNoTargetLayer
}

func hasPositions(n *graph.Node) bool {
	s := n.Type.Shape
	computed := n.Op != graph.OpInput && n.Op != graph.OpConstant && n.Op != graph.OpNormalize
	activation := n.Type.DType == tensor.Float32 || n.Type.DType == tensor.Int8 && n.Type.Quant != nil
	return computed && activation && len(s) == 4 && s[1]*s[2] > 1
}

// findTarget returns the named layer, or the one that TargetLayer chooses.
func findTarget(g *graph.Graph, logits graph.ID, name string) (graph.ID, error) {
	if name == "" {
		return TargetLayer(g, logits)
	}
	id, ok := g.Find(name)
	if !ok {
		return graph.None, fmt.Errorf("there is no layer %q; those that keep positions are: %s", name, layersWithPositions(g, logits))
	}
	if !g.Ancestors(logits)[id] || !hasPositions(g.Node(id)) {
		return graph.None, fmt.Errorf("layer %q has shape %v: a heat map needs a layer before the class scores with height and width; there are: %s",
			name, g.Node(id).Type.Shape, layersWithPositions(g, logits))
	}
	return id, nil
}

// layersWithPositions lists the last few layers that can be a target.
func layersWithPositions(g *graph.Graph, logits graph.ID) string {
	const most = 8
	before := g.Ancestors(logits)
	var names []string
	for id := logits; id >= 0 && len(names) < most; id-- {
		if before[id] && hasPositions(g.Node(id)) {
			names = append(names, fmt.Sprintf("%q", g.Node(id).Name))
		}
	}
	if len(names) == most {
		names = append(names, "…")
	}
	return strings.Join(names, ", ")
}
