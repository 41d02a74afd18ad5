package evaluate

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"megl-edge/gradcam"
	"megl-edge/gradcam/mapmetric"
	"megl-edge/runtime/model"
	"megl-edge/sdtg"
	"megl-edge/train/data"
)

// Options of [Run].
type Options struct {
	Threads int // 0: as many as Go uses processors
	Seed    uint64
	// Quick leaves out what takes many runs for each photo: insertion, deletion and
	// the scrambled model.
	Quick bool
	// Sentences scores what the model says, if it speaks and rows have sentences.
	Sentences bool
	// Blind is a model whose decoder sees nothing, to compare sentences with; nil: none.
	Blind *model.Model
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
	r := &runner{model: m, options: o, dataset: d}
	if err := r.prepare(); err != nil {
		return nil, err
	}
	defer r.close()
	all, err := r.each(ctx, d, r.score, o.Step)
	if err != nil {
		return nil, err
	}
	scores := summarize(all, len(m.Labels), o.Seed)
	scores.Text = scoreSentences(all, o.Seed)
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
	dataset   *data.Dataset
	blank     *gradcam.Explainer // of the scrambled model; nil if it is not asked for
	witness   *witness           // of a model that speaks; nil if it is not asked for
	blind     *sdtg.Voice        // nil if it is not asked for
	skipped   int
}

func (r *runner) prepare() error {
	options := gradcam.Options{Threads: r.options.Threads, NoMap: r.model.TargetLayer == ""}
	var err error
	if r.explainer, err = gradcam.NewExplainer(r.model, options); err != nil {
		return err
	}
	if err := r.openVoices(); err != nil {
		r.close()
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

// openVoices prepares the sentences, if they are asked for and the model speaks.
func (r *runner) openVoices() error {
	if !r.options.Sentences {
		return nil
	}
	voice, err := sdtg.OpenVoice(r.model, r.options.Threads)
	if errors.Is(err, sdtg.ErrSilent) {
		return nil
	}
	if err != nil {
		return err
	}
	p := r.model.Preprocess
	r.witness = &witness{voice: voice, explainer: r.explainer, lexicon: lexiconOf(r.dataset), height: p.Height, width: p.Width}
	if r.options.Blind == nil {
		return nil
	}
	if !slices.Equal(r.options.Blind.Labels, r.model.Labels) {
		return errors.New("the blind model has other classes")
	}
	described, err := sdtg.Describe(r.options.Blind)
	if err == nil && !described.Blind {
		err = errors.New("its decoder sees the photo; train one with --blind-decoder")
	}
	if err == nil {
		r.blind, err = sdtg.OpenVoice(r.options.Blind, r.options.Threads)
	}
	if err != nil {
		return fmt.Errorf("the blind model: %w", err)
	}
	return nil
}

func (r *runner) close() {
	r.explainer.Close()
	if r.witness != nil {
		r.witness.voice.Close()
	}
	if r.blind != nil {
		r.blind.Close()
	}
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
	if err := r.listen(&o, e, x); err != nil {
		return o, err
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

// listen scores the sentences about a photo that has some to compare with.
func (r *runner) listen(o *outcome, e *data.Example, x *gradcam.Explanation) error {
	if r.witness == nil || e.TextWeight == 0 {
		return nil
	}
	row := r.dataset.Row(e.Index)
	var err error
	if o.said, err = r.witness.hear(e, row, x, !r.options.Quick); err != nil || r.blind == nil {
		return err
	}
	account, err := r.blind.SayBlind(x.Class)
	if err != nil {
		return err
	}
	o.blind = r.witness.lexicon.scoreText(account.Text, row)
	return nil
}
