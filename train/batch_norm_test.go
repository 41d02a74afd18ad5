package train_test

import (
	"context"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
	"megl-edge/train"
	"megl-edge/train/data"
)

// normalised is a classifier whose pixels are normalised by the batch, and its
// convolution again. The first statistics of both layers are shared, as those of
// fresh networks are.
func normalised(t testing.TB) *model.Model {
	t.Helper()
	var s source = 3
	filled := func(b *graph.Builder, name string, n int, value float32) graph.ID {
		values := make([]float32, n)
		for i := range values {
			values[i] = value
		}
		return b.Constant(name, tensor.Must(tensor.Of(tensor.Shape{n}, values)))
	}
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, side, side, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	mean, variance := filled(b, "zero", 3, 0), filled(b, "one", 3, 1)
	x = b.Apply(graph.OpBatchNorm, "pixels", graph.BatchNorm{Epsilon: 1e-3}, x, filled(b, "pixels/scale", 3, 1), filled(b, "pixels/offset", 3, 0), mean, variance)
	x = b.Apply(graph.OpConv, "conv", square(2, 1, 1), x, s.weights(b, "conv/w", 0.4, 3, 3, 3, 3))
	x = b.Apply(graph.OpBatchNorm, "norm", graph.BatchNorm{Epsilon: 1e-3}, x, filled(b, "norm/scale", 3, 1), filled(b, "norm/offset", 3, 0), mean, variance)
	x = b.Apply(graph.OpClamp, "middle", graph.ReLU, x)
	x = b.Apply(graph.OpConv, "last", square(2, 1, 1), x, s.weights(b, "last/w", 0.4, 6, 3, 3, 3), s.weights(b, "last/b", 0.1, 6))
	x = b.Apply(graph.OpClamp, "features", graph.ReLU, x)
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}}, x)
	b.Output("scores", b.Apply(graph.OpLinear, "scores", nil, x, s.weights(b, "head/w", 0.5, classes, 6), s.weights(b, "head/b", 0.1, classes)))
	return modelOf(t, b, "middle")
}

func byBatch(t testing.TB) *train.Network {
	t.Helper()
	n, err := train.Prepare(normalised(t), train.Settings{TrainBatchNorm: true})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// constantOf returns a float32 constant of a model.
func constantOf(t testing.TB, tr *train.Trainer, name string) []float32 {
	t.Helper()
	m, err := tr.Model()
	if err != nil {
		t.Fatal(err)
	}
	id, ok := m.Graph.Find(name)
	if !ok {
		t.Fatalf("the model has no %q", name)
	}
	return tensor.Elements[float32](*m.Graph.Node(id).Value)
}

// One step moves the running statistics a tenth of the way to those of the batch,
// whose photos that only fill it do not count. In parts the variance is that within
// each.
func TestRunningStatistics(t *testing.T) {
	for _, parts := range []int{1, 2} {
		path := drawn(t, 0, 6)
		n := byBatch(t)
		o := options()
		o.Epochs, o.Batch, o.Parts, o.Augment = 1, 8, parts, nil
		tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, nil)
		if err != nil {
			t.Fatal(err)
		}
		defer tr.Close()
		if err := tr.Run(context.Background(), train.Hooks{}); err != nil {
			t.Fatal(err)
		}
		// All pixels of the photos, as the model sees them.
		wantMean, wantVariance := pixelStatistics(t, n, rows(t, path, n))
		for c := range 3 {
			if got := float64(constantOf(t, tr, "pixels/mean")[c]); math.Abs(got-0.1*wantMean[c]) > 1e-5 {
				t.Errorf("running mean %d is %v, want %v", c, got, 0.1*wantMean[c])
			}
			if got := float64(constantOf(t, tr, "pixels/variance")[c]); parts == 1 && math.Abs(got-0.9-0.1*wantVariance[c]) > 1e-5 {
				t.Errorf("running variance %d is %v, want %v", c, got, 0.9+0.1*wantVariance[c])
			}
			if got := constantOf(t, tr, "norm/mean")[c]; got == 0 || got == constantOf(t, tr, "pixels/mean")[c] {
				t.Errorf("in %d parts, the second layer's running mean is %v", parts, got)
			}
		}
	}
}

