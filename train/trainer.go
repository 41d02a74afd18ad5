package train

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"time"

	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/train/data"
	"megl-edge/train/optim"
)

// Trainer fits a network to a data set. It is used by one goroutine.
// [Trainer.Close] ends its threads.
type Trainer struct {
	network   *Network
	dataset   *data.Dataset
	options   Options
	feeder    *feeder
	prior     *model.Prior
	stepper   *Stepper
	optimizer optim.Optimizer
	schedule  optim.Schedule
	average   *optim.Average
	best      [][]float32 // weights of the best validation, as current gives them
	sums      [][]float32 // gradients of the parts so far, by parameter
	state     State
	files     atomicfile.Files // where checkpoints go
	saved     time.Time
}

// State is how far a run has come.
type State struct {
	Cursor data.Cursor `json:"cursor"` // where the next step begins
	Step   int         `json:"step"`   // steps made
	// BestEpoch has the best validation so far, BestScore; −1 if there was none.
	BestEpoch int     `json:"best_epoch"`
	BestScore float64 `json:"best_score"`
	// Unscored says that the epoch's last step is made and its validation is not:
	// where that was interrupted, the run goes on with it.
	Unscored bool `json:"unscored"`
	// Skipped counts rows and steps that could not be used.
	Skipped int  `json:"skipped"`
	Done    bool `json:"done"`
}

// Progress is what a step or an epoch brought.
type Progress struct {
	State
	Steps     int // of the whole run
	Terms     Terms
	Rate      float32 // of learning
	Norm      float64 // of the gradients, before clipping
	Photos    int     // in the step
	EpochDone bool
	Validated bool
	Score     float64 // of the validation
}

// Hooks are what a run calls. Each may be nil.
type Hooks struct {
	// Step is called after every step.
	Step func(Progress)
	// Warn is called with what was skipped: a [data.RowError], or a
	// [NotFiniteError].
	Warn func(error)
	// Validate scores a model after an epoch; the greater the better.
	Validate func(m *model.Model) (float64, error)
}

// NotFiniteError says that a loss or a gradient is no number.
type NotFiniteError struct {
	Step   int
	Tensor string // what is no number: the loss, or the gradient of a weight
	// First is the first value of the step that is none, in the order of
	// computation: a layer, by its name in the graph. Empty where each photo's part
	// of the step is finite and only their sum is not.
	First string
}

func (e *NotFiniteError) Error() string {
	where := ""
	if e.First != "" {
		where = fmt.Sprintf(" (the first value that is not is that of %q)", e.First)
	}
	return fmt.Sprintf("step %d: the %s is not a finite number%s; a smaller learning rate or clipping may help", e.Step, e.Tensor, where)
}

// NewTrainer prepares a run. Where the checkpoint of an earlier run of the same
// kind is given, it goes on from there.
func NewTrainer(ctx context.Context, n *Network, d *data.Dataset, o Options, from *Checkpoint) (*Trainer, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	if !slices.Equal(d.Labels(), n.Labels) {
		return nil, errors.New("the data set's classes are not those of the network")
	}
	t := &Trainer{network: n, dataset: d, options: o, state: State{BestEpoch: -1}, files: atomicfile.System{}, saved: time.Now()}
	if from != nil {
		t.prior = from.prior
	}
	if err := t.prepare(ctx); err != nil {
		return nil, err
	}
	if from == nil {
		return t, nil
	}
	if err := t.restore(from); err != nil {
		t.Close()
		return nil, err
	}
	return t, nil
}

func (t *Trainer) prepare(ctx context.Context) error {
	o := &t.options
	if o.Losses.Compares() && o.Losses.Consistency && t.prior == nil {
		used := func(row data.Row) bool { return chosen(row, o.MaskShare, o.Seed) }
		prior, err := newPrior(ctx, t.network, t.dataset, used, t.loading())
		if err != nil {
			return err
		}
		t.prior = prior
	}
	t.feeder = newFeeder(t.network, o, t.dataset, t.prior)
	var err error
	t.stepper, err = NewStepper(t.network, StepOptions{
		Batch: o.Batch / o.Parts, Losses: t.feeder.losses(), ConstantWeights: o.ConstantWeights, ThroughFeatures: o.ThroughFeatures,
		Threads: o.Threads, MemoryLimit: o.MemoryLimit,
	})
	if err != nil {
		return err
	}
	for i := range t.stepper.Parameters {
		if p := &t.stepper.Parameters[i]; slices.Contains(t.network.head, p.Name) {
			p.Factor = o.HeadRate
		}
	}
	if t.optimizer, err = optim.New(o.Optimizer, o.Decay); err != nil {
		t.Close()
		return err
	}
	perEpoch := (t.dataset.Len() + o.Batch - 1) / o.Batch
	t.schedule = optim.Schedule{Rate: o.Rate, Warmup: int(o.Warmup * float64(perEpoch)), Total: perEpoch * o.Epochs}
	if o.Average > 0 {
		t.average = optim.NewAverage(o.Average, t.stepper.Parameters)
	}
	return nil
}

