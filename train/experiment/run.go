package experiment

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"megl-edge/runtime/model"
	"megl-edge/train"
	"megl-edge/train/data"
	"megl-edge/train/evaluate"
)

// Settings are what all runs of an experiment have in common. They are part of its
// file.
type Settings struct {
	Model    string `json:"model"`     // SHA-256 of the file that every run starts from
	Photos   int    `json:"photos"`    // to learn from, before PerClass
	Measured int    `json:"measured"`  // photos to measure with
	PerClass int    `json:"per_class"` // photos of each class, chosen by the seed; 0: all
	Side     int    `json:"side"`      // pixels; 0 keeps the model's
	Freeze   string `json:"freeze"`    // see train.Network.Freeze
	// Vocabulary is the tokens that are learned from the sentences of a run.
	Vocabulary int `json:"vocabulary"`
	// Folds cuts the photos into so many parts: a run measures with one of them, the
	// next seed with the next one, and learns from the others. 0: nothing is cut.
	Folds int `json:"folds,omitempty"`
	// Options of training, whose seed and losses are those of a run.
	Options train.Options `json:"options"`
}

// Experiment is every arm trained with every seed from 1 to Seeds. A run is
// measured with the weights of its last step: nothing is chosen by what measures
// it.
type Experiment struct {
	Settings
	Arms  []Arm
	Seeds int
	// Jobs is how many runs go on at a time, each on one thread.
	Jobs int
}

// Run trains and measures what the file does not have yet: with val, or where there
// are folds with one of rows. done is called after
// each run, never twice at a time, with how many runs are left.
func (e *Experiment) Run(ctx context.Context, m *model.Model, rows, val *data.Dataset, f *File, done func(r Run, left int)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	missing := e.Missing(f)
	var (
		workers  sync.WaitGroup
		lock     sync.Mutex // of what follows, and of the file
		next     int
		finished int
		failure  error
	)
	for range min(e.Jobs, len(missing)) {
		workers.Go(func() {
			for {
				lock.Lock()
				if next == len(missing) || ctx.Err() != nil {
					lock.Unlock()
					return
				}
				r := missing[next]
				next++
				lock.Unlock()

				err := e.run(ctx, m, rows, val, &r)

				lock.Lock()
				if err == nil {
					err = f.Append(r)
				}
				if err != nil {
					if failure == nil {
						failure = err
					}
					stop()
				} else if done != nil {
					finished++
					done(r, len(missing)-finished)
				}
				lock.Unlock()
			}
		})
	}
	workers.Wait()
	if failure == nil {
		failure = ctx.Err()
	}
	return failure
}

// Missing returns the runs that a file does not have yet, seed by seed.
func (e *Experiment) Missing(f *File) []Run {
	var missing []Run
	for seed := uint64(1); seed <= uint64(e.Seeds); seed++ {
		for _, arm := range e.Arms {
			if arm.Seeds > 0 && seed > uint64(arm.Seeds) {
				continue
			}
			if !slices.ContainsFunc(f.Runs, func(r Run) bool { return r.Arm == arm.Name && r.Seed == seed }) {
				missing = append(missing, Run{Arm: arm.Name, Seed: seed})
			}
		}
	}
	return missing
}

func (e *Experiment) arm(name string) Arm {
	return e.Arms[slices.IndexFunc(e.Arms, func(a Arm) bool { return a.Name == name })]
}

// run trains and measures one network.
func (e *Experiment) run(ctx context.Context, m *model.Model, rows, val *data.Dataset, r *Run) error {
	if e.Folds > 0 {
		rows, val = train.Fold(rows, int((r.Seed-1)%uint64(e.Folds)), e.Folds)
	}
	fitted, err := e.train(ctx, m, rows, r, train.Hooks{})
	if err != nil {
		return fmt.Errorf("%s, seed %d: %w", r.Arm, r.Seed, err)
	}
	r.Scores, err = evaluate.Run(ctx, fitted, val, evaluate.Options{Threads: 1, Seed: r.Seed, Quick: true})
	if err != nil {
		return fmt.Errorf("%s, seed %d: measuring: %w", r.Arm, r.Seed, err)
	}
	return nil
}

// Duration tells about how long training takes until nothing is missing: it makes the
// first steps of a run of the last arm that is missing.
func (e *Experiment) Duration(ctx context.Context, m *model.Model, rows *data.Dataset, f *File) (time.Duration, error) {
	missing := e.Missing(f)
	if len(missing) == 0 {
		return 0, nil
	}
	const warm, timed = 1, 4 // steps
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	r := missing[len(missing)-1]
	var began time.Time
	var run time.Duration
	hooks := train.Hooks{Step: func(p train.Progress) {
		switch p.Step {
		case warm:
			began = time.Now()
		case min(p.Steps, warm+timed):
			run = time.Since(began) / timed * time.Duration(p.Steps)
			stop()
		}
	}}
	if e.Folds > 0 {
		rows, _ = train.Fold(rows, 0, e.Folds)
	}
	if _, err := e.train(ctx, m, rows, &r, hooks); run == 0 && err != nil {
		return 0, err
	}
	return run * time.Duration(len(missing)) / time.Duration(max(1, min(e.Jobs, len(missing)))), nil
}

func (e *Experiment) train(ctx context.Context, m *model.Model, rows *data.Dataset, r *Run, hooks train.Hooks) (*model.Model, error) {
	if e.PerClass > 0 {
		rows = train.PerClass(rows, e.PerClass, r.Seed)
	}
	o, arm := e.Options, e.arm(r.Arm)
	settings := train.Settings{Labels: rows.Labels(), Side: e.Side, Seed: r.Seed}
	if arm.Losses.Speaks() {
		var err error
		if settings.Vocabulary, err = train.LearnVocabulary(rows, e.Vocabulary); err != nil {
			return nil, err
		}
	}
	n, err := train.Prepare(m, settings)
	if err != nil {
		return nil, err
	}
	if err := n.Freeze(e.Freeze); err != nil {
		return nil, err
	}
	o.Seed, o.Losses, o.ConstantWeights, o.ThroughFeatures = r.Seed, arm.Losses, arm.ConstantWeights, arm.ThroughFeatures
	o.Threads, o.Workers = 1, 1
	t, err := train.NewTrainer(ctx, n, rows, o, nil)
	if err != nil {
		return nil, err
	}
	defer t.Close()
	if err := t.Run(ctx, hooks); err != nil {
		return nil, err
	}
	return t.Model()
}
