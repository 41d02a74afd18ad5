package quant

import (
	"errors"
	"fmt"
	"iter"

	"megl-edge/gradcam"
	"megl-edge/quant/calibration"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/qdq"
	"megl-edge/runtime/tensor"
)

// Photos are model inputs, uint8 [1 × height × width × 3], one after the other.
// A value is only valid until the next one.
type Photos = iter.Seq2[tensor.Tensor, error]

// Options of Quantize. The zero value is ready to use.
type Options struct {
	Method    calibration.Method // how ranges are chosen; empty is MinMax
	KeepFloat []string           // layers that stay float32, by name
}

// ErrQuantized says that a model is int8 already.
var ErrQuantized = errors.New("the model has int8 layers already; quantize the float model it was made of")

// ErrNoLayers says that a model has nothing to quantize.
var ErrNoLayers = errors.New("the model has no layer with float32 weights")

// ErrNoPhotos says that there is nothing to calibrate on.
var ErrNoPhotos = errors.New("there are no photos to calibrate on")

// Calibration is what calibration photos tell about a float model: the range of
// every activation that becomes int8.
type Calibration struct {
	model  *model.Model
	graph  *graph.Graph // logits only, with constants folded
	ranges map[string]graph.Quantized
	inputs map[string]*channels // of the convolutions, by the name of the activation
	Photos int                  // how many there were
	// WeightBits is the precision of the weights that Quantize makes, 7 or 8; 0 means
	// 8. With 7 bits two products of an activation and a weight add up in 16 bits:
	// processors with AVX2 but without VNNI multiply them a quarter faster.
	WeightBits int
	// Constant names the activations that were 0 on all photos.
	Constant []string
}

// Calibrate runs the model on photos and watches its activations. Memory does
// not grow with their number. Channels are equalized if that brings the int8
// model's logits closer to the float model's, on photos that had no say in it.
func Calibrate(m *model.Model, photos Photos, method calibration.Method) (*Calibration, error) {
	g, err := floatGraph(m)
	if err != nil {
		return nil, err
	}
	plain, err := calibrate(m, g, photos, method)
	if err != nil {
		return nil, err
	}
	trial, rest, err := split(photos)
	if err != nil {
		return nil, err
	}
	even, err := equalizedOn(g, rest)
	if err != nil || even == g {
		return plain, err
	}
	equalized, err := calibrate(m, even, photos, method)
	if err != nil {
		return nil, err
	}
	better, err := closer(equalized, plain, g, trial)
	if err != nil || !better {
		return plain, err
	}
	return equalized, nil
}

// calibrate watches the activations of g, which computes what m does.
func calibrate(m *model.Model, g *graph.Graph, photos Photos, method calibration.Method) (*Calibration, error) {
	c := &Calibration{model: m, graph: g, ranges: map[string]graph.Quantized{}, inputs: map[string]*channels{}}
	watched := targets(g)
	s, err := newWatch(g, watched)
	if err != nil {
		return nil, err
	}
	defer s.close()
	observers := make([]*calibration.Observer, len(watched))
	for i := range observers {
		observers[i] = calibration.NewObserver(method)
	}
	for photo, err := range photos {
		if err != nil {
			return nil, err
		}
		if err := s.run(photo); err != nil {
			return nil, err
		}
		for i, id := range watched {
			n := g.Node(id)
			if err := observers[i].Observe(s.value(i)); err != nil {
				return nil, fmt.Errorf("activation %q: %w", n.Name, err)
			}
			c.inputsOf(n).observe(s.value(i), n.Type.Shape[len(n.Type.Shape)-1])
		}
		c.Photos++
	}
	if c.Photos == 0 {
		return nil, ErrNoPhotos
	}
	for i, id := range watched {
		name := g.Node(id).Name
		c.ranges[name] = observers[i].Quantized()
		if observers[i].Constant() {
			c.Constant = append(c.Constant, name)
		}
	}
	return c, nil
}

func (c *Calibration) weightBits() int {
	if c.WeightBits == 0 {
		return 8
	}
	return c.WeightBits
}

func (c *Calibration) inputsOf(n *graph.Node) *channels {
	if c.inputs[n.Name] == nil {
		c.inputs[n.Name] = &channels{}
	}
	return c.inputs[n.Name]
}

// equalizedOn returns g equalized by what its channels hold on photos.
func equalizedOn(g *graph.Graph, photos Photos) (*graph.Graph, error) {
	var between []graph.ID
	for _, p := range pairs(g) {
		between = append(between, p.between)
	}
	if len(between) == 0 {
		return g, nil
	}
	seen, err := watchChannels(g, between, photos)
	if err != nil {
		return nil, err
	}
	if seen[g.Node(between[0]).Name].count == 0 {
		return nil, ErrNoPhotos
	}
	return equalize(g, seen)
}

// floatGraph returns what computes the logits, folded, or fails on a model that
// cannot be quantized.
func floatGraph(m *model.Model) (*graph.Graph, error) {
	id, ok := m.Graph.Output(model.LogitsOutput)
	if !ok {
		return nil, fmt.Errorf("the model has no output %q", model.LogitsOutput)
	}
	b := graph.Extend(m.Graph)
	b.ClearOutputs()
	b.Output(model.LogitsOutput, id)
	g, err := b.Build()
	if err != nil {
		return nil, err
	}
	if g, err = withoutOther(g); err != nil {
		return nil, err
	}
	for _, n := range g.Nodes() {
		if n.Type.Quant != nil {
			return nil, ErrQuantized
		}
	}
	if g, err = runtime.Fold(g); err != nil {
		return nil, err
	}
	if g, err = graph.Simplify(g); err != nil {
		return nil, err
	}
	if len(Layers(g)) == 0 {
		return nil, ErrNoLayers
	}
	return g, checkWeights(g)
}