// loading returns how rows become examples.
func (t *Trainer) loading() data.LoaderOptions {
	return data.LoaderOptions{
		Preprocess: t.network.Preprocess, Augment: t.options.Augment, Batch: t.options.Batch,
		Shuffle: true, Seed: t.options.Seed, Start: t.state.Cursor, Epochs: t.options.Epochs, Workers: t.options.Workers,
	}
}

// State returns how far the run has come.
func (t *Trainer) State() State { return t.state }

// Close ends the threads.
func (t *Trainer) Close() { t.stepper.Close() }

// Run trains until the last epoch, or until ctx ends: then the step in progress is
// finished, a checkpoint is saved, and the error is that of ctx, or that of saving.
func (t *Trainer) Run(ctx context.Context, hooks Hooks) error {
	if t.state.Done {
		return nil
	}
	if _, err := t.score(hooks); err != nil {
		return t.stopped(ctx, err)
	}
	loader, err := data.NewLoader(ctx, t.dataset, t.loading())
	if err != nil {
		return err
	}
	defer loader.Close()
	for !t.state.Done {
		batch, err := loader.Next()
		switch {
		case errors.Is(err, io.EOF):
			t.state.Done = true
		case err != nil:
			return t.stopped(ctx, err)
		default:
			progress, err := t.stepOrSkip(batch, hooks)
			if err != nil {
				return err
			}
			if err := t.scoreAndReport(progress, hooks); err != nil {
				return t.stopped(ctx, err)
			}
		}
		if err := t.saveIfDue(); err != nil {
			return err
		}
	}
	return t.save()
}

// stopped ends a run between two steps. If ctx is why, the run is saved.
func (t *Trainer) stopped(ctx context.Context, err error) error {
	if ctx.Err() == nil {
		return err
	}
	if err := t.save(); err != nil {
		return err
	}
	return ctx.Err()
}

// stepOrSkip makes a step of a batch. One whose loss or gradient is no number is
// skipped, unless the run is strict.
func (t *Trainer) stepOrSkip(batch *data.Batch, hooks Hooks) (Progress, error) {
	if err := t.faults(batch, hooks); err != nil {
		return Progress{}, err
	}
	progress, err := t.step(batch)
	var odd *NotFiniteError
	if errors.As(err, &odd) && !t.options.Strict {
		t.state.Skipped++
		if hooks.Warn != nil {
			hooks.Warn(odd)
		}
	} else if err != nil {
		return Progress{}, err
	}
	t.state.Cursor = batch.End
	progress.Photos = len(batch.Examples)
	progress.EpochDone = batch.End.Position == t.dataset.Len()
	t.state.Unscored = progress.EpochDone
	return progress, nil
}

// scoreAndReport validates behind the last step of an epoch, and calls the hook,
// after a validation that failed too: the step is made.
func (t *Trainer) scoreAndReport(p Progress, hooks Hooks) error {
	p.Validated = t.state.Unscored && hooks.Validate != nil
	score, err := t.score(hooks)
	if p.Score = score; err != nil {
		p.Validated = false
	}
	if hooks.Step != nil {
		p.State, p.Steps = t.state, t.schedule.Total
		hooks.Step(p)
	}
	return err
}

// score validates where an epoch waits for it.
func (t *Trainer) score(hooks Hooks) (float64, error) {
	var score float64
	if t.state.Unscored && hooks.Validate != nil {
		var err error
		if score, err = t.validate(hooks.Validate); err != nil {
			return 0, err
		}
	}
	t.state.Unscored = false
	return score, nil
}

// faults counts the rows of a batch that cannot be used, or fails on the first.
func (t *Trainer) faults(batch *data.Batch, hooks Hooks) error {
	for i := range batch.Examples {
		for j := range batch.Examples[i].Faults {
			fault := &batch.Examples[i].Faults[j]
			if t.options.Strict {
				return fault
			}
			t.state.Skipped++
			if hooks.Warn != nil {
				hooks.Warn(fault)
			}
		}
	}
	return nil
}

