package train_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/train"
	"megl-edge/train/data"
	"megl-edge/train/evaluate"
	"megl-edge/train/loss"
)

// drawn writes photos of discs and squares on noise, and of noise alone, with
// masks for some, and returns the JSONL file. Every third photo has a mask; first
// numbers the photos.
func drawn(t testing.TB, first, count int) string {
	t.Helper()
	folder := t.TempDir()
	var lines []string
	for i := first; i < first+count; i++ {
		s := source(i*977 + 5)
		label := []string{"disc", "square", "nothing"}[i%3]
		photo, mask := image.NewRGBA(image.Rect(0, 0, 24, 24)), image.NewGray(image.Rect(0, 0, 24, 24))
		cx, cy, r := int(s.next()*5)+12, int(s.next()*5)+12, int(s.next()*1.5)+6
		for y := range 24 {
			for x := range 24 {
				v := uint8(90 + 40*s.next())
				dx, dy := x-cx, y-cy
				inside := label == "disc" && dx*dx+dy*dy < r*r || label == "square" && max(dx, -dx, dy, -dy) < r
				c := color.RGBA{v, v, v, 255}
				if inside {
					c = color.RGBA{v/2 + 120, v / 2, v / 2, 255}
					if label == "square" {
						c = color.RGBA{v / 2, v / 2, v/2 + 120, 255}
					}
					mask.SetGray(x, y, color.Gray{255})
				}
				photo.SetRGBA(x, y, c)
			}
		}
		row := map[string]any{"id": fmt.Sprint(i), "label": label, "image": save(t, folder, fmt.Sprintf("%d.png", i), photo)}
		if label != "nothing" && (i/3)%3 == 0 {
			row["mask"] = save(t, folder, fmt.Sprintf("%d-mask.png", i), mask)
		}
		text, err := json.Marshal(row)
		if err != nil {
			t.Fatal(err)
		}
		lines = append(lines, string(text))
	}
	path := filepath.Join(folder, "rows.jsonl")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func save(t testing.TB, folder, name string, im image.Image) string {
	t.Helper()
	f, err := os.Create(filepath.Join(folder, name))
	if err == nil {
		err = errors.Join(png.Encode(f, im), f.Close())
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

func rows(t testing.TB, path string, n *train.Network) *data.Dataset {
	t.Helper()
	d, err := data.Load(path, n.Labels)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// options are quick ones with every part of the loss.
func options() train.Options {
	o := train.DefaultOptions()
	o.Epochs, o.Batch, o.Rate, o.HeadRate, o.Smoothing = 2, 8, 0.01, 1, 0
	o.Losses = loss.Losses{Visual: loss.L1, LambdaVisual: 0.5, Consistency: true}
	return o
}

// trained runs a trainer to its end and returns it, still open.
func trained(t testing.TB, path string, o train.Options, hooks train.Hooks) *train.Trainer {
	t.Helper()
	n := prepared(t, train.Settings{})
	tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tr.Close)
	if err := tr.Run(context.Background(), hooks); err != nil {
		t.Fatal(err)
	}
	return tr
}

// weights returns the bytes of all constants of a trained model.
func weights(t testing.TB, tr *train.Trainer) string {
	t.Helper()
	m, err := tr.Model()
	if err != nil {
		t.Fatal(err)
	}
	var all strings.Builder
	for _, n := range m.Graph.Nodes() {
		if n.Value != nil && n.Type.DType == tensor.Float32 {
			all.Write(n.Value.Data)
		}
	}
	return all.String()
}

func TestTrainingLearns(t *testing.T) {
	o := options()
	o.Epochs = 12
	path := drawn(t, 0, 120)
	n := prepared(t, train.Settings{})
	val := rows(t, drawn(t, 1000, 60), n)
	score := func(m *model.Model) *evaluate.Scores {
		s, err := evaluate.Run(context.Background(), m, val, evaluate.Options{Quick: true})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	var first, last train.Terms
	steps := 0
	tr := trained(t, path, o, train.Hooks{
		Step: func(p train.Progress) {
			if steps++; steps == 1 {
				first = p.Terms
			}
			last = p.Terms
		},
		Validate: func(m *model.Model) (float64, error) { return score(m).Accuracy.Value, nil },
	})
	if !(last.Total < first.Total/2) {
		t.Errorf("the loss went from %v to %v", first, last)
	}
	m, err := tr.Model()
	if err != nil {
		t.Fatal(err)
	}
	if s := score(m); s.Accuracy.Value < 0.95 || s.MeanIoU.Value < 0.4 {
		t.Errorf("accuracy %.3f, mean IoU %.3f", s.Accuracy.Value, s.MeanIoU.Value)
	}
	if state := tr.State(); !state.Done || state.Step != steps || state.BestEpoch < 0 || steps != 12*15 {
		t.Errorf("%d steps, state %+v", steps, state)
	}
}

// The same weights come out at every level, with any number of threads.
func TestTrainingIsTheSameEverywhere(t *testing.T) {
	path := drawn(t, 0, 24)
	var want string
	for _, level := range asm.Levels() {
		for _, threads := range []int{1, 2, 7} {
			o := options()
			o.Threads, o.Workers = threads, threads
			restore := asm.Force(level)
			got := weights(t, trained(t, path, o, train.Hooks{}))
			restore()
			if want == "" {
				want = got
			}
			if got != want {
				t.Fatalf("level %v with %d threads gives other weights", level, threads)
			}
		}
	}
}

// A run that is stopped and resumed, many times, gives the bytes of one that is
// not.
func TestResumedRunGivesTheSameBytes(t *testing.T) {
	path := drawn(t, 0, 40)
	o := options()
	o.Average = 0.9
	score := 0.0
	hooks := func(stop func()) train.Hooks {
		return train.Hooks{
			Step:     func(train.Progress) { stop() },
			Validate: func(*model.Model) (float64, error) { score++; return score, nil },
		}
	}
	want := weights(t, trained(t, path, o, hooks(func() {})))
	o.Checkpoint = train.Saves{Path: filepath.Join(t.TempDir(), "run")}
	for attempts := 0; ; attempts++ {
		n := prepared(t, train.Settings{})
		from, err := train.OpenCheckpoint(o.Checkpoint.Path)
		if errors.Is(err, train.ErrNoCheckpoint) && attempts == 0 {
			from, err = nil, nil
		}
		if err != nil {
			t.Fatal(err)
		}
		tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, from)
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(context.Background())
		steps := 0
		err = tr.Run(ctx, hooks(func() {
			if steps++; steps == 3 {
				stop()
			}
		}))
		stop()
		if err == nil {
			if got := weights(t, tr); got != want {
				t.Error("the resumed run gives other weights")
			}
			tr.Close()
			if attempts < 3 {
				t.Errorf("the run ended after %d attempts of 3 steps", attempts)
			}
			return
		}
		tr.Close()
		if !errors.Is(err, context.Canceled) || attempts > 20 {
			t.Fatal(err)
		}
	}
}

// A batch in parts has nearly the gradients of one in a piece.
func TestPartsOfABatch(t *testing.T) {
	path := drawn(t, 0, 8)
	var norms []float64
	for _, parts := range []int{1, 4} {
		o := options()
		o.Epochs, o.Parts = 1, parts
		trained(t, path, o, train.Hooks{Step: func(p train.Progress) { norms = append(norms, p.Norm) }})
	}
	if d := math.Abs(norms[0] - norms[1]); d > 1e-4*norms[0] {
		t.Errorf("norms of the gradients are %v", norms)
	}
}

func TestSettingsThatDoNotFitACheckpoint(t *testing.T) {
	path := drawn(t, 0, 8)
	o := options()
	o.Epochs = 1
	o.Checkpoint = train.Saves{Path: filepath.Join(t.TempDir(), "run")}
	trained(t, path, o, train.Hooks{})
	from, err := train.OpenCheckpoint(o.Checkpoint.Path)
	if err != nil {
		t.Fatal(err)
	}
	o.Rate *= 2
	n := prepared(t, train.Settings{})
	if _, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, from); err == nil || !strings.Contains(err.Error(), "other settings") {
		t.Errorf("another learning rate: %v", err)
	}
	if _, err := train.OpenCheckpoint(filepath.Join(t.TempDir(), "none")); !errors.Is(err, train.ErrNoCheckpoint) {
		t.Errorf("no checkpoint: %v", err)
	}
}

// Photos that vanish and labels that are unknown are counted and skipped, or end
// the run.
func TestRowsThatCannotBeUsed(t *testing.T) {
	path := drawn(t, 0, 12)
	if err := os.Remove(filepath.Join(filepath.Dir(path), "5.png")); err != nil {
		t.Fatal(err)
	}
	o := options()
	o.Epochs = 1
	var warned []error
	tr := trained(t, path, o, train.Hooks{Warn: func(err error) { warned = append(warned, err) }})
	if len(warned) != 1 || !strings.Contains(warned[0].Error(), "5.png") || tr.State().Skipped != 1 {
		t.Errorf("warnings %v, %d skipped", warned, tr.State().Skipped)
	}
	o.Strict = true
	n := prepared(t, train.Settings{})
	strict, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer strict.Close()
	if err := strict.Run(context.Background(), train.Hooks{}); err == nil || !strings.Contains(err.Error(), "5.png") {
		t.Errorf("with strict: %v", err)
	}
}

// A learning rate that blows the weights up is named and leaves them finite.
func TestLossThatIsNoNumber(t *testing.T) {
	path := drawn(t, 0, 24)
	o := options()
	o.Optimizer, o.Rate, o.Clip, o.Warmup = "sgd", 1e20, 0, 0
	var warned error
	tr := trained(t, path, o, train.Hooks{Warn: func(err error) { warned = err }})
	var odd *train.NotFiniteError
	if !errors.As(warned, &odd) || tr.State().Skipped == 0 {
		t.Errorf("warning %v, %d skipped", warned, tr.State().Skipped)
	}
}

// The layer that made the loss no number is named, in whatever part of a batch:
// its weights are too great for the sum of two products to stay finite.
func TestLayerThatIsNoNumberIsNamed(t *testing.T) {
	path := drawn(t, 0, 8)
	for _, parts := range []int{1, 4} {
		n := prepared(t, train.Settings{})
		for _, w := range n.Weights() {
			if w.Name == "last/w" {
				for i, values := 0, tensor.Elements[float32](w.Value); i < len(values); i++ {
					values[i] = math.MaxFloat32
				}
			}
		}
		o := options()
		o.Epochs, o.Parts, o.Strict = 1, parts, true
		tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, nil)
		if err != nil {
			t.Fatal(err)
		}
		err = tr.Run(context.Background(), train.Hooks{})
		tr.Close()
		var odd *train.NotFiniteError
		if !errors.As(err, &odd) || odd.First != "features" && odd.First != "last" || !strings.Contains(err.Error(), odd.First) {
			t.Errorf("in %d parts: %v", parts, err)
		}
	}
}

// A gradient that is no number is named by the layer of the backward pass, and by
// the weight: the values before it are finite.
func TestGradientThatIsNoNumberIsNamed(t *testing.T) {
	path := drawn(t, 0, 8)
	n := prepared(t, train.Settings{})
	scale := func(name string, by float32) {
		for _, w := range n.Weights() {
			for i, values := 0, tensor.Elements[float32](w.Value); w.Name == name && i < len(values); i++ {
				values[i] *= by
			}
		}
	}
	scale("stem/w", 1e-30)
	scale("stem/b", 1e-30)
	scale("depthwise/w", 1e28)
	scale("last/w", 1e28)
	o := options()
	o.Epochs, o.Strict, o.Losses.LambdaVisual = 1, true, 0
	tr, err := train.NewTrainer(context.Background(), n, rows(t, path, n), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer tr.Close()
	var odd *train.NotFiniteError
	if err := tr.Run(context.Background(), train.Hooks{}); !errors.As(err, &odd) || !strings.HasPrefix(odd.Tensor, "gradient of ") || odd.First == "" {
		t.Errorf("%v", err)
	}
}
