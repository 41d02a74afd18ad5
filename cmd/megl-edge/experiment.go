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
	Losses   experimentLossesCommand   `cmd:"" help:"Train with several losses and seeds, and say which differences are more than chance."`
	Ablation experimentAblationCommand `cmd:"" help:"Train without explanations, with maps, with sentences, with both and with all of MEGL, and say what each brings."`
}

func (*experimentCommand) example() string { return (*experimentLossesCommand)(nil).example() }

// experimentFlags are what experiments have in common.
type experimentFlags struct {
	Model  string `short:"m" required:"" env:"MEGL_MODEL" placeholder:"FILE" help:"Model file (.megl) that every run starts from. Also taken from the environment variable MEGL_MODEL."`
	Data   string `required:"" placeholder:"PATH" help:"Photos to learn from."`
	Output string `short:"o" required:"" placeholder:"FILE" help:"File of the runs, a JSON line for each; an experiment that was stopped goes on from it."`

	PerClass int     `default:"10" placeholder:"N" help:"Photos of each class in a run; 0 for all."`
	Lambda   float32 `name:"lambda-visual" default:"1" help:"Weight of the heat maps in the loss."`
	Epochs   int     `default:"15" help:"How often each photo is seen."`
	Batch    int     `default:"16" help:"Photos in a step."`
	Words    int     `name:"vocabulary" default:"1000" placeholder:"TOKENS" help:"Where sentences count: tokens that are learned from those of a run."`
	Size     int     `default:"0" placeholder:"PIXELS" help:"Height and width of the photos; 0 keeps the model's."`
	Freeze   string  `default:"none" placeholder:"none|backbone|K" help:"What stays as it is: none, backbone, or all but the last K blocks."`
	Rate     float32 `default:"0.0005" help:"Learning rate."`

	Jobs int  `default:"0" help:"Runs at a time, on one thread each; 0 means one for each processor."`
	JSON bool `name:"json" help:"Print one JSON object."`
}

type experimentLossesCommand struct {
	experimentFlags
	Val       string  `required:"" placeholder:"PATH" help:"Photos to measure with; nothing is chosen by them."`
	Arms      string  `default:"none,l1,l1+vedc,haics,res-g,res-l,gradia" placeholder:"LIST" help:"What to compare with the first: none, or l1, haics, res-g, res-l or gradia, each with +vedc, +constant, +text or +features and =LAMBDA if wanted."`
	Seeds     int     `default:"5" help:"Runs of each, at least 2: a seed chooses photos, masks, first weights and order."`
	MaskShare float64 `default:"1" help:"Use the masks of this share of the photos."`
}

func (*experimentLossesCommand) example() string {
	return "megl-edge experiment losses --model mobilenet.megl --data train.jsonl --val val.jsonl -o losses.jsonl"
}

const aboutTables = `The table has means over seeds with 95 % intervals, and differences to the first row, seed by seed (Student's t): an interval that does not hold 0 is more than chance. The runs take hours, which are told beforehand; each is written as soon as it is done.`

func (*experimentLossesCommand) Help() string {
	return `Every arm is trained with every seed, and measured on --val with the weights of its last step. ` + aboutTables
}

func (c *experimentLossesCommand) Run(ctx context.Context, std streams) error {
	if err := c.check(c.Seeds, "--seeds"); err != nil {
		return badInput(err)
	}
	arms, err := experiment.ParseArms(c.Arms, c.Lambda)
	if err != nil {
		return inputError{fmt.Errorf("--arms: %w", err)}
	}
	rows, err := data.Load(c.Data, nil)
	if err != nil {
		return badInput(err)
	}
	val, err := data.Load(c.Val, rows.Labels())
	if err != nil {
		return badInput(err)
	}
	settings := c.settings(rows, c.MaskShare)
	settings.Measured = val.Len()
	return c.run(ctx, std, &experiment.Experiment{Settings: settings, Arms: arms, Seeds: c.Seeds}, rows, val, "experiment-losses")
}

type experimentAblationCommand struct {
	experimentFlags
	Seeds     int     `default:"10" help:"Runs without explanations and with all of MEGL: a seed chooses the fold to measure with, photos, masks, first weights and order."`
	Others    int     `name:"seeds-of-others" default:"5" help:"Runs of the other ways, at least 2."`
	Folds     int     `default:"5" help:"Parts of the photos, of which a run measures with one and learns from the others."`
	MaskShare float64 `default:"0.1" help:"Use the masks of this share of the photos."`
	Textual   float32 `name:"lambda-textual" default:"1" help:"Weight of the sentences in the loss."`
}

func (*experimentAblationCommand) example() string {
	return "megl-edge experiment ablation --model mobilenet.megl --data train.jsonl -o ablation.jsonl"
}

