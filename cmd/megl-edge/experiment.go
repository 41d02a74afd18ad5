package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	goruntime "runtime"
	"strings"
	"time"

	"megl-edge/runtime/model"
	"megl-edge/train"
	"megl-edge/train/data"
	"megl-edge/train/experiment"
)

type experimentCommand struct {
	Losses experimentLossesCommand `cmd:"" help:"Train with several losses and seeds, and say which differences are more than chance."`
}

func (*experimentCommand) example() string { return (*experimentLossesCommand)(nil).example() }

type experimentLossesCommand struct {
	Model  string `short:"m" required:"" env:"MEGL_MODEL" placeholder:"FILE" help:"Model file (.megl) that every run starts from. Also taken from the environment variable MEGL_MODEL."`
	Data   string `required:"" placeholder:"PATH" help:"Photos to learn from."`
	Val    string `required:"" placeholder:"PATH" help:"Photos to measure with; nothing is chosen by them."`
	Output string `short:"o" required:"" placeholder:"FILE" help:"File of the runs, a JSON line for each; an experiment that was stopped goes on from it."`

	Arms      string  `default:"none,l1,l1+vedc,haics,res-g,res-l,gradia" placeholder:"LIST" help:"What to compare with the first: none, or l1, haics, res-g, res-l or gradia, each with +vedc, +constant, +text or +features and =LAMBDA if wanted."`
	Seeds     int     `default:"5" help:"Runs of each, at least 2: a seed chooses photos, masks, first weights and order."`
	PerClass  int     `default:"10" placeholder:"N" help:"Photos of each class in a run; 0 for all."`
	MaskShare float64 `default:"1" help:"Use the masks of this share of the photos."`
	Lambda    float32 `name:"lambda-visual" default:"1" help:"Weight of the heat maps in the loss."`
	Epochs    int     `default:"15" help:"How often each photo is seen."`
	Batch     int     `default:"16" help:"Photos in a step."`
	Words     int     `name:"vocabulary" default:"1000" placeholder:"TOKENS" help:"For +text: tokens that are learned from the sentences of a run."`
	Size      int     `default:"0" placeholder:"PIXELS" help:"Height and width of the photos; 0 keeps the model's."`
	Freeze    string  `default:"none" placeholder:"none|backbone|K" help:"What stays as it is: none, backbone, or all but the last K blocks."`
	Rate      float32 `default:"0.0005" help:"Learning rate."`

	Jobs int  `default:"0" help:"Runs at a time, on one thread each; 0 means one for each processor."`
	JSON bool `name:"json" help:"Print one JSON object."`
}

func (*experimentLossesCommand) example() string {
	return "megl-edge experiment losses --model mobilenet.megl --data train.jsonl --val val.jsonl -o losses.jsonl"
}

func (*experimentLossesCommand) Help() string {
	return `Every arm is trained with every seed, and measured on --val with the weights of its last step. The table has means over seeds with 95 % intervals, and differences to the first arm, seed by seed (Student's t): an interval that does not hold 0 is more than chance. The runs take hours; each is written as soon as it is done.`
}

type experimentResult struct {
	schema
	Output string           `json:"output"`
	Rows   []experiment.Row `json:"rows"`
}

func (c *experimentLossesCommand) Run(ctx context.Context, std streams) error {
	arms, err := c.check()
	if err != nil {
		return badInput(err)
	}
	rows, err := data.Load(c.Data, nil)
	if err != nil {
		return badInput(err)
	}
	val, err := data.Load(c.Val, rows.Labels())
	if err != nil {
		return badInput(err)
	}
	m, err := model.Load(c.Model)
	if err != nil {
		return badInput(err)
	}
	defer m.Close()
	e, err := c.experiment(arms, rows, val)
	if err != nil {
		return badInput(err)
	}
	file, err := experiment.OpenFile(c.Output, e.Settings)
	if err != nil {
		return badInput(err)
	}
	left := progressOfRuns(std.err, len(e.Missing(file)), e.Jobs)
	if err := errors.Join(e.Run(ctx, m, rows, val, file, left), file.Close()); err != nil {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("stopped after %s; the same command goes on from there", counted(len(file.Runs), "run"))
		}
		return err
	}
	result := experimentResult{schemaOf("experiment-losses"), c.Output, experiment.Compare(arms, file.Runs)}
	if c.JSON {
		return writeJSON(std.out, result)
	}
	return printComparison(std.out, result.Rows)
}