// checkWeights fails on a layer whose weights are not all numbers.
func checkWeights(g *graph.Graph) error {
	for _, n := range g.Nodes() {
		if !isLayer(g, n) {
			continue
		}
		for _, w := range tensor.Elements[float32](*g.Node(n.Inputs[1]).Value) {
			if w-w != 0 {
				return fmt.Errorf("layer %q has weights that are not finite numbers: the model is damaged", n.Name)
			}
		}
	}
	return nil
}

// withoutOther drops what the outputs do not need, inputs other than the image
// included.
func withoutOther(g *graph.Graph) (*graph.Graph, error) {
	var roots []graph.ID
	for _, o := range g.Outputs() {
		roots = append(roots, o.Node)
	}
	needed := g.Ancestors(roots...)
	b := graph.NewBuilder()
	nodes := make([]graph.ID, g.Len())
	for id, n := range g.Nodes() {
		if !needed[id] {
			continue
		}
		moved := *n
		moved.Inputs = make([]graph.ID, len(n.Inputs))
		for i, in := range n.Inputs {
			moved.Inputs[i] = nodes[in]
		}
		nodes[id] = b.Copy(&moved)
	}
	for _, o := range g.Outputs() {
		b.Output(o.Name, nodes[o.Node])
	}
	return b.Build()
}

// Layers lists the layers that Quantize makes int8: those with weights, and the
// products of attention. Their names are what Options.KeepFloat takes.
func Layers(g *graph.Graph) []string {
	var names []string
	for _, n := range g.Nodes() {
		if isLayer(g, n) || isProduct(g, n) {
			names = append(names, n.Name)
		}
	}
	return names
}

// Layers lists the layers of the calibrated model.
func (c *Calibration) Layers() []string { return Layers(c.graph) }

// Quantize returns the model with int8 layers, and with its heat map of the same
// layer.
func (c *Calibration) Quantize(keepFloat ...string) (*model.Model, error) {
	known := map[string]bool{}
	for _, name := range c.Layers() {
		known[name] = true
	}
	kept := map[string]bool{}
	for _, name := range keepFloat {
		if !known[name] {
			return nil, fmt.Errorf("there is no layer %q to keep float; `megl-edge inspect` lists the layers", name)
		}
		kept[name] = true
	}
	g, err := c.int8Graph(func(name string) bool { return !kept[name] })
	if err != nil {
		return nil, err
	}
	q := *c.model
	return c.attached(q, g)
}

// attached gives the int8 graph the outputs of a model.
func (c *Calibration) attached(m model.Model, g *graph.Graph) (*model.Model, error) {
	var err error
	m.Metrics = nil // the float model reached them
	if m.TargetLayer == "" {
		m.Confidence = nil
		m.Graph, err = gradcam.AttachScores(g)
		return &m, err
	}
	if m.Graph, m.TargetLayer, err = gradcam.Attach(g, c.target(g)); err != nil {
		return nil, err
	}
	// Where the map is of another layer, the prior may be of other cells.
	id, _ := m.Graph.Output(model.SaliencyOutput)
	if p := m.Prior; p != nil && !m.Graph.Node(id).Type.Shape.Equal(tensor.Shape{1, p.Height, p.Width}) {
		m.Prior = nil
	}
	// Likewise the directions of the classes.
	if layer, ok := m.Graph.Find(m.TargetLayer); ok && m.Confidence.KnowsUnknown() {
		if shape := m.Graph.Node(layer).Type.Shape; shape[len(shape)-1] != m.Confidence.Means.Shape[1] {
			m.Confidence = nil
		}
	}
	if m.Decoder != nil {
		if err := c.attachFeatures(&m); err != nil {
			return nil, err
		}
	}
	return &m, m.Check()
}

// attachFeatures gives the int8 graph what the decoder of sentences reads. Where the
// map is of another layer, what the decoder learned does not fit, and it is left out.
func (c *Calibration) attachFeatures(m *model.Model) error {
	g, err := gradcam.WithFeatures(m.Graph, m.TargetLayer)
	if err != nil {
		return err
	}
	before, _ := c.model.Graph.Output(model.FeaturesOutput)
	after, _ := g.Output(model.FeaturesOutput)
	if !g.Node(after).Type.Shape.Equal(c.model.Graph.Node(before).Type.Shape) {
		m.Decoder, m.Vocabulary = nil, ""
		return nil
	}
	m.Graph = g
	return nil
}

// target returns the name of the float model's target layer in the int8 graph;
// empty, to be found anew, where int8 layers have swallowed it.
func (c *Calibration) target(g *graph.Graph) string {
	for _, name := range []string{c.model.TargetLayer + quantizedSuffix, c.model.TargetLayer} {
		if _, ok := g.Find(name); ok {
			return name
		}
	}
	return ""
}

// int8Graph rounds the layers that the caller chooses, and the activations
// between them.
func (c *Calibration) int8Graph(chosen func(layer string) bool) (*graph.Graph, error) {
	g, err := c.rounded(chosen)
	if err != nil {
		return nil, err
	}
	if g, err = qdq.Fuse(g); err != nil {
		return nil, err
	}
	return c.int8Products(g, chosen)
}
