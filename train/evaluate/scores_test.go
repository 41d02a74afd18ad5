package evaluate

import (
	"math"
	"slices"
	"testing"

	"megl-edge/gradcam/render"
	"megl-edge/train/data"
)

// answers makes outcomes of labels, answers and confidences.
func answers(rows ...[3]float64) []outcome {
	var all []outcome
	for _, r := range rows {
		all = append(all, outcome{class: int(r[0]), predicted: int(r[1]), confidence: r[2]})
	}
	return all
}

func near(t *testing.T, name string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-12 {
		t.Errorf("%s is %v, want %v", name, got, want)
	}
}

func TestClassScores(t *testing.T) {
	// Class 0: asked 3, answered 2, right 2. Class 1: asked 1, answered 2, right 1.
	// Class 2 is asked once and never answered; class 3 does not occur.
	s := summarize(answers([3]float64{0, 0, .9}, [3]float64{0, 0, .7}, [3]float64{0, 1, .6}, [3]float64{1, 1, .5}, [3]float64{2, 2, .4}), 4, 1)
	near(t, "accuracy", s.Accuracy.Value, 4./5)
	near(t, "macro precision", s.MacroPrecision.Value, (1+.5+1)/3)
	near(t, "macro recall", s.MacroRecall.Value, (2./3+1+1)/3)
	near(t, "macro F1", s.MacroF1.Value, (4./5+2./3+1)/3)
	// Each photo has a bin of its own.
	near(t, "calibration error", s.CalibrationError.Value, (.1+.3+.6+.5+.6)/5)
	if want := []Recall{{2, 3}, {1, 1}, {1, 1}, {}}; !slices.Equal(s.Recalls, want) {
		t.Errorf("recalls %v, want %v", s.Recalls, want)
	}
	if s.MeanIoU != nil || s.InsertionAUC != nil || s.Images != 5 || s.Labelled != 5 || s.Masked != 0 {
		t.Errorf("scores without masks: %+v", s)
	}
	if a := s.Accuracy; a.Low < 0 || a.Low > a.Value || a.High < a.Value || a.High > 1 || a.Low == a.High {
		t.Errorf("the interval of %v is %v to %v", a.Value, a.Low, a.High)
	}
	again := summarize(answers([3]float64{0, 0, .9}, [3]float64{0, 0, .7}, [3]float64{0, 1, .6}, [3]float64{1, 1, .5}, [3]float64{2, 2, .4}), 4, 1)
	if *again.MacroF1 != *s.MacroF1 {
		t.Errorf("the same seed gives %v and %v", *s.MacroF1, *again.MacroF1)
	}
}

func TestPhotosWithoutLabel(t *testing.T) {
	all := answers([3]float64{data.NoClass, 1, .5}, [3]float64{1, 1, .5})
	all[0].masked, all[0].iou = true, .25
	s := summarize(all, 2, 1)
	near(t, "accuracy", s.Accuracy.Value, 1)
	near(t, "mean IoU", s.MeanIoU.Value, .25)
	if s.Images != 2 || s.Labelled != 1 || s.Masked != 1 {
		t.Errorf("%+v", s)
	}
}

// An interval covers the mean of what the photos are drawn from about 95 times in
// 100.
func TestIntervalsCover(t *testing.T) {
	state, covered := uint32(1), 0
	for trial := range 200 {
		var sample []outcome
		for range 60 {
			state = state*1664525 + 1013904223
			sample = append(sample, outcome{predicted: int(state >> 31)})
		}
		s := bootstrapped(sample, func(o []outcome) float64 {
			return meanOf(o, func(o *outcome) float64 { return float64(o.predicted) })
		}, uint64(trial))
		if s.Low <= 0.5 && 0.5 <= s.High {
			covered++
		}
	}
	if covered < 180 || covered > 199 {
		t.Errorf("%d of 200 intervals cover the true mean", covered)
	}
}

func TestCentrePrior(t *testing.T) {
	m := centrePrior(4, 6)
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	if m.Values[0] >= m.Values[8] || m.Values[8] != m.Values[9] || m.Values[8] != m.Values[14] {
		t.Errorf("the map is %v", m.Values)
	}
}

func TestBySaliency(t *testing.T) {
	order, err := bySaliency(render.Map{Height: 1, Width: 3, Values: []float32{.5, 1, .5}}, 1, 3)
	if err != nil || order[0] != 1 || order[1] != 0 || order[2] != 2 {
		t.Errorf("order %v: %v", order, err)
	}
	if c := meanColour([]uint8{10, 0, 0, 20, 4, 0}); c != [3]uint8{15, 2, 0} {
		t.Errorf("mean colour %v", c)
	}
}