// pixelStatistics computes mean and sample variance of each channel in float64.
func pixelStatistics(t *testing.T, n *train.Network, d *data.Dataset) (mean, variance [3]float64) {
	t.Helper()
	var values [3][]float64
	for i := range d.Len() {
		photo := readPhoto(t, d.Row(i).Image)
		seen, err := n.Preprocess.Apply(photo)
		if err != nil {
			t.Fatal(err)
		}
		for j, v := range seen.Pix {
			values[j%3] = append(values[j%3], (float64(v)-128)/64)
		}
	}
	for c, all := range values {
		for _, v := range all {
			mean[c] += v / float64(len(all))
		}
		for _, v := range all {
			variance[c] += (v - mean[c]) * (v - mean[c]) / float64(len(all)-1)
		}
	}
	return mean, variance
}

// With statistics of the batch, too, training gives the same bytes with any number
// of threads, and when it is stopped and resumed.
func TestBatchNormIsTheSameEverywhere(t *testing.T) {
	path := drawn(t, 0, 20)
	score := 0.0
	run := func(threads, stop int, save string) string {
		o := options()
		o.Threads, o.Workers, o.Checkpoint.Path = threads, threads, save
		for {
			n := byBatch(t)
			from, err := train.OpenCheckpoint(save)
			if err != nil && !errors.Is(err, train.ErrNoCheckpoint) {
				t.Fatal(err)
			}
			tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, from)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithCancel(context.Background())
			steps := 0
			err = tr.Run(ctx, train.Hooks{
				Step: func(train.Progress) {
					if steps++; steps == stop {
						cancel()
					}
				},
				Validate: func(*model.Model) (float64, error) { score++; return score, nil },
			})
			cancel()
			if err == nil {
				defer tr.Close()
				return weights(t, tr)
			}
			tr.Close()
			if !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
		}
	}
	folder := t.TempDir()
	want := run(1, 0, filepath.Join(folder, "one"))
	for _, threads := range []int{2, 7} {
		if run(threads, 0, filepath.Join(folder, strings.Repeat("n", threads))) != want {
			t.Errorf("%d threads give other weights", threads)
		}
	}
	if run(2, 2, filepath.Join(folder, "stopped")) != want {
		t.Error("the resumed run gives other weights")
	}
}

// A layer whose scale and offset are frozen keeps its statistics.
func TestFrozenBatchNormKeepsItsStatistics(t *testing.T) {
	path := drawn(t, 0, 8)
	n := byBatch(t)
	if err := n.Freeze("backbone"); err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Epochs = 1
	tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	if err := tr.Run(context.Background(), train.Hooks{}); err != nil {
		t.Fatal(err)
	}
	for _, v := range constantOf(t, tr, "norm/mean") {
		if v != 0 {
			t.Errorf("a running mean became %v", v)
		}
	}
}

func TestNoBatchNormToTrain(t *testing.T) {
	if _, err := train.Prepare(classifier(t), train.Settings{TrainBatchNorm: true}); err == nil || !strings.Contains(err.Error(), "no batch normalisation") {
		t.Errorf("%v", err)
	}
}

// Frozen ones are part of the weights.
func TestBatchNormIsFrozenByDefault(t *testing.T) {
	n, err := train.Prepare(normalised(t), train.Settings{})
	if err != nil {
		t.Fatal(err)
	}
	m, err := n.Model()
	if err != nil {
		t.Fatal(err)
	}
	for _, node := range m.Graph.Nodes() {
		if node.Op == graph.OpBatchNorm {
			t.Errorf("%q is left", node.Name)
		}
	}
}

func readPhoto(t *testing.T, path string) *vision.Image {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	photo, err := vision.Decode(f, vision.DefaultLimits)
	if err != nil {
		t.Fatal(err)
	}
	return photo
}

// The gradient of a step passes through the statistics of the batch: it is the
// slope of the loss.
func TestGradientThroughStatistics(t *testing.T) {
	n := byBatch(t)
	s, err := train.NewStepper(n, train.StepOptions{Batch: 4, Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	batch := randomBatch(n, 4)
	total := func() float64 {
		terms, err := s.Run(batch)
		if err != nil {
			t.Fatal(err)
		}
		return float64(terms.Total)
	}
	for _, p := range s.Parameters {
		if p.Name != "conv/w" && p.Name != "norm/scale" {
			continue
		}
		total()
		gradient := slices.Clone(p.Gradient)
		for i, g := range gradient[:3] {
			const h = 1e-2
			value := p.Value[i]
			p.Value[i] = value + h
			above := total()
			p.Value[i] = value - h
			below := total()
			p.Value[i] = value
			if slope := (above - below) / (2 * h); math.Abs(slope-float64(g)) > 1e-3+0.05*math.Abs(slope) {
				t.Errorf("%s[%d]: gradient %v, slope %v", p.Name, i, g, slope)
			}
		}
	}
}
