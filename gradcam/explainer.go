package gradcam

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"megl-edge/gradcam/render"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// Automatic asks for the explanation of the most likely class.
const Automatic = -1

// ErrNotFinite says that a network's scores are not numbers: a sum overflowed, or
// the weights are wrong.
var ErrNotFinite = errors.New("the scores are not finite numbers: the weights of the model are damaged, or its pixels are normalised wrongly")

// Explainer classifies photos with one model and says where it looked. It is
// used by one goroutine at a time.
type Explainer struct {
	model   *model.Model
	plan    *runtime.Plan
	session *runtime.Session
	maps    bool
}

// Options of NewExplainer.
type Options struct {
	Threads int // 0: as many as Go uses processors
	// LowMemory is that of [runtime.Options].
	LowMemory bool
	NoMap     bool   // classify only: leave the heat map out of the computation
	Method    Method // how the heat map is drawn; empty: as when the model was made
	// Contrast draws what speaks for a class rather than for another; see
	// [Explainer.Compare]. Method counts nothing then.
	Contrast bool
	// Pooled also gives the means of the target layer over positions.
	Pooled bool
}

// NewExplainer prepares a model. It fails with [ErrNoTargetLayer] on a model
// without a heat map unless maps are left out. [Explainer.Close] ends its
// threads; the model stays open.
func NewExplainer(m *model.Model, opt Options) (*Explainer, error) {
	outputs := []string{model.LogitsOutput, model.ProbabilitiesOutput}
	g := m.Graph
	var err error
	if !opt.NoMap {
		outputs = append(outputs, model.ClassOutput, model.SaliencyOutput)
		if g, err = withMap(m, opt); err != nil {
			return nil, err
		}
		if _, ok := g.Output(model.FeaturesOutput); ok {
			outputs = append(outputs, model.FeaturesOutput)
		}
	}
	if g, err = withConfidence(g, m); err != nil {
		return nil, err
	}
	if _, ok := g.Output(unknownOutput); ok {
		outputs = append(outputs, unknownOutput)
	}
	if opt.Pooled {
		if g, err = withPooled(g, m); err != nil {
			return nil, err
		}
		outputs = append(outputs, pooledOutput)
	}
	plan, err := runtime.Compile(g, runtime.Options{Outputs: outputs, LowMemory: opt.LowMemory, Packed: m.Drop})
	if err != nil {
		return nil, err
	}
	return &Explainer{m, plan, plan.NewSession(opt.Threads), !opt.NoMap}, nil
}

// withMap returns the model's graph with the heat map that is asked for.
func withMap(m *model.Model, opt Options) (*graph.Graph, error) {
	switch {
	case m.TargetLayer == "":
		return nil, ErrNoTargetLayer
	case opt.Contrast:
		return Contrast(m)
	case opt.Method == "":
		return m.Graph, nil
	}
	return Reattach(m, opt.Method)
}

// Close ends the explainer's threads.
func (e *Explainer) Close() { e.session.Close() }

// Explanation is what a model says of one photo.
type Explanation struct {
	Logits        []float32 // of every class
	Probabilities []float32 // of every class
	Class         int       // that the map explains
	// Map is where evidence for the class was seen, within Region; zero
	// everywhere where there was none. By a method that knows no class
	// ([Method.OfClass]) it is where anything was seen.
	Map render.Map
	// Features is what the decoder of a model that speaks sees, [Map.Height × Map.Width ×
	// channels]; nil of others.
	Features []float32
	// Unknown tells how unlike all classes the photo is; nil where the model does not
	// know.
	Unknown *Unknown
	Pooled  []float32  // means of the target layer over positions, if asked for
	Region  vision.Box // the part of the photo that the model saw, in pixels
}

// Unknown is how far a photo is from all classes of a model.
type Unknown struct {
	Score     float32 // the greater the further: 0 to 2
	Threshold float32 // beyond which no class fits
}

// Beyond tells whether no class fits.
func (u *Unknown) Beyond() bool { return u != nil && u.Score > u.Threshold }

// Evidence tells whether anything in the photo speaks for the class.
func (x *Explanation) Evidence() bool {
	return slices.ContainsFunc(x.Map.Values, func(v float32) bool { return v > 0 })
}

