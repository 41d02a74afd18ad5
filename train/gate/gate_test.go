package gate

import (
	"math"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/model"
	"megl-edge/train/evaluate"
)

func score(v float64) *evaluate.Score { return &evaluate.Score{Value: v} }

// scores are those of a good model of three classes.
func scores(change func(*evaluate.Scores)) *evaluate.Scores {
	s := &evaluate.Scores{
		Accuracy: score(.9), MacroF1: score(.88), MeanIoU: score(.5), InsertionAUC: score(.7), DeletionAUC: score(.3), RandomisationRank: score(.1),
		Text: map[string]evaluate.TextScore{
			"bleu4": {Score: *score(.6)}, "cider_d": {Score: *score(4)}, "wrong_attributes": {Score: *score(.05)}, "mirrored_sides": {Score: *score(.5)},
		},
		Recalls: []evaluate.Recall{{Right: 9, Photos: 10}, {Right: 4, Photos: 5}, {Right: 1, Photos: 2}}, Labelled: 17,
	}
	change(s)
	return s
}

func judged(t *testing.T, labels []string, change func(*evaluate.Scores)) *Report {
	t.Helper()
	r := &Report{Passed: true, Limits: DefaultLimits()}
	current := Entrant{Model: &model.Model{Labels: []string{"a", "b", "c"}}}
	candidate := Entrant{Model: &model.Model{Labels: labels, TargetLayer: "layer"}}
	s := scores(change)
	r.compare(candidate, current, s, scores(func(*evaluate.Scores) {}))
	r.absolute(candidate, s)
	return r
}

func TestGate(t *testing.T) {
	text := func(name string, v float64) func(*evaluate.Scores) {
		return func(s *evaluate.Scores) { s.Text[name] = evaluate.TextScore{Score: *score(v)} }
	}
	for name, c := range map[string]struct {
		change func(*evaluate.Scores)
		want   string // the reason; "" where it passes
	}{
		"the same":                {func(*evaluate.Scores) {}, ""},
		"better":                  {func(s *evaluate.Scores) { s.Accuracy, s.MeanIoU = score(1), score(.9) }, ""},
		"worse within the limits": {func(s *evaluate.Scores) { s.Accuracy, s.MacroF1, s.MeanIoU = score(.891), score(.861), score(.481) }, ""},
		"accuracy":                {func(s *evaluate.Scores) { s.Accuracy = score(.889) }, "accuracy 0.889, the current model has 0.900"},
		"macro F1":                {func(s *evaluate.Scores) { s.MacroF1 = score(.85) }, "macro F1 0.850"},
		"no number":               {func(s *evaluate.Scores) { s.MacroF1 = score(math.NaN()) }, "macro F1 NaN"},
		"mean IoU":                {func(s *evaluate.Scores) { s.MeanIoU = score(.47) }, "mean IoU 0.470"},
		"no maps":                 {func(s *evaluate.Scores) { s.MeanIoU = nil }, "mean IoU: the candidate has none"},
		"faithfulness":            {func(s *evaluate.Scores) { s.InsertionAUC = score(.6) }, "faithfulness 0.300"},
		"bleu4":                   {text("bleu4", .56), "bleu4 0.560"},
		"cider within its scale":  {text("cider_d", 3.8), ""},
		"cider":                   {text("cider_d", 3.6), "cider d 3.600"},
		"wrong attributes":        {text("wrong_attributes", .09), "wrong attributes 0.090"},
		"fewer wrong attributes":  {text("wrong_attributes", 0), ""},
		"silent":                  {func(s *evaluate.Scores) { s.Text = nil }, "bleu4: the candidate has none"},
		"collapse":                {func(s *evaluate.Scores) { s.Recalls[1].Right = 1 }, `"b" collapsed: 1 of 5`},
		"collapse of few photos":  {func(s *evaluate.Scores) { s.Recalls[2].Right = 0 }, ""},
		"fewer known photos":      {func(s *evaluate.Scores) { s.Labelled = 16 }, "photos of known classes"},
		"scrambled":               {func(s *evaluate.Scores) { s.RandomisationRank = score(.8) }, "do not show what was learned"},
		"one answer":              {func(s *evaluate.Scores) { s.Accuracy = score(.58) }, "naming always the most frequent class gives 0.588"},
	} {
		r := judged(t, []string{"a", "b", "c"}, c.change)
		if r.Passed != (c.want == "") || !strings.Contains(r.Reasons(), c.want) {
			t.Errorf("%s: passed %v: %q, want %q", name, r.Passed, r.Reasons(), c.want)
		}
		if failed := slices.ContainsFunc(r.Checks, func(c Check) bool { return c.Passed != (c.Reason == "") }); failed {
			t.Errorf("%s: a check passed with a reason, or failed without: %+v", name, r.Checks)
		}
	}
	if r := judged(t, []string{"a", "c"}, func(s *evaluate.Scores) { s.Recalls = s.Recalls[:2] }); r.Passed || !strings.Contains(r.Reasons(), `does not know "b"`) {
		t.Errorf("a lost class: %q", r.Reasons())
	}
}
