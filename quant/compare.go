package quant

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"time"

	"megl-edge/gradcam"
	"megl-edge/gradcam/mapmetric"
	"megl-edge/gradcam/render"
	"megl-edge/kernels"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// Photo is a model input that is held in memory, and what to call it.
type Photo struct {
	Name  string
	Input tensor.Tensor // uint8 [1 × height × width × 3]
}

// answer is what a model says of one photo.
type answer struct {
	logits []float32
	class  int
	score  float32    // probability of the class
	heat   render.Map // empty without a map
}

// ask runs a model on photos.
func ask(m *model.Model, photos []Photo) ([]answer, error) {
	outputs := []string{model.LogitsOutput, model.ProbabilitiesOutput}
	if m.TargetLayer != "" {
		outputs = append(outputs, model.SaliencyOutput)
	}
	plan, err := runtime.Compile(m.Graph, runtime.Options{Outputs: outputs})
	if err != nil {
		return nil, err
	}
	s := plan.NewSession(0)
	defer s.Close()
	image, err := s.Input(model.ImageInput)
	if err != nil {
		return nil, err
	}
	if m.TargetLayer != "" {
		class, err := s.Input(model.ClassInput)
		if err != nil {
			return nil, err
		}
		tensor.Elements[int32](class)[0] = gradcam.Automatic
	}
	answers := make([]answer, len(photos))
	for i, photo := range photos {
		copy(image.Data, photo.Input.Data)
		s.Run()
		if answers[i], err = readAnswer(s, m.TargetLayer != ""); err != nil {
			return nil, err
		}
	}
	return answers, nil
}

func readAnswer(s *runtime.Session, mapped bool) (answer, error) {
	logits, err := s.Output(model.LogitsOutput)
	if err != nil {
		return answer{}, err
	}
	probabilities, err := s.Output(model.ProbabilitiesOutput)
	if err != nil {
		return answer{}, err
	}
	a := answer{logits: slices.Clone(tensor.Elements[float32](logits))}
	a.class = mostLikely(a.logits)
	a.score = tensor.Elements[float32](probabilities)[a.class]
	if !mapped {
		return a, nil
	}
	heat, err := s.Output(model.SaliencyOutput)
	if err != nil {
		return answer{}, err
	}
	a.heat = render.Map{Height: heat.Shape[1], Width: heat.Shape[2], Values: slices.Clone(tensor.Elements[float32](heat))}
	return a, nil
}

// mostLikely returns the index of the greatest logit, the first of equal ones.
func mostLikely(logits []float32) int {
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	return best
}

// Compare fills in a report on the int8 model q, from photos that were not used
// for calibration. Layer by layer it quantizes each one alone and counts what
// that changes, on the first few photos.
func (c *Calibration) Compare(q *model.Model, photos []Photo, keptFloat []string, progress func(done, all int)) (*Report, error) {
	if len(photos) == 0 {
		return nil, fmt.Errorf("there is no photo to compare the models on")
	}
	before, err := ask(c.model, photos)
	if err != nil {
		return nil, err
	}
	after, err := ask(q, photos)
	if err != nil {
		return nil, err
	}
	r := &Report{Calibration: c.Photos, Photos: len(photos)}
	if err := r.compareAnswers(before, after); err != nil {
		return nil, err
	}
	if r.Examples, err = c.examples(photos, before, after); err != nil {
		return nil, err
	}
	if r.MillisecondsBefore, r.MillisecondsAfter, r.Threads, err = c.race(q, photos[0]); err != nil {
		return nil, err
	}
	if r.Layers, err = c.compareLayers(q, photos, before, keptFloat, progress); err != nil {
		return nil, err
	}
	r.Advice = advice(r)
	return r, nil
}

func (r *Report) compareAnswers(before, after []answer) error {
	var correlations, unions []float64
	for i := range before {
		if before[i].class == after[i].class {
			r.Agreement++
		}
		r.LogitsCosine += cosine(before[i].logits, after[i].logits)
		if before[i].heat.Values == nil || after[i].heat.Values == nil || len(before[i].heat.Values) != len(after[i].heat.Values) {
			continue
		}
		correlation, err := mapmetric.Spearman(before[i].heat, after[i].heat)
		if err != nil {
			return fmt.Errorf("heat maps: %w", err)
		}
		correlations = append(correlations, correlation)
		unions = append(unions, mapUnion(before[i].heat, after[i].heat))
	}
	n := float64(len(before))
	r.Agreement /= n
	r.LogitsCosine /= n
	if len(unions) > 0 {
		r.HasMaps = true
		for _, v := range correlations {
			r.MapCorrelation += v / float64(len(correlations))
		}
		r.MapIoU = median(unions)
	}
	return nil
}

