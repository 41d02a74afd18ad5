package loss_test

import (
	"math"
	"slices"
	"testing"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
	"megl-edge/train/loss"
)

// photo is what the losses see of one, in float64. Its weights are 0 or more.
type photo struct {
	logits, target []float64 // the target times its weight
	saliency, mask []float64 // [height × width]
	weight         float64   // of the mask
	prior          []float64
	share          float64 // of the consistency
}

// batch are photos whose maps have the same height and width.
type batch struct {
	height, width int
	photos        []photo
	filter        []float64 // of RES-L
}

// terms of a loss, by the outputs' names.
type terms map[string]float64

// computed runs the graph of the losses.
func computed(t *testing.T, l loss.Losses, c batch) terms {
	t.Helper()
	n, b := len(c.photos), graph.NewBuilder()
	float := func(name string, shape ...int) graph.ID {
		return b.Input(name, tensor.Type{DType: tensor.Float32, Shape: shape})
	}
	logits, saliency := float("logits", n, len(c.photos[0].logits)), float("map", n, c.height, c.width)
	if _, err := l.Build(b, logits, loss.Explainer{Draw: func(graph.ID) (graph.ID, error) { return saliency, nil }}); err != nil {
		t.Fatal(err)
	}
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	plan, err := runtime.Compile(g, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := plan.NewSession(1)
	defer s.Close()
	for name, of := range map[string]func(photo) []float64{
		"logits":              func(p photo) []float64 { return p.logits },
		"map":                 func(p photo) []float64 { return p.saliency },
		loss.TargetInput:      func(p photo) []float64 { return p.target },
		loss.MaskInput:        func(p photo) []float64 { return p.mask },
		loss.MaskWeightInput:  func(p photo) []float64 { return []float64{p.weight} },
		loss.PriorInput:       func(p photo) []float64 { return p.prior },
		loss.ConsistencyInput: func(p photo) []float64 { return []float64{p.share} },
	} {
		var values []float64
		for _, p := range c.photos {
			values = append(values, of(p)...)
		}
		fill(s, name, values)
	}
	fill(s, loss.LearnedBlurFilter, c.filter)
	s.Run()
	found := terms{}
	for _, o := range g.Outputs() {
		value, err := s.Output(o.Name)
		if err != nil {
			t.Fatal(err)
		}
		found[o.Name] = float64(tensor.Elements[float32](value)[0])
	}
	return found
}

// fill writes an input, where the loss has it.
func fill(s *runtime.Session, name string, values []float64) {
	if input, err := s.Input(name); err == nil {
		for i, v := range values {
			tensor.Elements[float32](input)[i] = float32(v)
		}
	}
}

// expected evaluates the formulas in float64.
func expected(l loss.Losses, c batch) terms {
	var prediction, visual, consistency float64
	for _, p := range c.photos {
		entropy, weight := crossEntropy(p), p.weight
		if l.Visual == loss.GRADIA && p.weight > 0 {
			right := argMax(p.logits) == argMax(p.target)
			reasonable := meanDifference(p.saliency, p.mask) <= 0.25
			wp, wa := 1.0, 1.0
			switch {
			case right && !reasonable:
				wp, wa = 0.4, 1.6
			case !right && reasonable:
				wp, wa = 0.8, 0.2
			case right && reasonable:
				wp, wa = 1, 0
			}
			entropy, weight = wp*entropy, wa*weight
		}
		prediction += entropy
		visual += weight * visualLoss(l.Visual, p, c)
		consistency += p.share * divergence(p)
	}
	result := terms{loss.PredictionOutput: prediction, loss.VisualOutput: visual}
	if l.Consistency {
		result[loss.ConsistencyOutput] = consistency
		visual += consistency
	}
	result[loss.TotalOutput] = prediction + float64(l.LambdaVisual)*visual
	return result
}

func crossEntropy(p photo) float64 {
	total, entropy := 0.0, 0.0
	for _, v := range p.logits {
		total += math.Exp(v)
	}
	for i, v := range p.logits {
		entropy -= p.target[i] * math.Log(math.Exp(v)/total)
	}
	return entropy
}

func argMax(x []float64) int { return slices.Index(x, slices.Max(x)) }

func meanDifference(a, b []float64) float64 {
	sum := 0.0
	for i := range a {
		sum += math.Abs(a[i] - b[i])
	}
	return sum / float64(len(a))
}

func visualLoss(v loss.Visual, p photo, c batch) float64 {
	switch v {
	case loss.HAICS:
		sum := 0.0
		for i, m := range p.saliency {
			m = min(max(m, 1e-6), 1-1e-6)
			sum -= p.mask[i]*math.Log(m) + (1-p.mask[i])*math.Log(1-m)
		}
		return sum / float64(len(p.saliency))
	case loss.RESG, loss.RESL:
		signs, steep := make([]float64, len(p.mask)), make([]float64, len(p.mask))
		for i, f := range p.mask {
			signs[i] = -1
			if f > 0.5 {
				signs[i] = 1
			}
		}
		a := bestThreshold(p.saliency, signs)
		for i, m := range p.saliency {
			steep[i] = math.Tanh(5 * (m - a))
		}
		return max(0, meanDifference(steep, signs)-0.1) + meanDifference(p.saliency, blurred(v, p.mask, c))
	}
	return meanDifference(p.saliency, p.mask)
}

// bestThreshold is the first of 32 at which most cells lie on the side of their
// sign.
func bestThreshold(m, signs []float64) float64 {
	best, most := 0.0, -1
	for i := range 32 {
		a, agree := (float64(i)+0.5)/32, 0
		for j := range m {
			if (m[j] > a) == (signs[j] > 0) {
				agree++
			}
		}
		if agree > most {
			best, most = a, agree
		}
	}
	return best
}

// blurred is the mask after a 3×3 filter with zeros around it.
func blurred(v loss.Visual, mask []float64, c batch) []float64 {
	filter := []float64{1, 2, 1, 2, 4, 2, 1, 2, 1}
	if v == loss.RESL {
		filter = c.filter
	}
	soft := make([]float64, len(mask))
	for y := range c.height {
		for x := range c.width {
			for k, f := range filter {
				if i, j := y+k/3-1, x+k%3-1; i >= 0 && j >= 0 && i < c.height && j < c.width {
					soft[y*c.width+x] += f * mask[i*c.width+j]
				}
			}
		}
	}
	least, most := 0.0, slices.Max(soft)
	if v == loss.RESL {
		least = slices.Min(soft)
	}
	for i := range soft {
		soft[i] = (soft[i] - least) / (most - least)
	}
	return soft
}

// divergence is KL(p ‖ prior).
func divergence(p photo) float64 {
	total, sum := 0.0, 0.0
	for _, m := range p.saliency {
		total += m + 1e-6
	}
	for i, m := range p.saliency {
		share := (m + 1e-6) / total
		sum += share * math.Log(share/p.prior[i])
	}
	return sum
}

func compare(t *testing.T, got, want terms, tolerance float64) {
	t.Helper()
	for name, w := range want {
		if g, ok := got[name]; !ok || !(math.Abs(g-w) <= tolerance*(1+math.Abs(w))) {
			t.Errorf("%s is %v, want %v", name, g, w)
		}
	}
	if len(got) != len(want) {
		t.Errorf("terms are %v, want %v", got, want)
	}
}

// The losses are those of their formulas, evaluated in float64, on photos at
// random: with masks and without, right and wrong.
func TestLossesAreThoseOfTheirFormulas(t *testing.T) {
	seed := uint32(7)
	random := func() float64 {
		seed = seed*1664525 + 1013904223
		return float64(seed>>8) / (1 << 24)
	}
	many := func(n int) []float64 {
		values := make([]float64, n)
		for i := range values {
			values[i] = random()
		}
		return values
	}
	for _, visual := range loss.Visuals() {
		t.Run(string(visual), func(t *testing.T) {
			for range 20 {
				c := batch{height: 5, width: 4, filter: many(9)}
				for i := range 6 {
					p := photo{logits: many(3), target: make([]float64, 3), saliency: many(20), mask: many(20), prior: many(20)}
					p.target[int(3*random())] = 1. / 6
					for j := range p.mask { // a whole object, parts of it, or nearly the map
						switch i % 3 {
						case 0:
							p.mask[j] = math.Round(p.mask[j])
						case 1:
							p.mask[j] = min(1, max(0, p.saliency[j]+0.2*(p.mask[j]-0.5)))
						}
					}
					total := 0.0
					for _, v := range p.prior {
						total += v
					}
					for j := range p.prior {
						p.prior[j] /= total
					}
					if p.weight = 1. / 6; i > 3 {
						p.weight, p.share = 0, 1./6
					}
					c.photos = append(c.photos, p)
				}
				l := loss.Losses{Visual: visual, LambdaVisual: 0.5, Consistency: true}
				compare(t, computed(t, l, c), expected(l, c), 1e-5)
			}
		})
	}
}

// Two cells, by hand.
func TestLossesOfTwoCells(t *testing.T) {
	for name, c := range map[string]struct {
		visual         loss.Visual
		saliency, mask []float64
		logits         []float64 // the first class is asked for
		prediction     float64
		want           float64
	}{
		"l1":                       {loss.L1, []float64{0.5, 1}, []float64{0, 1}, []float64{0, 0}, math.Ln2, 0.25},
		"haics":                    {loss.HAICS, []float64{0.5, 0.25}, []float64{1, 0}, []float64{0, 0}, math.Ln2, (math.Ln2 + math.Log(4./3)) / 2},
		"haics, certain and wrong": {loss.HAICS, []float64{0, 0.5}, []float64{1, 1}, []float64{0, 0}, math.Ln2, (6*math.Ln10 + math.Ln2) / 2},
		// The mask blurred is (4, 2)/4 and differs by 1/4 on average. The first
		// threshold, 1/64, parts the cells: tanh(5·63/64) = 0.999894 and tanh(−5/64) =
		// −0.077967.
		"res-g": {loss.RESG, []float64{1, 0}, []float64{1, 0}, []float64{0, 0}, math.Ln2, (0.000106+0.922033)/2 - 0.1 + 0.25},
		// The learned blur starts as the same one, but its least becomes 0.
		"res-l": {loss.RESL, []float64{1, 0}, []float64{1, 0}, []float64{0, 0}, math.Ln2, (0.000106+0.922033)/2 - 0.1},
		// Logits of ln 3 and 0 are 3/4 and 1/4.
		"gradia, right, map wrong": {loss.GRADIA, []float64{1, 0}, []float64{0, 1}, []float64{math.Log(3), 0}, 0.4 * math.Log(4./3), 1.6},
		"gradia, right, map right": {loss.GRADIA, []float64{1, 0.25}, []float64{1, 0}, []float64{math.Log(3), 0}, math.Log(4. / 3), 0},
		"gradia, wrong, map wrong": {loss.GRADIA, []float64{1, 0}, []float64{0, 1}, []float64{0, math.Log(3)}, math.Log(4), 1},
		"gradia, wrong, map right": {loss.GRADIA, []float64{1, 0.25}, []float64{1, 0}, []float64{0, math.Log(3)}, 0.8 * math.Log(4), 0.2 * 0.125},
	} {
		t.Run(name, func(t *testing.T) {
			p := photo{logits: c.logits, target: []float64{1, 0}, saliency: c.saliency, mask: c.mask, weight: 1}
			got := computed(t, loss.Losses{Visual: c.visual, LambdaVisual: 2}, batch{1, 2, []photo{p}, []float64{1, 2, 1, 2, 4, 2, 1, 2, 1}})
			compare(t, got, terms{loss.PredictionOutput: c.prediction, loss.VisualOutput: c.want, loss.TotalOutput: c.prediction + 2*c.want}, 2e-6)
		})
	}
}

// The divergence of maps of two cells from a prior, by hand.
func TestConsistencyOfTwoCells(t *testing.T) {
	for _, c := range []struct {
		saliency, prior []float64
		want            float64
	}{
		{[]float64{1, 0}, []float64{0.5, 0.5}, math.Ln2},
		{[]float64{0.5, 0.5}, []float64{0.25, 0.75}, math.Log(2. / math.Sqrt(3)) /* (ln 2 + ln ⅔)/2 */},
		{[]float64{0, 0}, []float64{0.5, 0.5}, 0},
		{[]float64{0.25, 0.75}, []float64{0.25, 0.75}, 0},
	} {
		p := photo{logits: []float64{0, 0}, target: []float64{1, 0}, saliency: c.saliency, mask: []float64{0, 0}, prior: c.prior, share: 1}
		got := computed(t, loss.Losses{Visual: loss.L1, LambdaVisual: 1, Consistency: true}, batch{1, 2, []photo{p}, nil})
		compare(t, got, terms{
			loss.PredictionOutput: math.Ln2, loss.VisualOutput: 0,
			loss.ConsistencyOutput: c.want, loss.TotalOutput: math.Ln2 + c.want,
		}, 2e-5) // what is added to each cell counts for so much
	}
}
