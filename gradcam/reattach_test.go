package gradcam_test

import (
	"errors"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// tokenClassifier turns 2×3 pixels into tokens behind a class token, as vision
// transformers do.
func tokenClassifier(t *testing.T) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 2, 3, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	x = b.Apply(graph.OpConv, "", pointwise, x, constant(b, 1, channels, 1, 1, 3))
	x = b.Reshape(x, tensor.Shape{1, 6, channels})
	x = b.Apply(graph.OpConcat, "", graph.Axis{Axis: 1}, constant(b, 2, 1, 1, channels), x)
	x = b.Apply(graph.OpLayerNorm, "norm", graph.LayerNorm{Epsilon: 1e-5}, x, constant(b, 3, channels), constant(b, 4, channels))
	x = b.Apply(graph.OpClamp, "", graph.ReLU, x)
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1}}, x)
	b.Output("output", b.Apply(graph.OpLinear, "scores", nil, x, constant(b, 5, classes, channels)))
	return build(t, b)
}

// modelOf returns a model of images of the given size that explains itself by
// Grad-CAM.
func modelOf(t *testing.T, g *graph.Graph, height, width int, target string) *model.Model {
	t.Helper()
	explained, name := attach(t, g, target)
	m := &model.Model{
		Graph: explained, TargetLayer: name, Labels: []string{"a", "b", "c", "d"},
		Preprocess: vision.Preprocess{
			Width: width, Height: height, Mode: vision.CropStretch, Crop: 1, Filter: vision.Bilinear, Std: [3]float32{1, 1, 1},
		},
	}
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	return m
}

// A finished model gets, to the bit, the map that it would have got when it was
// made, and keeps its answers.
func TestReattachIsAttachWith(t *testing.T) {
	for name, c := range map[string]struct {
		g             *graph.Graph
		height, width int
		target        string
	}{
		"linear head": {floatClassifier(t, true), side, side, ""},
		"not square":  {classifierOf(t, 4, 7, false), 4, 7, "early"},
		"int8":        {int8Classifier(t), side, side, ""},
		"tokens":      {tokenClassifier(t), 2, 3, ""},
	} {
		m := modelOf(t, c.g, c.height, c.width, c.target)
		pixels := pixelsOf(c.height, c.width)
		for _, method := range onImages() {
			other, err := gradcam.Reattach(m, method)
			if err != nil {
				t.Fatalf("%s, %s: %v", name, method, err)
			}
			made, _ := attachWith(t, c.g, c.target, method)
			want, got := run(t, made, 2, pixels), run(t, other, 2, pixels)
			for _, output := range made.Outputs() {
				a, b := want[output.Name], got[output.Name]
				if !a.Shape.Equal(b.Shape) || string(a.Data) != string(b.Data) {
					t.Errorf("%s, %s: output %q is %v %v, want %v %v", name, method, output.Name, b.Shape, b.Data, a.Shape, a.Data)
				}
			}
			if n := len(other.Outputs()); n != len(made.Outputs()) {
				t.Errorf("%s, %s: %d outputs", name, method, n)
			}
		}
	}
}

func TestExplainerDrawsByMethod(t *testing.T) {
	m := explaining(t, floatClassifier(t, true))
	plain, err := explainer(t, m, gradcam.Options{}).Explain(wide(), 1)
	if err != nil {
		t.Fatal(err)
	}
	for _, method := range onImages() {
		x, err := explainer(t, m, gradcam.Options{Method: method}).Explain(wide(), 1)
		if err != nil {
			t.Fatal(err)
		}
		same := true
		for i, v := range x.Map.Values {
			same = same && v == plain.Map.Values[i]
		}
		if same != (method == gradcam.GradCAM) || x.Class != 1 || x.Region != plain.Region {
			t.Errorf("%s: class %d, region %v; the map is that of Grad-CAM: %v", method, x.Class, x.Region, same)
		}
	}
}

func TestModelsThatGetNoOtherMap(t *testing.T) {
	good := explaining(t, floatClassifier(t, true))
	for phrase, change := range map[string]func(*model.Model){
		gradcam.ErrNoTargetLayer.Error():             func(m *model.Model) { m.TargetLayer = "" },
		`target layer "nowhere" is not in the graph`: func(m *model.Model) { m.TargetLayer = "nowhere" },
		`layer "scores", of shape 1×4, is none`:      func(m *model.Model) { m.TargetLayer = "scores" },
		`layer "saliency", of shape 1×5×5, is none`:  func(m *model.Model) { m.TargetLayer = "saliency" },
		"3 labels for 4 classes":                     func(m *model.Model) { m.Labels = m.Labels[:3] },
	} {
		m := *good
		change(&m)
		if _, err := gradcam.Reattach(&m, gradcam.LayerCAM); err == nil || !strings.Contains(err.Error(), phrase) {
			t.Errorf("got %v, want %q", err, phrase)
		}
	}
	if _, err := gradcam.NewExplainer(good, gradcam.Options{Method: "cam"}); err == nil || !strings.Contains(err.Error(), "there are: gradcam") {
		t.Errorf("an unknown method: %v", err)
	}
	m := *good
	m.TargetLayer = ""
	if _, err := gradcam.NewExplainer(&m, gradcam.Options{Method: gradcam.LayerCAM}); !errors.Is(err, gradcam.ErrNoTargetLayer) {
		t.Errorf("got %v, want ErrNoTargetLayer", err)
	}
}

// What speaks for a class rather than for another does not speak for the other one;
// between a class and itself there is no difference.
func TestContrast(t *testing.T) {
	for name, g := range map[string]*graph.Graph{"linear head": floatClassifier(t, true), "int8": int8Classifier(t)} {
		m := explaining(t, g)
		e := explainer(t, m, gradcam.Options{Threads: 1, Contrast: true})
		evidence := 0
		for class := range len(m.Labels) {
			for rival := range class + 1 {
				own, err := e.Compare(wide(), class, rival)
				if err != nil {
					t.Fatal(err)
				}
				against, err := e.Compare(wide(), rival, class)
				if err != nil {
					t.Fatal(err)
				}
				if own.Class != class || against.Class != rival || class == rival && own.Evidence() {
					t.Errorf("%s: classes %d and %d instead of %d and %d", name, own.Class, against.Class, class, rival)
				}
				for i, v := range own.Map.Values {
					if v > 0 {
						evidence++
					}
					if v > 0 && against.Map.Values[i] > 0 {
						t.Errorf("%s: cell %d speaks for class %d and for %d", name, i, class, rival)
					}
				}
			}
		}
		if evidence == 0 {
			t.Errorf("%s: nothing speaks for any class", name)
		}
		if _, err := e.Compare(wide(), 0, 4); err == nil {
			t.Errorf("%s: a class that there is not is compared", name)
		}
		if _, err := explainer(t, m, gradcam.Options{Threads: 1}).Compare(wide(), 0, 1); err == nil {
			t.Errorf("%s: an explainer of single classes compares", name)
		}
	}
}