// mapUnion is the intersection over union of the positions where either map
// reaches half of its maximum.
func mapUnion(a, b render.Map) float64 {
	half := func(m render.Map) float32 { return slices.Max(m.Values) / 2 }
	ha, hb := half(a), half(b)
	both, either := 0, 0
	for i := range a.Values {
		inA, inB := a.Values[i] > 0 && a.Values[i] >= ha, b.Values[i] > 0 && b.Values[i] >= hb
		if inA && inB {
			both++
		}
		if inA || inB {
			either++
		}
	}
	if either == 0 {
		return 1 // neither shows anything
	}
	return float64(both) / float64(either)
}

func cosine(a, b []float32) float64 {
	var ab, aa, bb float64
	for i := range a {
		x, y := float64(a[i]), float64(b[i])
		ab += float64(x * y)
		aa += float64(x * x)
		bb += float64(y * y)
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return ab / math.Sqrt(float64(aa*bb))
}

// noise returns the energy of a, and that of what b differs from it.
func noise(a, b []float32) (signal, error float64) {
	for i := range a {
		d := float64(a[i]) - float64(b[i])
		signal += float64(float64(a[i]) * float64(a[i]))
		error += float64(d * d)
	}
	return signal, error
}

// exact is the signal-to-noise ratio, in decibels, of values without noise.
const exact = 200

func decibels(signal, error float64) float64 {
	switch {
	case error == 0:
		return exact
	case signal == 0:
		return -exact
	}
	return min(max(10*kernels.Log64(signal/error)/math.Ln10, -exact), exact)
}

func median(values []float64) float64 {
	sorted := slices.Clone(values)
	slices.Sort(sorted)
	return sorted[len(sorted)/2]
}

// race measures both models in turns on one photo.
func (c *Calibration) race(q *model.Model, photo Photo) (before, after float64, threads int, err error) {
	const rounds = 15
	var sessions [2]*runtime.Session
	for i, m := range []*model.Model{c.model, q} {
		plan, err := runtime.Compile(m.Graph, runtime.Options{Outputs: []string{model.LogitsOutput}})
		if err != nil {
			return 0, 0, 0, err
		}
		sessions[i] = plan.NewSession(0)
		defer sessions[i].Close()
		image, err := sessions[i].Input(model.ImageInput)
		if err != nil {
			return 0, 0, 0, err
		}
		copy(image.Data, photo.Input.Data)
		sessions[i].Run()
	}
	var times [2][]float64
	for range rounds {
		for i, s := range sessions {
			start := time.Now()
			s.Run()
			times[i] = append(times[i], float64(time.Since(start).Microseconds())/1000)
		}
	}
	return median(times[0]), median(times[1]), sessions[0].Threads(), nil
}

// rankingPhotos is on how many photos layers are tried alone.
const rankingPhotos = 8

// compareLayers tries every layer alone, and measures its noise in the whole int8
// model.
func (c *Calibration) compareLayers(q *model.Model, photos []Photo, before []answer, keptFloat []string, progress func(done, all int)) ([]LayerReport, error) {
	photos = photos[:min(rankingPhotos, len(photos))]
	names := c.Layers()
	layers := make([]LayerReport, len(names))
	for i, name := range names {
		id, _ := c.graph.Find(name)
		layers[i] = LayerReport{Name: name, Op: string(c.graph.Node(id).Op), Float: slices.Contains(keptFloat, name)}
		if err := c.tryAlone(&layers[i], photos, before); err != nil {
			return nil, fmt.Errorf("layer %q alone: %w", name, err)
		}
		if progress != nil {
			progress(i+1, len(names))
		}
	}
	if err := c.measureNoise(q.Graph, layers, photos); err != nil {
		return nil, err
	}
	slices.SortStableFunc(layers, func(a, b LayerReport) int {
		return cmp.Or(cmp.Compare(b.Loss, a.Loss), cmp.Compare(b.LogitsError, a.LogitsError))
	})
	return layers, nil
}

// tryAlone runs the float model with one layer rounded.
func (c *Calibration) tryAlone(l *LayerReport, photos []Photo, before []answer) error {
	g, err := c.alone(l.Name)
	if err != nil {
		return err
	}
	id, _ := g.Output(model.LogitsOutput)
	w, err := newWatch(g, []graph.ID{id})
	if err != nil {
		return err
	}
	defer w.close()
	var signal, error float64
	for i, photo := range photos {
		if err := w.run(photo.Input); err != nil {
			return err
		}
		logits := w.value(0)
		if mostLikely(logits) != before[i].class {
			l.Loss += 1 / float64(len(photos))
		}
		s, e := noise(before[i].logits, logits)
		signal, error = signal+s, error+e
	}
	if signal > 0 {
		l.LogitsError = math.Sqrt(error / signal)
	}
	return nil
}

// measureNoise compares the results of all layers in both models.
func (c *Calibration) measureNoise(int8 *graph.Graph, layers []LayerReport, photos []Photo) error {
	var float, rounded []graph.ID
	var of []int
	for i, l := range layers {
		id, _ := c.graph.Find(l.Name)
		in, ok := int8.Find(l.Name)
		if !ok {
			continue
		}
		float, rounded, of = append(float, c.result(id)), append(rounded, in), append(of, i)
	}
	a, err := newWatch(c.graph, float)
	if err != nil {
		return err
	}
	defer a.close()
	b, err := newWatch(int8, rounded)
	if err != nil {
		return err
	}
	defer b.close()
	signals, errors, products, squares := make([]float64, len(of)), make([]float64, len(of)), make([]float64, len(of)), make([]float64, len(of))
	for _, photo := range photos {
		if err := a.run(photo.Input); err != nil {
			return err
		}
		if err := b.run(photo.Input); err != nil {
			return err
		}
		for k := range of {
			x, y := a.value(k), b.value(k)
			if len(x) != len(y) {
				continue
			}
			s, e := noise(x, y)
			signals[k], errors[k] = signals[k]+s, errors[k]+e
			for i := range x {
				products[k] += float64(x[i]) * float64(y[i])
				squares[k] += float64(y[i]) * float64(y[i])
			}
		}
	}
	for k, i := range of {
		layers[i].SignalToNoise = decibels(signals[k], errors[k])
		if signals[k] > 0 && squares[k] > 0 {
			layers[i].Cosine = products[k] / math.Sqrt(signals[k]*squares[k])
		}
	}
	return nil
}

// result returns the node that holds what a layer computes with its activation.
func (c *Calibration) result(id graph.ID) graph.ID {
	var readers []graph.ID
	for reader, n := range c.graph.Nodes() {
		if slices.Contains(n.Inputs, id) {
			readers = append(readers, reader)
		}
	}
	if limitedLater(c.graph, readers) {
		return readers[0]
	}
	return id
}

// advice says in one sentence what to do.
func advice(r *Report) string {
	var worst *LayerReport
	for i := range r.Layers {
		if !r.Layers[i].Float {
			worst = &r.Layers[i]
			break
		}
	}
	switch {
	case r.Agreement >= 0.99 && (!r.HasMaps || r.MapIoU >= 0.85):
		return fmt.Sprintf("Use it: the int8 model gives the same class on %.0f %% of the photos%s.", 100*r.Agreement, mapsHold(r))
	case worst != nil && worst.Loss > 0:
		return fmt.Sprintf("Keep layer %s float with --keep-float: rounded alone it changes the class of %.0f %% of the photos; the whole int8 model agrees on %.0f %%.", worst.Name, 100*worst.Loss, 100*r.Agreement)
	case worst != nil && r.Agreement < 0.97:
		return fmt.Sprintf("No single layer is to blame (the worst, %s, moves the logits by %.1f %%): calibrate on more photos, try another --method, or let --auto choose layers to keep float.", worst.Name, 100*worst.LogitsError)
	case r.HasMaps && r.MapIoU < 0.85:
		return fmt.Sprintf("The answers hold (%.0f %% agree), the heat maps less (median overlap %.2f): look at the examples before you trust the maps.", 100*r.Agreement, r.MapIoU)
	}
	return fmt.Sprintf("Usable: the int8 model gives the same class on %.0f %% of the photos; --auto --agreement 0.99 keeps the layers float that cost most.", 100*r.Agreement)
}

func mapsHold(r *Report) string {
	if !r.HasMaps {
		return ""
	}
	return fmt.Sprintf(", and the heat maps overlap by %.2f (median)", r.MapIoU)
}
