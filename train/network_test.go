package train_test

import (
	"errors"
	"path/filepath"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
	"megl-edge/train"
	"megl-edge/train/loss"
)

const side, classes = 16, 3

// source is a seeded stream of numbers (a linear congruential generator).
type source uint64

// next returns a number from −1 to 1.
func (s *source) next() float32 {
	*s = *s*6364136223846793005 + 1442695040888963407
	return float32(int32(*s>>32)) / (1 << 31)
}

func (s *source) weights(b *graph.Builder, name string, scale float32, shape ...int) graph.ID {
	values := make([]float32, tensor.Shape(shape).Elements())
	for i := range values {
		values[i] = scale * s.next()
	}
	return b.Constant(name, tensor.Must(tensor.Of(shape, values)))
}

func square(stride, pad, groups int) graph.Conv {
	return graph.Conv{Stride: graph.HW{stride, stride}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{pad, pad, pad, pad}, Groups: groups}
}

// classifier has a stem, a residual block with a depthwise layer, pooling and a
// linear head.
func classifier(t testing.TB) *model.Model {
	t.Helper()
	var s source = 1
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, side, side, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	x = b.Apply(graph.OpConv, "stem", square(2, 1, 1), x, s.weights(b, "stem/w", 0.3, 8, 3, 3, 3), s.weights(b, "stem/b", 0.1, 8))
	trunk := b.Apply(graph.OpClamp, "trunk", graph.ReLU, x)
	y := b.Apply(graph.OpConv, "depthwise", square(1, 1, 8), trunk, s.weights(b, "depthwise/w", 0.4, 8, 3, 3, 1), s.weights(b, "depthwise/b", 0.1, 8))
	y = b.Apply(graph.OpClamp, "", graph.ReLU6, y)
	y = b.Apply(graph.OpConv, "project", square(1, 0, 1), y, s.weights(b, "project/w", 0.4, 8, 1, 1, 8))
	x = b.Apply(graph.OpClamp, "block", graph.ReLU, b.Add(trunk, y))
	x = b.Apply(graph.OpConv, "last", square(2, 1, 1), x, s.weights(b, "last/w", 0.2, 12, 3, 3, 8), s.weights(b, "last/b", 0.1, 12))
	x = b.Apply(graph.OpClamp, "features", graph.ReLU, x)
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}}, x)
	x = b.Apply(graph.OpLinear, "scores", nil, x, s.weights(b, "head/w", 0.5, classes, 12), s.weights(b, "head/b", 0.1, classes))
	b.Output("scores", x)
	return modelOf(t, b, "features")
}

// modelOf makes a model that explains itself of a network for the test's classes.
func modelOf(t testing.TB, b *graph.Builder, target string) *model.Model {
	t.Helper()
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{
		Labels:     []string{"disc", "square", "nothing"},
		Preprocess: vision.Preprocess{Width: side, Height: side, Mode: vision.CropStretch, Crop: 1, Filter: vision.Bilinear, Mean: [3]float32{128, 128, 128}, Std: [3]float32{64, 64, 64}},
	}
	if m.Graph, m.TargetLayer, err = gradcam.Attach(g, target); err != nil {
		t.Fatal(err)
	}
	return m
}

// reloaded writes a model to a file, and loads it from there.
func reloaded(t testing.TB, m *model.Model) *model.Model {
	t.Helper()
	path := filepath.Join(t.TempDir(), "m.megl")
	if err := m.Save(path); err != nil {
		t.Fatal(err)
	}
	m, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func prepared(t testing.TB, s train.Settings) *train.Network {
	t.Helper()
	n, err := train.Prepare(classifier(t), s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestPrepare(t *testing.T) {
	n := prepared(t, train.Settings{})
	if len(n.Weights()) != 9 || n.Height != 4 || n.Width != 4 || n.Target != "features" {
		t.Errorf("%d weights, map of %d×%d of %q", len(n.Weights()), n.Height, n.Width, n.Target)
	}
	m, err := n.Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(); err != nil {
		t.Error(err)
	}
}

// A network outlives the file that it came from, with constants of all kinds.
func TestPrepareClosedFile(t *testing.T) {
	m := classifier(t)
	b := graph.Extend(m.Graph)
	logits, _ := m.Graph.Output(model.LogitsOutput)
	order := b.Constant("order", tensor.Must(tensor.Of(tensor.Shape{classes}, []int32{2, 0, 1})))
	b.Output(model.LogitsOutput, b.Apply(graph.OpGather, "", graph.Axis{Axis: 1}, logits, order))
	var err error
	if m.Graph, err = b.Build(); err != nil {
		t.Fatal(err)
	}
	m = reloaded(t, m)
	n, err := train.Prepare(m, train.Settings{})
	if err := errors.Join(err, m.Close()); err != nil {
		t.Fatal(err)
	}
	s, err := train.NewStepper(n, train.StepOptions{Batch: 2, Losses: loss.Losses{Visual: loss.L1, LambdaVisual: 1}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if terms, err := s.Run(randomBatch(n, 2)); err != nil || !(terms.Total > 0) {
		t.Errorf("%+v, %v", terms, err)
	}
}

func TestPrepareOtherClassesAndSize(t *testing.T) {
	n := prepared(t, train.Settings{Labels: []string{"a", "b", "c", "d", "e"}, Side: 32, Seed: 3})
	m, err := n.Model()
	if err != nil {
		t.Fatal(err)
	}
	if err := m.Check(); err != nil || m.Classes() != 5 || m.Preprocess.Width != 32 || n.Height != 8 {
		t.Errorf("%d classes, %d pixels, map of %d rows: %v", m.Classes(), m.Preprocess.Width, n.Height, err)
	}
	again := prepared(t, train.Settings{Labels: []string{"a", "b", "c", "d", "e"}, Side: 32, Seed: 3})
	for i, w := range n.Weights() {
		if string(again.Weights()[i].Value.Data) != string(w.Value.Data) {
			t.Errorf("weight %q differs between two preparations", w.Name)
		}
	}
}

func TestFreeze(t *testing.T) {
	n := prepared(t, train.Settings{})
	for which, want := range map[string]int{"none": 9, "backbone": 2, "1": 4, "2": 7, "9": 9} {
		if err := n.Freeze(which); err != nil {
			t.Fatal(err)
		}
		trained := 0
		for _, w := range n.Weights() {
			if !w.Frozen {
				trained++
			}
		}
		if trained != want {
			t.Errorf("freeze %s leaves %d weights to train, want %d", which, trained, want)
		}
	}
	if err := n.Freeze("head"); err == nil {
		t.Error("freeze head was accepted")
	}
}