// step changes the weights by one batch.
func (t *Trainer) step(batch *data.Batch) (Progress, error) {
	p := Progress{Rate: t.schedule.At(t.state.Step)}
	t.state.Step++
	parts := t.feeder.parts(batch.Examples, batch.End.Epoch)
	t.stepper.forget()
	for i, part := range parts {
		terms, err := t.stepper.Run(part)
		if err != nil {
			return p, err
		}
		p.Terms.Total += terms.Total
		p.Terms.Prediction += terms.Prediction
		p.Terms.Visual += terms.Visual
		p.Terms.Consistency += terms.Consistency
		p.Terms.Textual += terms.Textual
		t.accumulate(i, len(parts))
	}
	if total := float64(p.Terms.Total); math.IsNaN(total) || math.IsInf(total, 0) {
		return p, t.notFinite("loss", parts)
	}
	parameters := t.stepper.Parameters
	norm, damaged := optim.Norm(parameters)
	if damaged >= 0 {
		return p, t.notFinite(gradientOutput(parameters[damaged].Name), parts)
	}
	if p.Norm = norm; t.options.Clip > 0 && norm > t.options.Clip {
		optim.Scale(parameters, float32(t.options.Clip/norm))
	}
	t.optimizer.Step(p.Rate, parameters)
	t.stepper.track()
	if t.average != nil {
		t.average.Add(parameters)
	}
	return p, nil
}

// notFinite says where in the parts of a step the first value is no number.
func (t *Trainer) notFinite(result string, parts []Batch) error {
	e := &NotFiniteError{Step: t.state.Step, Tensor: result}
	for _, part := range parts {
		first, err := t.stepper.FirstNotFinite(part)
		if err != nil {
			return err
		}
		if first != "" {
			e.First = first
			break
		}
	}
	return e
}

// accumulate adds the gradients of part i to those of the parts before; the last
// part leaves the sums as the gradients.
func (t *Trainer) accumulate(i, parts int) {
	if parts == 1 {
		return
	}
	if t.sums == nil {
		t.sums = make([][]float32, len(t.stepper.Parameters))
	}
	for j, p := range t.stepper.Parameters {
		if i == 0 {
			t.sums[j] = append(t.sums[j][:0], p.Gradient...)
			continue
		}
		for k, g := range p.Gradient {
			t.sums[j][k] += g
		}
		if i == parts-1 {
			copy(p.Gradient, t.sums[j])
		}
	}
}

// validate scores the weights of the epoch, or their average, and keeps the best.
func (t *Trainer) validate(score func(*model.Model) (float64, error)) (float64, error) {
	current := t.current()
	m, err := t.modelOf(current)
	if err != nil {
		return 0, err
	}
	s, err := score(m)
	if err != nil {
		return 0, err
	}
	epoch := int(t.state.Cursor.Epoch)
	if math.IsNaN(s) || math.IsInf(s, 0) {
		return 0, fmt.Errorf("validation of epoch %d: the score is %v", epoch+1, s)
	}
	if t.state.BestEpoch < 0 || s > t.state.BestScore {
		t.state.BestEpoch, t.state.BestScore = epoch, s
		t.best = make([][]float32, len(current))
		for i, values := range current {
			t.best[i] = slices.Clone(values)
		}
	}
	if t.options.Patience > 0 && epoch-t.state.BestEpoch >= t.options.Patience {
		t.state.Done = true
	}
	return s, nil
}

// current returns the weights to use, the average's if there is one, and behind
// them the running statistics.
func (t *Trainer) current() [][]float32 {
	var values [][]float32
	for i, p := range t.stepper.Parameters {
		if t.average != nil {
			values = append(values, t.average.Values[i])
		} else {
			values = append(values, p.Value)
		}
	}
	for _, s := range t.stepper.Statistics {
		values = append(values, s.Value)
	}
	return values
}

// names returns those of what current returns.
func (t *Trainer) names() []string {
	var names []string
	for _, p := range t.stepper.Parameters {
		names = append(names, p.Name)
	}
	for _, s := range t.stepper.Statistics {
		names = append(names, s.Name)
	}
	return names
}

// Model returns the model with the weights of the best validation, or without one
// those of the last step.
func (t *Trainer) Model() (*model.Model, error) {
	if t.best != nil {
		return t.modelOf(t.best)
	}
	return t.modelOf(t.current())
}

// modelOf returns the model with the given values of what current returns.
func (t *Trainer) modelOf(values [][]float32) (*model.Model, error) {
	for i, name := range t.names() {
		for _, w := range t.network.weights {
			if w.Name == name {
				copy(tensor.Elements[float32](w.Value), values[i])
			}
		}
	}
	m, err := t.network.Model()
	if err == nil {
		m.Prior = t.prior
	}
	return m, err
}
