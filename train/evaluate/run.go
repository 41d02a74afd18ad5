package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io"

	"megl-edge/gradcam"
	"megl-edge/gradcam/mapmetric"
	"megl-edge/runtime/model"
	"megl-edge/train/data"
)

// Options of [Run].
type Options struct {
	Threads int // 0: as many as Go uses processors
	Seed    uint64
	// Quick leaves out what takes many runs for each photo: insertion, deletion and
	// the scrambled model.
	Quick bool
	// Unrelated are photos of none of the model's classes; nil: none. The model must
	// tell how unknown a photo is.
	Unrelated *data.Dataset
	// Warn is called with rows that cannot be used; may be nil.
	Warn func(error)
	// Step is called after every photo; may be nil.
	Step func(done, all int)
}

// Run scores a model on a data set that has its labels. A map explains the labelled
// class, or without label the predicted one.
func Run(ctx context.Context, m *model.Model, d *data.Dataset, o Options) (*Scores, error) {
	r := &runner{model: m, options: o}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	defer r.close()
	all, err := r.each(ctx, d, r.score, o.Step)
	if err != nil {
		return nil, err
	}
	scores := summarize(all, len(m.Labels), o.Seed)
	if o.Unrelated != nil {
		if !m.Confidence.KnowsUnknown() {
			return nil, errors.New("the model cannot tell unknown photos: calibrate it first")
		}
		others, err := r.each(ctx, o.Unrelated, r.glance, nil)
		if err != nil {
			return nil, err
		}
		scores.UnknownAUROC = separation(all, others, o.Seed)
	}
	scores.Skipped = r.skipped
	return scores, nil
}

// each computes the outcomes of all photos that can be read. step may be nil.
func (r *runner) each(ctx context.Context, d *data.Dataset, score func(*data.Example) (outcome, error), step func(done, all int)) ([]outcome, error) {
	loader, err := data.NewLoader(ctx, d, data.LoaderOptions{Preprocess: r.model.Preprocess, Batch: 1, Epochs: 1, Ahead: 8})
	if err != nil {
		return nil, err
	}
	defer loader.Close()
	var all []outcome
	for done := 1; ; done++ {
		batch, err := loader.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if e := &batch.Examples[0]; r.usable(e) {
			one, err := score(e)
			if err != nil {
				return nil, err
			}
			all = append(all, one)
		}
		if step != nil {
			step(done, d.Len())
		}
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%s: no photo could be read", d.Path())
	}
	return all, nil
}

// glance notes classes and confidence of a photo only.
func (r *runner) glance(e *data.Example) (outcome, error) {
	x, err := r.explainer.ExplainInput(e.Pixels, gradcam.Automatic)
	if err != nil {
		return outcome{}, err
	}
	return outcomeOf(e, x), nil
}

type runner struct {
	model     *model.Model
	options   Options
	explainer *gradcam.Explainer
	blank     *gradcam.Explainer // of the scrambled model; nil if it is not asked for
	skipped   int
}

func (r *runner) prepare() error {
	options := gradcam.Options{Threads: r.options.Threads, NoMap: r.model.TargetLayer == ""}
	var err error
	if r.explainer, err = gradcam.NewExplainer(r.model, options); err != nil {
		return err
	}
	if r.options.Quick || options.NoMap {
		return nil
	}
	blank, err := scrambled(r.model, r.options.Seed)
	if err == nil {
		r.blank, err = gradcam.NewExplainer(blank, options)
	}
	if err != nil {
		r.close()
	}
	return err
}

func (r *runner) close() {
	r.explainer.Close()
	if r.blank != nil {
		r.blank.Close()
	}
}

// usable tells whether there is a photo to score, and counts what is wrong.
func (r *runner) usable(e *data.Example) bool {
	for i := range e.Faults {
		r.skipped++
		if r.options.Warn != nil {
			r.options.Warn(&e.Faults[i])
		}
	}
	return !e.Unreadable()
}

// score computes all that is asked for of one photo.
func (r *runner) score(e *data.Example) (outcome, error) {
	x, err := r.explainer.ExplainInput(e.Pixels, explained(e))
	if err != nil {
		return outcome{}, err
	}
	o := outcomeOf(e, x)
	if r.model.TargetLayer == "" {
		return o, nil
	}
	height, width := r.model.Preprocess.Height, r.model.Preprocess.Width
	if e.MaskWeight > 0 {
		if err := o.scoreMask(x.Map, e, height, width); err != nil {
			return o, err
		}
	}
	if r.blank == nil {
		return o, nil
	}
	o.disturbed = true
	if o.insertion, o.deletion, err = areas(r.explainer, e.Pixels, x.Map, x.Class, height, width); err != nil {
		return o, err
	}
	other, err := r.blank.ExplainInput(e.Pixels, x.Class)
	if errors.Is(err, gradcam.ErrNotFinite) {
		return o, nil // a scrambled network may overflow: its map is as good as none
	}
	if err != nil {
		return o, err
	}
	o.scrambled, err = mapmetric.Spearman(x.Map, other.Map)
	return o, err
}
