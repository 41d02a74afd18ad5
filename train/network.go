package train

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"megl-edge/gradcam"
	"megl-edge/quant"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
	"megl-edge/sdtg"
	"megl-edge/sdtg/vocabulary"
)

// Network is a float32 network in training.
type Network struct {
	Labels     []string
	Preprocess vision.Preprocess
	// Target is the layer that heat maps are drawn from; empty where the network
	// has none.
	Target string
	// Height and Width are the cells of a heat map.
	Height, Width int

	graph   *graph.Graph // of one photo: image in, logits out
	weights []Weight     // in the order of the graph
	head    []string     // names of the weights of the last layer
	decoder *sdtg.Shape  // of sentences; nil where the network says nothing
	words   *vocabulary.Vocabulary
	phrases []string // that the sentences name as evidence
}

// Weight is a tensor that training may change.
type Weight struct {
	Name  string
	Value tensor.Tensor // float32, changed in place
	// Decay tells whether it is a filter, and not a bias or a scale.
	Decay bool
	// Frozen weights stay as they are.
	Frozen bool

	statistic bool // of a batch normalisation: no gradient changes it
	decoder   bool // which learns wherever sentences count
}

// Settings of [Prepare].
type Settings struct {
	// Labels are the classes to learn. Where they are not those of the model, the
	// last layer is replaced by one with random weights; none keep it.
	Labels []string
	// Side is the height and width of the photos in pixels; 0 keeps the model's.
	Side int
	// Target is the layer for heat maps; empty keeps the model's.
	Target string
	// TrainBatchNorm keeps batch normalisations, to be trained with the statistics
	// of each batch, and running ones for use.
	TrainBatchNorm bool
	// Vocabulary is what sentences of a new decoder are written in; nil: the model's
	// decoder is kept, if it has one that fits.
	Vocabulary *vocabulary.Vocabulary
	// Phrases are what the sentences name as evidence; see [sdtg.Voice.Say].
	Phrases []string
	// Blind gives the sentences nothing to see; see [sdtg.Shape].
	Blind bool
	Seed  uint64
}

// Prepare makes a model trainable: an int8 one becomes float32, and batch
// normalisations become part of the weights before them, which freezes their
// statistics, unless they are to be trained. The model is not changed and can be closed afterwards.
func Prepare(m *model.Model, s Settings) (*Network, error) {
	n := &Network{Labels: m.Labels, Preprocess: m.Preprocess, Target: m.TargetLayer}
	if s.Target != "" {
		n.Target = s.Target
	}
	g, err := gradcam.Network(m.Graph)
	if err != nil {
		return nil, err
	}
	if s.TrainBatchNorm {
		g, err = ownStatistics(g)
	} else {
		g, err = quant.Dequantize(g)
	}
	if err != nil {
		return nil, err
	}
	if s.Side != 0 {
		if g, err = n.resize(g, s.Side); err != nil {
			return nil, err
		}
	}
	if g, n.head, err = replaceHead(g, s, m.Labels); err != nil {
		return nil, err
	}
	if len(s.Labels) > 0 {
		n.Labels = s.Labels
	}
	if err := n.adopt(g); err != nil {
		return nil, err
	}
	if err := n.findMap(); err != nil {
		return nil, err
	}
	if !s.Blind {
		if err := n.keepDecoder(m); err != nil {
			return nil, err
		}
	}
	switch {
	case s.Vocabulary == nil:
	case n.decoder == nil:
		return n, n.addDecoder(s)
	default:
		n.phrases = append(n.phrases, s.Phrases...)
		slices.Sort(n.phrases)
		n.phrases = slices.Compact(n.phrases)
	}
	return n, nil
}

// resize brings photos to another size; what of a photo is seen stays the same.
func (n *Network) resize(g *graph.Graph, side int) (*graph.Graph, error) {
	p := &n.Preprocess
	if p.Mode == vision.ShorterSide {
		p.Shorter = (p.Shorter*side + p.Height/2) / p.Height
	}
	p.Height, p.Width = side, side
	if err := p.Check(); err != nil {
		return nil, err
	}
	g, err := graph.Resize(g, model.ImageInput, tensor.Shape{1, side, side, 3})
	if err != nil {
		return nil, fmt.Errorf("photos of %d pixels: %w", side, err)
	}
	return g, nil
}

// ErrNoHead says that a network does not end in a layer that can be replaced.
var ErrNoHead = errors.New("the network does not end in a linear layer or a 1×1 convolution, which other classes could replace")

// findHead returns the last layer of weights before the logits.
func findHead(g *graph.Graph) (graph.ID, error) {
	id, _ := g.Output(model.LogitsOutput)
	for {
		n := g.Node(id)
		switch n.Op {
		case graph.OpReshape:
			id = n.Inputs[0]
		case graph.OpLinear:
			return id, nil
		case graph.OpConv:
			if s := g.Node(n.Inputs[1]).Type.Shape; s[1] == 1 && s[2] == 1 && n.Type.Shape[1] == 1 && n.Type.Shape[2] == 1 {
				return id, nil
			}
			return graph.None, ErrNoHead
		default:
			return graph.None, ErrNoHead
		}
	}
}

