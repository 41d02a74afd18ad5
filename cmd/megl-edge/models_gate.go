package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"text/tabwriter"
	"time"

	"megl-edge/runtime/model"
	"megl-edge/train/gate"
	"megl-edge/train/slot"
)

// gateFlags say what a candidate is measured with, and how much worse it may be.
type gateFlags struct {
	Golden       string  `required:"" env:"MEGL_GOLDEN" placeholder:"PATH" help:"Labelled photos that neither model learned from, with masks and sentences if there are any. Also taken from the environment variable MEGL_GOLDEN."`
	Accuracy     float64 `name:"max-loss-accuracy" default:"0.01" help:"How much accuracy a candidate may lose."`
	MacroF1      float64 `name:"max-loss-f1" default:"0.02" help:"How much macro F1."`
	MeanIoU      float64 `name:"max-loss-iou" default:"0.02" help:"How much overlap of maps with masks."`
	Faithfulness float64 `name:"max-loss-faithfulness" default:"0.05" help:"How much of insertion less deletion."`
	Text         float64 `name:"max-loss-text" default:"0.03" help:"How much of each score of its sentences; ten times as much of CIDEr-D."`
	Latency      float64 `name:"max-latency" default:"1.5" help:"How many times as long an explanation may take."`
	Size         float64 `name:"max-size" default:"1.5" help:"How many times as large the file may be."`
	Threads      int     `default:"0" help:"Threads to compute with; 0 means one for each processor."`
}

func (f *gateFlags) limits() (gate.Limits, error) {
	l := gate.DefaultLimits()
	l.Accuracy, l.MacroF1, l.MeanIoU, l.Faithfulness, l.Text, l.Latency, l.Size = f.Accuracy, f.MacroF1, f.MeanIoU, f.Faithfulness, f.Text, f.Latency, f.Size
	for _, v := range []float64{l.Accuracy, l.MacroF1, l.MeanIoU, l.Faithfulness, l.Text} {
		if !(v >= 0 && v <= 1) {
			return l, inputError{fmt.Errorf("a loss of %v: give numbers from 0 to 1", v)}
		}
	}
	if !(l.Latency > 0) || !(l.Size > 0) {
		return l, inputError{errors.New("--max-latency and --max-size: give factors above 0")}
	}
	if f.Threads < 0 || f.Threads > maxThreads {
		return l, inputError{fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", f.Threads, maxThreads)}
	}
	return l, nil
}

// judge measures the candidate at path against the current model of a store, if there is
// one.
func (f *gateFlags) judge(ctx context.Context, std streams, s *slot.Store, path string) (*gate.Report, *model.Model, error) {
	limits, err := f.limits()
	if err != nil {
		return nil, nil, err
	}
	candidate, err := entrant(path)
	if err != nil {
		return nil, nil, badInput(err)
	}
	current, err := currentOf(std, s)
	if err != nil {
		return nil, nil, badInput(errors.Join(err, candidate.Close()))
	}
	if current != nil {
		defer current.Close()
	}
	progress := &progress{}
	report, err := gate.Run(ctx, *candidate, current, f.Golden, gate.Options{
		Limits: limits, Threads: f.Threads, Warn: warnings(std.err),
		Step: func(done, all int) {
			if progress.total == 0 {
				progress = newProgress(std.err, all)
				progress.total = all
			}
			progress.show(done-1, "photos")
		},
	})
	progress.clear()
	if err != nil {
		return nil, nil, badInput(errors.Join(err, candidate.Close()))
	}
	return report, candidate.Model, nil
}

func entrant(path string) (*gate.Entrant, error) {
	m, err := model.Load(path)
	if err != nil {
		return nil, err
	}
	return &gate.Entrant{Model: m, Size: int64(fileSize(path))}, nil
}

// currentOf loads the current model of a store, or where that was damaged on disk the one
// before; nil where there is no store yet, or no model that is whole.
func currentOf(std streams, s *slot.Store) (*gate.Entrant, error) {
	state, err := s.State()
	if errors.Is(err, slot.ErrNoStore) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	damage := s.Verify(state.Current)
	switch {
	case damage == nil:
		return entrant(s.Path(state.Current))
	case state.Previous != nil && s.Verify(*state.Previous) == nil:
		loggerTo(std.err).Warn("the candidate is compared with the generation before", "reason", damage.Error())
		return entrant(s.Path(*state.Previous))
	}
	loggerTo(std.err).Warn("the candidate is judged by itself: there is no model to compare with", "reason", damage.Error())
	return nil, nil
}

type modelsGateCommand struct {
	storeFlag
	gateFlags
	File string `arg:"" help:"Model file (.megl) that wants to become current."`
	JSON bool   `name:"json" help:"Print one JSON object."`
}

func (*modelsGateCommand) example() string {
	return "megl-edge models gate new.megl --store /var/lib/megl-edge --golden golden.jsonl"
}

type modelsGateResult struct {
	schema
	Candidate string `json:"candidate"`
	*gate.Report
}

func (c *modelsGateCommand) Run(ctx context.Context, std streams) error {
	report, m, err := c.judge(ctx, std, slot.Open(c.Store), c.File)
	if err != nil {
		return err
	}
	defer m.Close()
	if c.JSON {
		err = writeJSON(std.out, modelsGateResult{schemaOf("models gate"), c.File, report})
	} else {
		err = printReport(std.out, report)
	}
	if err == nil && !report.Passed {
		err = refusal(c.File, report)
	}
	return err
}

func refusal(path string, report *gate.Report) error {
	return fmt.Errorf("%s: refused: %s", path, report.Reasons())
}

func printReport(out io.Writer, r *gate.Report) error {
	number := func(v *float64) string {
		if v == nil {
			return "–"
		}
		return fmt.Sprintf("%.3f", *v)
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "check\tcurrent\tcandidate\tlimit\t\n")
	for _, c := range r.Checks {
		sign, verdict := "≥", "passed"
		if c.Most {
			sign = "≤"
		}
		if c.Bound == nil {
			sign = ""
		}
		if !c.Passed {
			verdict = "refused"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s %s\t%s\n", c.Name, number(c.Current), number(c.Candidate), sign, number(c.Bound), verdict)
	}
	return w.Flush()
}

type modelsPromoteCommand struct {
	storeFlag
	gateFlags
	File      string `arg:"" help:"Model file (.megl) that is to become current."`
	Key       string `name:"require-signature" env:"MEGL_REQUIRE_SIGNATURE" placeholder:"KEY" help:"Refuse a model that is not signed with the Ed25519 key whose public half this PEM file holds. Also taken from the environment variable MEGL_REQUIRE_SIGNATURE."`
	Crashes   int    `default:"3" help:"On trial: return to the model before after so many crashes."`
	TrialRuns int    `default:"20" help:"On trial: end the trial after so many photos that went well; 0 for no trial."`
	JSON      bool   `name:"json" help:"Print one JSON object."`
}

func (*modelsPromoteCommand) example() string {
	return "megl-edge models promote new.megl --store /var/lib/megl-edge --golden golden.jsonl"
}

func (*modelsPromoteCommand) Help() string {
	return `A candidate that is worse than the current model by more than the limits, that lost a class, that became slow or large, or whose maps do not depend on what it learned, is refused, with status 1. The first model of a store has to be better than naming always the same class. After a promotion the model is on trial: commands that use it with --store count crashes of their processes, and return to the model before when there are too many.`
}

type modelsPromoteResult struct {
	schema
	Store      string       `json:"store"`
	Generation int          `json:"generation"`
	SHA256     string       `json:"sha256"`
	Gate       *gate.Report `json:"gate"`
}

func (c *modelsPromoteCommand) Run(ctx context.Context, std streams) error {
	if c.Crashes < 1 || c.TrialRuns < 0 {
		return inputError{fmt.Errorf("--crashes %d --trial-runs %d: give at least 1 and at least 0", c.Crashes, c.TrialRuns)}
	}
	if _, err := c.limits(); err != nil {
		return err
	}
	if c.Key != "" {
		if err := slot.VerifySignature(c.File, c.Key); err != nil {
			return badInput(err)
		}
	}
	candidate, err := c.stage()
	if err != nil {
		return err
	}
	record, report, err := c.promote(ctx, std, candidate)
	if err := errors.Join(err, candidate.Discard()); err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(std.out, modelsPromoteResult{schemaOf("models promote"), c.Store, record.Generation, record.SHA256, report})
	}
	_, err = fmt.Fprintf(std.out, "%s: generation %d is current\n", c.Store, record.Generation)
	return err
}

// stage copies the model and its signature into the store.
func (c *modelsPromoteCommand) stage() (*slot.Candidate, error) {
	f, err := os.Open(c.File)
	if err != nil {
		return nil, badInput(err)
	}
	defer f.Close()
	signature, err := os.ReadFile(c.File + slot.SignatureSuffix)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, badInput(err)
	}
	candidate, err := slot.Open(c.Store).Stage(f, signature)
	return candidate, storeError(err)
}

