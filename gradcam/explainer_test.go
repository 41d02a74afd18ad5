package gradcam_test

import (
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// explaining returns a model that explains the given classifier.
func explaining(t *testing.T, g *graph.Graph) *model.Model {
	t.Helper()
	explained, target := attach(t, g, "")
	m := &model.Model{
		Graph: explained, TargetLayer: target, Labels: []string{"a", "b", "c", "d"},
		Preprocess: vision.Preprocess{
			Width: side, Height: side, Mode: vision.ShorterSide, Shorter: side, Filter: vision.Bilinear,
			Std: [3]float32{1, 1, 1},
		},
	}
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	return m
}

func explainer(t *testing.T, m *model.Model, opt gradcam.Options) *gradcam.Explainer {
	t.Helper()
	e, err := gradcam.NewExplainer(m, opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	return e
}

func wide() *vision.Image {
	im := &vision.Image{Width: 14, Height: 10, Pix: make([]uint8, 14*10*3)}
	for i := range im.Pix {
		im.Pix[i] = uint8(i * i * 3)
	}
	return im
}

func TestExplain(t *testing.T) {
	e := explainer(t, explaining(t, floatClassifier(t, true)), gradcam.Options{Threads: 2})
	x, err := e.Explain(wide(), gradcam.Automatic)
	if err != nil {
		t.Fatal(err)
	}
	top := x.Top(2)
	if len(top) != 2 || x.Class != top[0] || x.Probabilities[top[0]] < x.Probabilities[top[1]] {
		t.Errorf("class %d, top %v of %v", x.Class, top, x.Probabilities)
	}
	var sum float64
	for _, p := range x.Probabilities {
		sum += float64(p)
	}
	if math.Abs(sum-1) > 1e-6 {
		t.Errorf("the probabilities add up to %v", sum)
	}
	if x.Region != (vision.Box{X0: 2, Y0: 0, X1: 12, Y1: 10}) || x.Map.Width != side || x.Map.Height != side {
		t.Errorf("region %+v, map %d×%d", x.Region, x.Map.Height, x.Map.Width)
	}
	asked, err := e.Explain(wide(), 1)
	if err != nil || asked.Class != 1 {
		t.Errorf("asked for class 1, got %+v (%v)", asked, err)
	}
	if _, err := e.Explain(wide(), 4); err == nil || !strings.Contains(err.Error(), "class 4 of 4") {
		t.Errorf("class 4 of 4: %v", err)
	}
}

func TestClassifyOnlyGivesTheSameProbabilities(t *testing.T) {
	m := explaining(t, floatClassifier(t, true))
	with, err := explainer(t, m, gradcam.Options{Threads: 1}).Explain(wide(), gradcam.Automatic)
	if err != nil {
		t.Fatal(err)
	}
	without, err := explainer(t, m, gradcam.Options{Threads: 1, NoMap: true}).Explain(wide(), gradcam.Automatic)
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range with.Probabilities {
		if without.Probabilities[i] != p {
			t.Errorf("probability %d is %v with the map and %v without", i, p, without.Probabilities[i])
		}
	}
	if without.Evidence() {
		t.Error("a map where none was asked for")
	}
}

func TestModelWithoutMapIsNotExplained(t *testing.T) {
	m := explaining(t, floatClassifier(t, true))
	m.TargetLayer = ""
	if _, err := gradcam.NewExplainer(m, gradcam.Options{}); !errors.Is(err, gradcam.ErrNoTargetLayer) {
		t.Errorf("got %v, want ErrNoTargetLayer", err)
	}
	explainer(t, m, gradcam.Options{NoMap: true})
}

// A weight that is not a number must not become a confident answer.
func TestWeightsThatAreNoNumbers(t *testing.T) {
	g, err := graph.Rewrite(floatClassifier(t, true), func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op != graph.OpConstant {
			return graph.None
		}
		broken := tensor.Zeros(n.Type)
		copy(broken.Data, n.Value.Data)
		tensor.Elements[float32](broken)[0] = float32(math.NaN())
		return b.Constant(n.Name, broken)
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = explainer(t, explaining(t, g), gradcam.Options{Threads: 1}).Explain(wide(), gradcam.Automatic)
	if !errors.Is(err, gradcam.ErrNotFinite) {
		t.Errorf("got %v, want ErrNotFinite", err)
	}
}

// A calibrated model divides its logits by the temperature, and scores a photo by the
// cosine to the nearest class.
func TestConfidence(t *testing.T) {
	for name, g := range map[string]*graph.Graph{"float": floatClassifier(t, true), "int8": int8Classifier(t)} {
		m := explaining(t, g)
		plain, err := explainer(t, m, gradcam.Options{Threads: 1, Pooled: true}).Explain(wide(), gradcam.Automatic)
		if err != nil {
			t.Fatal(err)
		}
		if plain.Unknown != nil || plain.Unknown.Beyond() {
			t.Errorf("%s: a model without confidence scores %+v", name, plain.Unknown)
		}
		length := 0.0
		for _, v := range plain.Pooled {
			length += float64(v) * float64(v)
		}
		length = math.Sqrt(length)
		channels := len(plain.Pooled)
		means := make([]float32, len(m.Labels)*channels)
		for i, v := range plain.Pooled { // the second class is opposite, the third one is this photo's direction
			means[channels+i], means[2*channels+i] = -float32(float64(v)/length), float32(float64(v)/length)
		}
		for sign, want := range map[float32]float64{1: 0, 0: 1} {
			for i, v := range means[2*channels:][:channels] {
				means[2*channels+i] = v * sign
			}
			m.Confidence = &model.Confidence{Temperature: 2, Threshold: 0.5, Means: tensor.Must(tensor.Of(tensor.Shape{len(m.Labels), channels}, slices.Clone(means)))}
			for i, v := range plain.Pooled {
				means[2*channels+i] = float32(float64(v) / length)
			}
			for _, options := range []gradcam.Options{{Threads: 1}, {Threads: 1, NoMap: true}, {Threads: 1, Method: gradcam.LayerCAM}, {Threads: 1, Contrast: true}} {
				x, err := explainer(t, m, options).Explain(wide(), gradcam.Automatic)
				if err != nil {
					t.Fatal(err)
				}
				if x.Unknown == nil || math.Abs(float64(x.Unknown.Score)-want) > 1e-5 || x.Unknown.Beyond() != (want == 1) {
					t.Errorf("%s: %+v scores %+v, want %v", name, options, x.Unknown, want)
				}
				sum := 0.0
				for _, v := range plain.Logits {
					sum += math.Exp(float64(v) / 2)
				}
				for class, p := range x.Probabilities {
					if q := math.Exp(float64(plain.Logits[class])/2) / sum; math.Abs(float64(p)-q) > 1e-5 {
						t.Errorf("%s: class %d has %v, want %v", name, class, p, q)
					}
				}
			}
		}
	}
}
