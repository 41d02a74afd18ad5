package train

import (
	"errors"
	"fmt"
	"math"

	"megl-edge/gradcam"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/train/loss"
	"megl-edge/train/optim"
)

// Batch is what a step sees of a number of photos. Weights are shares: those of
// all photos of a step add up to 1 where nothing is missing.
type Batch struct {
	Images []uint8   // [N × height × width × 3]
	Target []float32 // [N × classes], distributions times the weight of the label
	Class  []int32   // [N], what the heat maps explain; −1 for the most likely class

	Mask       []float32 // [N × map height × map width] in [0,1]
	MaskWeight []float32 // [N]
	Prior      []float32 // [N × map height × map width], distributions
	PriorShare []float32 // [N]

	Told        []int32   // [N]: the class that the decoder is told, or the number of classes for none
	Tokens      []int32   // [N × length]: the sentences, whatever behind their ends
	TokenWeight []float32 // [N × length]: 0 behind the end, and without a sentence

	// Missing marks photos that only fill the batch: batch normalisations do not see
	// them. Nil: there are none.
	Missing []bool // [N]
}

// Terms are the loss of a step and its parts, before λ.
type Terms struct {
	Total, Prediction, Visual, Consistency, Textual float32
}

// StepOptions of [NewStepper].
type StepOptions struct {
	Batch  int // photos that are computed at once
	Losses loss.Losses
	// ConstantWeights keeps the gradient of the heat map from passing through the
	// weights of its channels.
	ConstantWeights bool
	// ThroughFeatures lets the gradient of sentences pass through what the decoder
	// sees of the target layer, too. Otherwise it reaches the classifier through the
	// heat map alone, as in the paper, whose encoder of the salient parts is frozen.
	ThroughFeatures bool
	Threads         int // 0: as many as Go uses processors
	MemoryLimit     int // bytes; 0: 2 GiB
}

const defaultTrainingMemory = min(2<<30, math.MaxInt)

// Stepper computes the loss and its gradient for a batch. It is used by one
// goroutine at a time. [Stepper.Close] ends its threads.
type Stepper struct {
	Parameters []optim.Parameter // the weights in training; Value is what the next step reads
	Statistics []Statistic       // of batch normalisations in training

	options   StepOptions
	session   *runtime.Session
	photos    int // that the batch last fed has
	collected int // photos in the sums of the statistics
}

// gradientOutput names the gradient of a weight.
func gradientOutput(weight string) string { return "gradient of " + weight }