// promote judges what was staged, and makes it current.
func (c *modelsPromoteCommand) promote(ctx context.Context, std streams, candidate *slot.Candidate) (slot.Record, *gate.Report, error) {
	s := slot.Open(c.Store)
	report, m, err := c.judge(ctx, std, s, candidate.Path())
	if err != nil {
		return slot.Record{}, nil, err
	}
	defer m.Close()
	if !report.Passed {
		return slot.Record{}, nil, refusal(c.File, report)
	}
	if c.Key != "" {
		// What was verified may have been replaced before it was copied.
		if sum, err := fileSum(c.File); err != nil || sum != candidate.SHA256() {
			return slot.Record{}, nil, fmt.Errorf("%s: was changed while it was promoted", c.File)
		}
		if err := slot.VerifySignature(c.File, c.Key); err != nil {
			return slot.Record{}, nil, err
		}
	}
	now := time.Now()
	c.checkClock(std, s, now)
	text, err := json.Marshal(report)
	if err != nil {
		return slot.Record{}, nil, err
	}
	var trial *slot.Trial
	if c.TrialRuns > 0 {
		trial = &slot.Trial{Crashes: c.Crashes, Runs: c.TrialRuns}
	}
	record, err := candidate.Promote("megl-edge "+version(), m.Provenance, text, trial, now)
	return record, report, err
}

// checkClock warns where the clock stands before the last promotion. Nothing depends on it.
func (c *modelsPromoteCommand) checkClock(std streams, s *slot.Store, now time.Time) {
	state, err := s.State()
	if err != nil {
		return
	}
	last, err := s.Record(state.Current.Generation)
	if err == nil && now.Before(last.Promoted) {
		loggerTo(std.err).
			Warn("the clock stands before the last promotion: times in records are wrong, their order by number is right",
				"clock", now.UTC().Format(time.DateTime), "last", last.Promoted.Format(time.DateTime))
	}
}