func (*experimentAblationCommand) Help() string {
	return `Table 4 of the paper (MEGL, arXiv 2411.13053) on your own data: no explanations, visual (masks), text (sentences through the map), both, all (with VEDC, which holds the maps of photos without mask to where objects lie), and all with the weights of the maps' channels as constants. Every run measures with the weights of its last step, on a fold that it did not learn from. ` + aboutTables
}

func (c *experimentAblationCommand) Run(ctx context.Context, std streams) error {
	if err := errors.Join(c.check(c.Seeds, "--seeds"), c.check(c.Others, "--seeds-of-others"), c.checkFolds()); err != nil {
		return badInput(err)
	}
	rows, err := data.Load(c.Data, nil)
	if err != nil {
		return badInput(err)
	}
	settings := c.settings(rows, c.MaskShare)
	settings.Folds = c.Folds
	arms := experiment.Ablation(c.Lambda, c.Textual, c.Others)
	return c.run(ctx, std, &experiment.Experiment{Settings: settings, Arms: arms, Seeds: c.Seeds}, rows, nil, "experiment-ablation")
}

func (c *experimentAblationCommand) checkFolds() error {
	const most = 100
	switch {
	case c.Folds < 2 || c.Folds > most:
		return fmt.Errorf("--folds %d: give a number from 2 to %d", c.Folds, most)
	case !(c.Textual > 0) || !(c.Lambda > 0):
		return fmt.Errorf("--lambda-visual %v and --lambda-textual %v: give numbers above 0", c.Lambda, c.Textual)
	}
	return nil
}

type experimentResult struct {
	schema
	Output string           `json:"output"`
	Rows   []experiment.Row `json:"rows"`
}

// check checks what experiments have in common, and a number of seeds that a flag gave.
func (c *experimentFlags) check(seeds int, flag string) error {
	switch {
	case seeds < 2:
		return fmt.Errorf("%s %d: give at least 2: one run does not tell what is chance", flag, seeds)
	case c.PerClass < 0:
		return fmt.Errorf("--per-class %d: give a number of photos, or 0 for all", c.PerClass)
	case c.Jobs < 0 || c.Jobs > maxThreads:
		return fmt.Errorf("--jobs %d: give a number from 1 to %d, or 0 for one a processor", c.Jobs, maxThreads)
	}
	return nil
}

func (c *experimentFlags) settings(rows *data.Dataset, maskShare float64) experiment.Settings {
	o := train.DefaultOptions()
	o.Epochs, o.Batch, o.Rate, o.MaskShare = c.Epochs, c.Batch, c.Rate, maskShare
	return experiment.Settings{
		Photos: rows.Len(), PerClass: c.PerClass, Side: c.Size, Freeze: c.Freeze, Vocabulary: c.Words, Options: o,
	}
}

// run makes the runs that are missing, and prints the table.
func (c *experimentFlags) run(ctx context.Context, std streams, e *experiment.Experiment, rows, val *data.Dataset, name string) error {
	content, err := os.ReadFile(c.Model)
	if err != nil {
		return badInput(err)
	}
	sum := sha256.Sum256(content)
	e.Model = hex.EncodeToString(sum[:])
	if e.Jobs = c.Jobs; e.Jobs == 0 {
		e.Jobs = goruntime.GOMAXPROCS(0)
	}
	m, err := model.Load(c.Model)
	if err != nil {
		return badInput(err)
	}
	defer m.Close()
	file, err := experiment.OpenFile(c.Output, e.Settings)
	if err != nil {
		return badInput(err)
	}
	if err := errors.Join(c.complete(ctx, std, e, m, rows, val, file), file.Close()); err != nil {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("stopped after %s; the same command goes on from there", counted(len(file.Runs), "run"))
		}
		return err
	}
	result := experimentResult{schemaOf(name), c.Output, experiment.Compare(e.Arms, file.Runs)}
	if c.JSON {
		return writeJSON(std.out, result)
	}
	return printComparison(std.out, result.Rows)
}

// complete makes the runs that a file lacks, after telling how long that takes.
func (c *experimentFlags) complete(ctx context.Context, std streams, e *experiment.Experiment, m *model.Model, rows, val *data.Dataset, file *experiment.File) error {
	expected, err := e.Duration(ctx, m, rows, file)
	if err != nil {
		return err
	}
	missing := len(e.Missing(file))
	fmt.Fprintf(std.err, "%s to make, %d at a time: about %.1f hours, and the measuring\n", counted(missing, "run"), e.Jobs, expected.Hours())
	return e.Run(ctx, m, rows, val, file, progressOfRuns(std.err, missing))
}

// progressOfRuns prints a line for each run that is done. The first ones tell how
// long the rest takes.
func progressOfRuns(out io.Writer, missing int) func(r experiment.Run, left int) {
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
