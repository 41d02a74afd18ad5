package gradcam

import (
	"fmt"
	"strings"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// TargetLayer returns the layer that a heat map is drawn from unless another is
// asked for. In a convolutional network it is the last value before the class
// scores that still has positions, [N, height, width, channels]: the last
// activation before pooling. In a vision transformer it is the last layer
// normalisation on which the scores depend at every token: where the class token
// alone is read, what comes behind the last attention has no slope anywhere
// else.
func TargetLayer(g *graph.Graph, logits graph.ID) (graph.ID, error) {
	target, err := chooseTarget(g, logits)
	return target.layer, err
}

func chooseTarget(g *graph.Graph, logits graph.ID) (positions, error) {
	all := layersWithPositions(g, logits)
	if len(all) == 0 {
		return positions{layer: graph.None}, ErrNoTargetLayer
	}
	if !all[0].tokens {
		return all[0], nil
	}
	return lastWithSlope(g, logits, tokenLayers(g, all))
}

// layersWithPositions lists the layers that can be a target, the last first.
func layersWithPositions(g *graph.Graph, logits graph.ID) []positions {
	before, grids := g.Ancestors(logits), gridsOf(g)
	var all []positions
	for id := logits; id >= 0; id-- {
		if before[id] {
			if p, ok := positionsOf(g, id, grids); ok {
				all = append(all, p)
			}
		}
	}
	return all
}

// tokenLayers keeps the layer normalisations, if there are any, and no more than
// a handful.
func tokenLayers(g *graph.Graph, all []positions) []positions {
	const most = 8
	var chosen []positions
	for _, p := range all {
		if p.tokens && g.Node(p.layer).Op == graph.OpLayerNorm {
			chosen = append(chosen, p)
		}
	}
	if len(chosen) == 0 {
		chosen = all
	}
	return chosen[:min(most, len(chosen))]
}

// lastWithSlope returns the first of the layers at whose grid the scores have a
// slope, tried on a picture of no meaning.
func lastWithSlope(g *graph.Graph, logits graph.ID, layers []positions) (positions, error) {
	b := graph.Extend(g)
	b.ClearOutputs()
	scores := matrix(b, logits)
	seed := make([]float32, b.Shape(scores).Elements())
	for i := range seed {
		seed[i] = float32(1+i%7) / 8 // not all alike: the slope of a softmax's sum is 0
	}
	dy := b.Constant("probe", tensor.Must(tensor.Of(b.Shape(scores), seed)))
	wrt := make([]graph.ID, len(layers))
	for i, p := range layers {
		wrt[i] = p.layer
	}
	names := make([]string, len(layers))
	for i, slope := range b.VJP(scores, dy, wrt...) {
		names[i] = fmt.Sprintf("slope %d", i)
		b.Output(names[i], layers[i].image(b, slope))
	}
	probed, err := b.Build()
	if err != nil {
		return positions{}, fmt.Errorf("heat map: %w", err)
	}
	steep, err := steepness(probed, names)
	if err != nil {
		return positions{}, fmt.Errorf("heat map: %w", err)
	}
	for i, s := range steep {
		if s {
			return layers[i], nil
		}
	}
	return positions{}, ErrNoTargetLayer
}

// steepness runs the graph on a pattern and tells which of the outputs are not 0
// everywhere.
func steepness(g *graph.Graph, names []string) ([]bool, error) {
	plan, err := runtime.Compile(g, runtime.Options{Outputs: names})
	if err != nil {
		return nil, err
	}
	s := plan.NewSession(0)
	defer s.Close()
	image, err := s.Input(model.ImageInput)
	if err != nil {
		return nil, err
	}
	for i := range image.Data {
		image.Data[i] = byte(i*i>>5 + 37*i)
	}
	s.Run()
	steep := make([]bool, len(names))
	for i, name := range names {
		slope, err := s.Output(name)
		if err != nil {
			return nil, err
		}
		for _, v := range tensor.Elements[float32](slope) {
			steep[i] = steep[i] || v != 0
		}
	}
	return steep, nil
}

// findTarget returns the named layer, or the one that TargetLayer chooses.
func findTarget(g *graph.Graph, logits graph.ID, name string) (positions, error) {
	if name == "" {
		return chooseTarget(g, logits)
	}
	id, ok := g.Find(name)
	if !ok {
		return positions{}, fmt.Errorf("there is no layer %q; those that keep positions are: %s", name, lastNames(g, logits))
	}
	p, ok := positionsOf(g, id, gridsOf(g))
	if !g.Ancestors(logits)[id] || !ok {
		return positions{}, fmt.Errorf("layer %q has shape %v: a heat map needs a layer before the class scores with height and width; there are: %s",
			name, g.Node(id).Type.Shape, lastNames(g, logits))
	}
	return p, nil
}

// lastNames lists the last few layers that can be a target.
func lastNames(g *graph.Graph, logits graph.ID) string {
	const most = 8
	var names []string
	for _, p := range layersWithPositions(g, logits) {
		if len(names) == most {
			names = append(names, "…")
			break
		}
		names = append(names, fmt.Sprintf("%q", g.Node(p.layer).Name))
	}
	return strings.Join(names, ", ")
}