func (c *experimentLossesCommand) check() ([]experiment.Arm, error) {
	switch {
	case c.Seeds < 2:
		return nil, fmt.Errorf("--seeds %d: give at least 2: one run does not tell what is chance", c.Seeds)
	case c.PerClass < 0:
		return nil, fmt.Errorf("--per-class %d: give a number of photos, or 0 for all", c.PerClass)
	case c.Jobs < 0 || c.Jobs > maxThreads:
		return nil, fmt.Errorf("--jobs %d: give a number from 1 to %d, or 0 for one a processor", c.Jobs, maxThreads)
	}
	arms, err := experiment.ParseArms(c.Arms, c.Lambda)
	if err != nil {
		return nil, fmt.Errorf("--arms: %w", err)
	}
	return arms, nil
}

func (c *experimentLossesCommand) experiment(arms []experiment.Arm, rows, val *data.Dataset) (*experiment.Experiment, error) {
	content, err := os.ReadFile(c.Model)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	jobs := c.Jobs
	if jobs == 0 {
		jobs = goruntime.GOMAXPROCS(0)
	}
	o := train.DefaultOptions()
	o.Epochs, o.Batch, o.Rate, o.MaskShare = c.Epochs, c.Batch, c.Rate, c.MaskShare
	settings := experiment.Settings{
		Model: hex.EncodeToString(sum[:]), Photos: rows.Len(), Measured: val.Len(),
		PerClass: c.PerClass, Side: c.Size, Freeze: c.Freeze, Vocabulary: c.Words, Options: o,
	}
	return &experiment.Experiment{Settings: settings, Arms: arms, Seeds: c.Seeds, Jobs: jobs}, nil
}

// progressOfRuns prints a line for each run that is done. The first ones tell how
// long the rest takes.
func progressOfRuns(out io.Writer, missing, jobs int) func(r experiment.Run, left int) {
	fmt.Fprintf(out, "%s to make, %d at a time\n", counted(missing, "run"), jobs)
	started := time.Now()
	return func(r experiment.Run, left int) {
		line := fmt.Sprintf("%s, seed %d:", r.Arm, r.Seed)
		for _, score := range experiment.Scores {
			if s := score.Of(r.Scores); s != nil {
				line += fmt.Sprintf(" %s %.3f", score.Name, s.Value)
			}
		}
		rest := time.Duration(float64(time.Since(started)) / float64(missing-left) * float64(left))
		fmt.Fprintf(out, "%s; %s left, %v\n", line, counted(left, "run"), rest.Round(time.Second))
	}
}

// printComparison prints a table in Markdown.
func printComparison(out io.Writer, rows []experiment.Row) error {
	names := make([]string, len(experiment.Scores))
	for i, s := range experiment.Scores {
		names[i] = s.Name
	}
	fmt.Fprintf(out, "| | seeds | %s |\n|---|---|%s\n", strings.Join(names, " | "), strings.Repeat("---|", len(names)))
	line := func(name string, seeds int, cells map[string]experiment.Interval, format string) {
		fmt.Fprintf(out, "| %s | %d |", name, seeds)
		for _, s := range names {
			if v, ok := cells[s]; ok {
				fmt.Fprintf(out, " "+format+" |", v.Mean, v.Low, v.High)
			} else {
				fmt.Fprint(out, " – |")
			}
		}
		fmt.Fprintln(out)
	}
	for _, r := range rows {
		line(r.Arm, r.Seeds, r.Means, "%.3f (%.3f – %.3f)")
	}
	for _, r := range rows[1:] {
		line(r.Arm+" − "+rows[0].Arm, r.Seeds, r.Gains, "%+.3f (%+.3f – %+.3f)")
	}
	return nil
}