// Explain runs the model on an upright photo. class is the one to explain, or
// [Automatic]; it does not matter where maps are left out.
func (e *Explainer) Explain(photo *vision.Image, class int) (*Explanation, error) {
	pixels, err := e.model.Preprocess.Apply(photo)
	if err != nil {
		return nil, err
	}
	x, err := e.ExplainInput(pixels.Pix, class)
	if err == nil {
		x.Region = e.model.Preprocess.Region(photo.Width, photo.Height)
	}
	return x, err
}

// Compare is [Explainer.Explain] of an explainer made for contrast: the map shows what
// speaks for a class rather than for rival.
func (e *Explainer) Compare(photo *vision.Image, class, rival int) (*Explanation, error) {
	if rival < 0 || rival >= len(e.model.Labels) {
		return nil, fmt.Errorf("class %d of %d", rival, len(e.model.Labels))
	}
	other, err := e.session.Input(RivalInput)
	if err != nil {
		return nil, err
	}
	tensor.Elements[int32](other)[0] = int32(rival)
	return e.Explain(photo, class)
}

// ExplainInput is [Explainer.Explain] for what the model is to see, RGB [height ×
// width × 3] of its input's size; the region of the result is left out.
func (e *Explainer) ExplainInput(pixels []uint8, class int) (*Explanation, error) {
	if err := e.prepare(pixels, class); err != nil {
		return nil, err
	}
	e.session.Run()
	return e.read()
}

func (e *Explainer) prepare(pixels []uint8, class int) error {
	if class != Automatic && (class < 0 || class >= len(e.model.Labels)) {
		return fmt.Errorf("class %d of %d", class, len(e.model.Labels))
	}
	image, err := e.session.Input(model.ImageInput)
	if err != nil {
		return err
	}
	if len(pixels) != len(image.Data) {
		return fmt.Errorf("%d bytes of pixels, the model takes %d", len(pixels), len(image.Data))
	}
	copy(image.Data, pixels)
	if !e.maps {
		return nil
	}
	asked, err := e.session.Input(model.ClassInput)
	if err != nil {
		return err
	}
	tensor.Elements[int32](asked)[0] = int32(class)
	return nil
}

func (e *Explainer) read() (*Explanation, error) {
	logits, err := e.session.Output(model.LogitsOutput)
	if err != nil {
		return nil, err
	}
	if slices.ContainsFunc(tensor.Elements[float32](logits), notFinite) {
		return nil, ErrNotFinite
	}
	probabilities, err := e.session.Output(model.ProbabilitiesOutput)
	if err != nil {
		return nil, err
	}
	x := &Explanation{Logits: slices.Clone(tensor.Elements[float32](logits)), Probabilities: slices.Clone(tensor.Elements[float32](probabilities))}
	if score, err := e.session.Output(unknownOutput); err == nil {
		x.Unknown = &Unknown{tensor.Elements[float32](score)[0], e.model.Confidence.Threshold}
	}
	if pooled, err := e.session.Output(pooledOutput); err == nil {
		x.Pooled = slices.Clone(tensor.Elements[float32](pooled))
	}
	if !e.maps {
		return x, nil
	}
	class, err := e.session.Output(model.ClassOutput)
	if err != nil {
		return nil, err
	}
	saliency, err := e.session.Output(model.SaliencyOutput)
	if err != nil {
		return nil, err
	}
	x.Class = int(tensor.Elements[int32](class)[0])
	if x.Class < 0 || x.Class >= len(e.model.Labels) {
		return nil, fmt.Errorf("the model explains class %d of %d: its graph is wrong", x.Class, len(e.model.Labels))
	}
	if features, err := e.session.Output(model.FeaturesOutput); err == nil {
		x.Features = slices.Clone(tensor.Elements[float32](features))
	}
	shape := saliency.Shape
	x.Map = render.Map{Height: shape[1], Width: shape[2], Values: slices.Clone(tensor.Elements[float32](saliency))}
	return x, x.Map.Check()
}

func notFinite(v float32) bool { return v-v != 0 }

// Top returns the indices of the k most likely classes, most likely first; of
// equal ones the smaller index first.
func (x *Explanation) Top(k int) []int {
	order := make([]int, len(x.Probabilities))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(x.Probabilities[b], x.Probabilities[a]) })
	return order[:min(k, len(order))]
}

// Threads returns the number of threads that the explainer computes with.
func (e *Explainer) Threads() int { return e.session.Threads() }