// replaceHead returns the network with a last layer for other classes, and the
// names of that layer's weights.
func replaceHead(g *graph.Graph, s Settings, labels []string) (*graph.Graph, []string, error) {
	keep := len(s.Labels) == 0 || slices.Equal(s.Labels, labels)
	head, err := findHead(g)
	if err != nil {
		if keep {
			return g, nil, nil
		}
		return nil, nil, err
	}
	if keep {
		var names []string
		for _, in := range g.Node(head).Inputs[1:] {
			names = append(names, g.Node(in).Name)
		}
		return g, names, nil
	}
	filter := g.Node(g.Node(head).Inputs[1])
	replaced, err := graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		switch id, _ := g.Find(n.Name); {
		case id == head:
			return newHead(b, n, filter.Type.Shape, s)
		case id > head && n.Op == graph.OpReshape && b.Node(n.Inputs[0]).Name == g.Node(head).Name:
			return n.Inputs[0] // of so many elements no more
		}
		return graph.None
	})
	if err != nil {
		return nil, nil, err
	}
	b := graph.Extend(replaced)
	id, _ := replaced.Output(model.LogitsOutput)
	b.Output(model.LogitsOutput, b.Reshape(id, tensor.Shape{1, len(s.Labels)}))
	if replaced, err = b.Build(); err != nil {
		return nil, nil, err
	}
	replaced, err = graph.Simplify(replaced)
	return replaced, []string{"head/weights", "head/bias"}, err
}

// newHead appends the layer n for as many classes as there are labels. Its
// weights are uniform between ±1/√k, with k values that go in.
func newHead(b *graph.Builder, n *graph.Node, filter tensor.Shape, s Settings) graph.ID {
	shape := filter.Clone()
	shape[0] = len(s.Labels)
	weights := make([]float32, shape.Elements())
	random := rand.NewPCG(s.Seed, 0x68656164)
	bound := float32(1 / math.Sqrt(float64(len(weights)/shape[0]))) // both exactly rounded
	for i := range weights {
		weights[i] = bound * (float32(random.Uint64()>>40)/(1<<23) - 1)
	}
	return b.Apply(n.Op, n.Name, n.Attr, n.Inputs[0],
		b.Constant("head/weights", tensor.Must(tensor.Of(shape, weights))),
		b.Constant("head/bias", tensor.Zeros(tensor.Type{DType: tensor.Float32, Shape: tensor.Shape{shape[0]}})))
}

// adopt copies the constants of the network. Its weights are those of float32 that
// have more than one element.
func (n *Network) adopt(g *graph.Graph) error {
	owned, err := graph.Rewrite(g, func(b *graph.Builder, node *graph.Node) graph.ID {
		if node.Op != graph.OpConstant {
			return graph.None
		}
		value := node.Value.Clone()
		if node.Type.DType == tensor.Float32 && node.Type.Shape.Elements() >= 2 {
			n.weights = append(n.weights, Weight{Name: node.Name, Value: value, Decay: len(node.Type.Shape) > 1})
		}
		return b.Constant(node.Name, value)
	})
	n.graph = owned
	if err == nil {
		n.markStatistics()
	}
	if err == nil && len(n.weights) == 0 {
		err = errors.New("the network has no weights")
	}
	return err
}

// findMap chooses the layer of the heat map and notes its size.
func (n *Network) findMap() error {
	explained, target, err := gradcam.Attach(n.graph, n.Target)
	if errors.Is(err, gradcam.ErrNoTargetLayer) && n.Target == "" {
		return nil
	}
	if err != nil {
		return err
	}
	id, _ := explained.Output(model.SaliencyOutput)
	shape := explained.Node(id).Type.Shape
	n.Target, n.Height, n.Width = target, shape[1], shape[2]
	return nil
}

// Weights returns all weights, which share the network's memory.
func (n *Network) Weights() []Weight { return n.weights }

// Model returns a model with copies of the weights as they are.
func (n *Network) Model() (*model.Model, error) {
	values := map[string]tensor.Tensor{}
	for _, w := range n.weights {
		values[w.Name] = w.Value
	}
	g, err := graph.Rewrite(n.graph, func(b *graph.Builder, node *graph.Node) graph.ID {
		value, ok := values[node.Name]
		if !ok || node.Op != graph.OpConstant {
			return graph.None
		}
		return b.Constant(node.Name, value.Clone())
	})
	if err != nil {
		return nil, err
	}
	m := &model.Model{Labels: n.Labels, Preprocess: n.Preprocess, TargetLayer: n.Target}
	if n.Target == "" {
		m.Graph, err = gradcam.AttachScores(g)
	} else {
		m.Graph, _, err = gradcam.Attach(g, n.Target)
	}
	if err == nil && n.decoder != nil {
		err = n.giveDecoder(m)
	}
	return m, err
}