// NewStepper compiles one step of training. Weights that are frozen are constants
// of it. Close ends its threads; [Stepper.Store] brings the trained weights back to
// the network.
func NewStepper(n *Network, o StepOptions) (*Stepper, error) {
	if o.Batch < 1 {
		return nil, fmt.Errorf("a batch of %d photos, want at least 1", o.Batch)
	}
	if o.Losses.Explains() && n.Target == "" {
		return nil, gradcam.ErrNoTargetLayer
	}
	if o.Losses.Speaks() && n.decoder == nil {
		return nil, errors.New("sentences count in the loss, and the network has no decoder")
	}
	g, names, statistics, err := n.stepGraph(o)
	if err != nil {
		return nil, err
	}
	limit := o.MemoryLimit
	if limit == 0 {
		limit = defaultTrainingMemory
	}
	plan, err := runtime.Compile(g, runtime.Options{MemoryLimit: limit})
	if err != nil {
		return nil, err
	}
	s := &Stepper{options: o, session: plan.NewSession(o.Threads), Statistics: statistics}
	if err := errors.Join(s.bind(n, names), s.bindStatistics(s.session)); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// stepGraph returns the graph of a step, the names of the weights in training, and
// the statistics that follow them.
func (n *Network) stepGraph(o StepOptions) (*graph.Graph, []string, []Statistic, error) {
	shape := tensor.Shape{o.Batch, n.Preprocess.Height, n.Preprocess.Width, 3}
	many, err := graph.Resize(n.graph, model.ImageInput, shape)
	if err != nil {
		return nil, nil, nil, err
	}
	trained := map[string]bool{}
	for _, w := range n.weights {
		trained[w.Name] = !w.Frozen
	}
	if many, err = graph.Rewrite(many, func(b *graph.Builder, node *graph.Node) graph.ID {
		if node.Op == graph.OpConstant && trained[node.Name] {
			return b.Input(node.Name, node.Type)
		}
		return graph.None
	}); err != nil {
		return nil, nil, nil, err
	}
	many, statistics, err := normaliseByBatch(many)
	if err != nil {
		return nil, nil, nil, err
	}
	b := graph.Extend(many)
	logits, _ := many.Output(model.LogitsOutput)
	b.ClearOutputs()
	for _, at := range statistics {
		id, _ := b.Find(at.node)
		b.Output(at.node, id)
	}
	b.Output(model.LogitsOutput, logits)
	total, err := o.Losses.Build(b, logits, loss.Explainer{
		Draw: func(class graph.ID) (graph.ID, error) {
			saliency, err := gradcam.Saliency(b, many, logits, n.Target, class, o.ConstantWeights)
			b.Output(model.SaliencyOutput, saliency)
			return saliency, err
		},
		Say: func(told, saliency, tokens graph.ID) (graph.ID, error) {
			return n.say(b, many, logits, told, saliency, tokens, o.ThroughFeatures)
		},
		Length: n.SentenceLength(),
	})
	if err != nil {
		return nil, nil, nil, err
	}
	names := n.trainedNames(o.Losses.Speaks())
	if _, ok := o.Losses.LearnedBlur(); ok {
		names = append(names, loss.LearnedBlurFilter)
	}
	if len(names) == 0 {
		return nil, nil, nil, errors.New("every weight is frozen: there is nothing to train")
	}
	wrt := make([]graph.ID, len(names))
	for i, name := range names {
		wrt[i], _ = b.Find(name)
	}
	for i, gradient := range b.Grad(total, wrt...) {
		b.Output(gradientOutput(names[i]), gradient)
	}
	g, err := b.Build()
	if err != nil {
		return nil, nil, nil, err
	}
	g, err = graph.Simplify(g)
	return g, names, statistics, err
}

// trainedNames returns the weights that a step changes; those of a decoder only if it
// speaks.
func (n *Network) trainedNames(speaks bool) []string {
	var names []string
	for _, w := range n.weights {
		if !w.Frozen && (speaks || !w.decoder) {
			names = append(names, w.Name)
		}
	}
	return names
}

// bind finds the memory of weights and gradients, and fills in the weights.
func (s *Stepper) bind(n *Network, names []string) error {
	byName := map[string]Weight{}
	for _, w := range n.weights {
		byName[w.Name] = w
	}
	for _, name := range names {
		value, err := s.session.Input(name)
		if err != nil {
			return err
		}
		gradient, err := s.session.Output(gradientOutput(name))
		if err != nil {
			return err
		}
		p := optim.Parameter{Name: name, Value: tensor.Elements[float32](value), Gradient: tensor.Elements[float32](gradient)}
		if w, ok := byName[name]; ok {
			p.Decay = w.Decay
			copy(value.Data, w.Value.Data)
		} else {
			start, _ := s.options.Losses.LearnedBlur()
			copy(p.Value, start)
		}
		s.Parameters = append(s.Parameters, p)
	}
	return nil
}

// Run computes the loss of a batch and the gradients of the parameters.
func (s *Stepper) Run(batch Batch) (Terms, error) {
	if err := s.feed(batch); err != nil {
		return Terms{}, err
	}
	s.session.Run()
	s.collect(s.photos)
	var t Terms
	for name, to := range map[string]*float32{
		loss.TotalOutput: &t.Total, loss.PredictionOutput: &t.Prediction,
		loss.VisualOutput: &t.Visual, loss.ConsistencyOutput: &t.Consistency, loss.TextualOutput: &t.Textual,
	} {
		if value, err := s.session.Output(name); err == nil {
			*to = tensor.Elements[float32](value)[0]
		}
	}
	return t, nil
}

// FirstNotFinite returns the name of the first value of the step's graph that a
// batch makes a NaN or an infinity, empty where it makes none.
func (s *Stepper) FirstNotFinite(batch Batch) (string, error) {
	if err := s.feed(batch); err != nil {
		return "", err
	}
	return s.session.FirstNotFinite(), nil
}

func (s *Stepper) feed(batch Batch) error {
	image, err := s.session.Input(model.ImageInput)
	if err != nil {
		return err
	}
	if copy(image.Data, batch.Images) != len(image.Data) || len(batch.Images) != len(image.Data) {
		return fmt.Errorf("a batch of %d bytes of images, want %d", len(batch.Images), len(image.Data))
	}
	floats := map[string][]float32{loss.TargetInput: batch.Target}
	if len(s.Statistics) > 0 {
		floats[presentInput], s.photos = present(batch, s.options.Batch)
	}
	integers := map[string][]int32{}
	losses := &s.options.Losses
	if losses.Explains() {
		integers[loss.ClassInput] = batch.Class
	}
	if losses.Compares() {
		floats[loss.MaskInput], floats[loss.MaskWeightInput] = batch.Mask, batch.MaskWeight
	}
	if losses.Compares() && losses.Consistency {
		floats[loss.PriorInput], floats[loss.ConsistencyInput] = batch.Prior, batch.PriorShare
	}
	if losses.Speaks() {
		integers[loss.ToldInput] = batch.Told
		integers[loss.TokensInput], floats[loss.TokenWeightInput] = batch.Tokens, batch.TokenWeight
	}
	return errors.Join(feedAll(s.session, floats), feedAll(s.session, integers))
}

func feedAll[T float32 | int32](session *runtime.Session, inputs map[string][]T) error {
	for name, values := range inputs {
		to, err := session.Input(name)
		if err != nil {
			return err
		}
		if want := to.Shape.Elements(); len(values) != want {
			return fmt.Errorf("%s has %d values, want %d", name, len(values), want)
		}
		copy(tensor.Elements[T](to), values)
	}
	return nil
}

// Store copies the trained weights to the network.
func (s *Stepper) Store(n *Network) {
	for _, p := range s.Parameters {
		for _, w := range n.weights {
			if w.Name == p.Name {
				copy(tensor.Elements[float32](w.Value), p.Value)
			}
		}
	}
	for _, at := range s.Statistics {
		for _, w := range n.weights {
			if w.Name == at.Name {
				copy(tensor.Elements[float32](w.Value), at.Value)
			}
		}
	}
}

// Close ends the threads.
func (s *Stepper) Close() { s.session.Close() }
