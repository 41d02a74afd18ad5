package gradcam

import (
	"fmt"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
)

// Reattach returns the graph of a model with its heat map drawn by the given
// method instead, of the same layer and of the same size. Its inputs and its
// other outputs stay. It fails with [ErrNoTargetLayer] on a model without a heat
// map.
func Reattach(m *model.Model, method Method) (*graph.Graph, error) {
	return reattach(m, method, false)
}

// Contrast returns the graph of a model whose heat map shows what speaks for one class
// rather than for another: Grad-CAM of the difference of their scores. The other class
// is a further input, [RivalInput].
func Contrast(m *model.Model) (*graph.Graph, error) { return reattach(m, GradCAM, true) }

// RivalInput is the class that the explained one is compared with, int32 [N].
const RivalInput = "rival"

func reattach(m *model.Model, method Method, contrast bool) (*graph.Graph, error) {
	t, err := method.technique()
	if err != nil {
		return nil, err
	}
	if m.TargetLayer == "" {
		return nil, ErrNoTargetLayer
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	at, err := targetOf(m)
	if err != nil {
		return nil, err
	}
	logits, _ := m.Graph.Output(model.LogitsOutput)
	if err := t.check(m.Graph, logits, at); err != nil {
		return nil, err
	}
	class, _ := m.Graph.Output(model.ClassOutput)
	b := graph.Extend(m.Graph)
	h := newHead(b, at, logits, logits, class)
	if contrast {
		h.rival = b.Input(RivalInput, b.Node(class).Type)
	}
	h.attachMap(t)
	g, err := b.Build()
	if err != nil {
		return nil, fmt.Errorf("heat map of layer %q by %s: %w", m.TargetLayer, method, err)
	}
	return graph.Simplify(g)
}

// targetOf returns the layer that the heat map of a checked model is drawn from.
func targetOf(m *model.Model) (positions, error) {
	layer, _ := m.Graph.Find(m.TargetLayer)
	logits, _ := m.Graph.Output(model.LogitsOutput)
	saliency, _ := m.Graph.Output(model.SaliencyOutput)
	cells := m.Graph.Node(saliency).Type.Shape
	at, ok := positionsOf(m.Graph, layer, []size{{cells[1], cells[2]}})
	if !ok || !m.Graph.Ancestors(logits)[layer] {
		return positions{}, fmt.Errorf("layer %q, of shape %v, is none before the class scores that a map of %d×%d can be drawn from: import the network again",
			m.TargetLayer, m.Graph.Node(layer).Type.Shape, cells[1], cells[2])
	}
	return at, nil
}
