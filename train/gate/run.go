package gate

import (
	"context"
	"fmt"
	"strings"

	"megl-edge/runtime/model"
	"megl-edge/train/data"
	"megl-edge/train/evaluate"
)

// Entrant is a model with the bytes of its file.
type Entrant struct {
	*model.Model
	Size int64
}

// Options of [Run].
type Options struct {
	Limits  Limits
	Threads int // 0: as many as Go uses processors
	// Warn is called with rows that cannot be used; may be nil.
	Warn func(error)
	// Step is called after every photo of both models; may be nil.
	Step func(done, all int)
}

// seed of the intervals and the scrambled networks: the same models and photos give the
// same report, but for the times.
const seed = 1

// Run measures a candidate, and the current model, which may be nil, on the golden set
// at path. It fails where it cannot measure; a candidate that it refuses is no error.
func Run(ctx context.Context, candidate Entrant, current *Entrant, path string, o Options) (*Report, error) {
	golden, err := data.Load(path, candidate.Labels)
	if err != nil {
		return nil, err
	}
	r := &Report{Passed: true, Golden: path, Limits: o.Limits}
	if r.GoldenSHA256, err = golden.Sum(); err != nil {
		return nil, err
	}
	models, all := 1, golden.Len()
	if current != nil {
		models = 2
	}
	measure := func(m *model.Model, rows *data.Dataset, before int) (*evaluate.Scores, error) {
		return evaluate.Run(ctx, m, rows, evaluate.Options{
			Threads: o.Threads, Seed: seed, Sentences: true, Warn: o.Warn,
			Step: func(done, _ int) {
				if o.Step != nil {
					o.Step(before+done, models*all)
				}
			},
		})
	}
	scores, err := measure(candidate.Model, golden, 0)
	if err != nil {
		return nil, fmt.Errorf("the candidate: %w", err)
	}
	r.Photos = scores.Images
	if scores.Labelled == 0 {
		return nil, fmt.Errorf("%s: no photo has a label that the candidate knows: a gate needs labelled photos", path)
	}
	if current == nil {
		r.absolute(candidate, scores)
		return r, nil
	}
	rows, err := data.Load(path, current.Labels)
	if err != nil {
		return nil, err
	}
	before, err := measure(current.Model, rows, all)
	if err != nil {
		return nil, fmt.Errorf("the current model: %w", err)
	}
	r.compare(candidate, *current, scores, before)
	r.absolute(candidate, scores)
	ratio, err := latency(candidate.Model, current.Model, rows, o.Threads)
	if err != nil {
		return nil, err
	}
	r.atMost("latency", one(), ratio, o.Limits.Latency,
		fmt.Sprintf("latency: an explanation takes %.2f times as long as now, %.2f is the limit", ratio, o.Limits.Latency))
	grown := float64(candidate.Size) / float64(max(1, current.Size))
	r.atMost("size", one(), grown, o.Limits.Size,
		fmt.Sprintf("size: the file is %.2f times as large as now, %.2f is the limit", grown, o.Limits.Size))
	return r, nil
}

// one is what factors are relative to.
func one() *float64 {
	v := 1.0
	return &v
}

func value(s *evaluate.Score) *float64 {
	if s == nil {
		return nil
	}
	return &s.Value
}

// compare adds the checks against the current model.
func (r *Report) compare(candidate, current Entrant, scores, before *evaluate.Scores) {
	l := r.Limits
	labelled := func(s *evaluate.Scores) *float64 {
		n := float64(s.Labelled)
		return &n
	}
	r.notWorse("photos of known classes", labelled(before), labelled(scores), 0, false)
	r.notWorse("accuracy", value(before.Accuracy), value(scores.Accuracy), l.Accuracy, false)
	r.notWorse("macro F1", value(before.MacroF1), value(scores.MacroF1), l.MacroF1, false)
	r.classes(candidate, current, scores, before)
	r.notWorse("mean IoU", value(before.MeanIoU), value(scores.MeanIoU), l.MeanIoU, false)
	r.notWorse("faithfulness", faithfulness(before), faithfulness(scores), l.Faithfulness, false)
	for _, s := range []struct {
		name  string
		scale float64 // CIDEr-D goes to 10
		most  bool
	}{
		{"bleu4", 1, false}, {"rouge_l", 1, false}, {"cider_d", 10, false}, {"attribute_recall", 1, false},
		{"wrong_attributes", 1, true}, {"grounded_phrases", 1, false},
	} {
		r.notWorse(strings.ReplaceAll(s.name, "_", " "), textValue(before, s.name), textValue(scores, s.name), s.scale*l.Text, s.most)
	}
}

func textValue(s *evaluate.Scores, name string) *float64 {
	score, ok := s.Text[name]
	if !ok {
		return nil
	}
	return &score.Value
}

// faithfulness is how much more the most salient pixels do for a class than the others:
// insertion less deletion.
func faithfulness(s *evaluate.Scores) *float64 {
	if s.InsertionAUC == nil || s.DeletionAUC == nil {
		return nil
	}
	difference := s.InsertionAUC.Value - s.DeletionAUC.Value
	return &difference
}

// classes checks that no class of the current model collapsed.
func (r *Report) classes(candidate, current Entrant, scores, before *evaluate.Scores) {
	number := map[string]int{}
	for i, label := range candidate.Labels {
		number[label] = i
	}
	c := Check{Name: "classes", Passed: true}
	for i, label := range current.Labels {
		was := before.Recalls[i]
		if was.Photos < r.Limits.CollapsePhotos || was.Right == 0 {
			continue
		}
		class, known := number[label]
		switch {
		case !known:
			c.Passed, c.Reason = false, fmt.Sprintf("classes: the candidate does not know %q", label)
		case float64(scores.Recalls[class].Right) < (1-r.Limits.Collapse)*float64(was.Right):
			c.Passed, c.Reason = false, fmt.Sprintf("classes: %q collapsed: %d of %d photos are recognised, %d now", label, scores.Recalls[class].Right, was.Photos, was.Right)
		}
		if !c.Passed {
			break
		}
	}
	r.add(c)
}

// absolute adds the checks that need no current model.
func (r *Report) absolute(candidate Entrant, scores *evaluate.Scores) {
	r.better("better than one answer", scores)
	if candidate.TargetLayer == "" || scores.RandomisationRank == nil {
		r.add(Check{Name: "randomisation", Reason: "randomisation: the candidate draws no heat map: import it with one"})
		return
	}
	correlation := scores.RandomisationRank.Value
	r.atMost("randomisation", nil, correlation, r.Limits.Scrambled,
		fmt.Sprintf("randomisation: maps correlate by %.3f with those of scrambled weights, %.3f is the limit: they do not show what was learned", correlation, r.Limits.Scrambled))
}

// better checks that a model does more than name the most frequent class.
func (r *Report) better(name string, scores *evaluate.Scores) {
	most := 0
	for _, c := range scores.Recalls {
		most = max(most, c.Photos)
	}
	bound, accuracy := float64(most)/float64(scores.Labelled), scores.Accuracy.Value
	c := Check{Name: name, Candidate: &accuracy, Bound: &bound, Passed: accuracy > bound || bound == 1 && accuracy == 1}
	if !c.Passed {
		c.Reason = fmt.Sprintf("accuracy %.3f: naming always the most frequent class gives %.3f", accuracy, bound)
	}
	r.add(c)
}
