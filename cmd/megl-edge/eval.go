package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"

	"megl-edge/runtime/model"
	"megl-edge/train/data"
	"megl-edge/train/evaluate"
)

type evalCommand struct {
	Model evalModelCommand `cmd:"" default:"withargs" help:"Score a model on labelled photos; \"eval --model FILE\" is short for it."`
	Text  evalTextCommand  `cmd:"" help:"Score sentences against references: BLEU, ROUGE-L and CIDEr-D."`
}

// Help is shown for eval alone, where kong lists no flags of its own.
func (*evalCommand) Help() string {
	return "`megl-edge eval --model FILE` is short for `megl-edge eval model --model FILE`; `megl-edge eval model --help` lists its flags."
}

func (*evalCommand) example() string { return (*evalModelCommand)(nil).example() }

type evalModelCommand struct {
	Model   string `short:"m" default:"built-in" env:"MEGL_MODEL" placeholder:"FILE" help:"Model file (.megl), or built-in for the one that the program carries. Also taken from the environment variable MEGL_MODEL."`
	Data    string `required:"" placeholder:"PATH" help:"Labelled photos: a JSONL or COCO file, a Pascal VOC folder, or a folder for each class."`
	Others  string `name:"unrelated" placeholder:"PATH" help:"Photos of none of the model's classes: measure how well it tells them from those of --data."`
	Blind   string `placeholder:"FILE" help:"Of a model that speaks: compare its sentences with those of this one, which was trained with --blind-decoder."`
	Quick   bool   `help:"Leave out what takes many runs for each photo: insertion, deletion, the scrambled model, and sentences about changed photos."`
	Seed    uint64 `default:"1" help:"Of the intervals and the scrambled model."`
	Threads int    `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

func (*evalModelCommand) example() string {
	return "megl-edge eval --model pets.megl --data val.jsonl"
}

func (*evalModelCommand) Help() string {
	return `Scores come with an interval: 95 % of 1000 resamples of the photos lie in it. Classes: accuracy, and precision, recall and F1 as means over classes; the calibration error is the mean difference between confidence and accuracy. Heat maps explain the labelled class: overlap with the mask (IoU at 0.5), how often the maximum lies inside, the share of the map inside; the probability of the class while the most salient pixels appear (insertion, the greater the better) or vanish (deletion, the smaller the better); and the rank correlation with the maps of the same network with scrambled weights, which should be low. A map that does not overlap more than one that is always in the centre explains nothing.`
}

type evalResult struct {
	schema
	Model string `json:"model"`
	Data  string `json:"data"`
	*evaluate.Scores
}

func (c *evalModelCommand) Run(ctx context.Context, std streams) error {
	if c.Threads < 0 || c.Threads > maxThreads {
		return inputError{fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", c.Threads, maxThreads)}
	}
	m, err := loadModel(c.Model)
	if err != nil {
		return badInput(err)
	}
	defer m.Close()
	d, err := data.Load(c.Data, m.Labels)
	if err != nil {
		return badInput(err)
	}
	var unrelated *data.Dataset
	if c.Others != "" {
		if unrelated, err = data.Load(c.Others, m.Labels); err != nil {
			return badInput(err)
		}
	}
	var blind *model.Model
	if c.Blind != "" {
		if blind, err = model.Load(c.Blind); err != nil {
			return badInput(err)
		}
		defer blind.Close()
	}
	progress := newProgress(std.err, d.Len())
	scores, err := evaluate.Run(ctx, m, d, evaluate.Options{
		Threads: c.Threads, Seed: c.Seed, Quick: c.Quick, Unrelated: unrelated, Sentences: true, Blind: blind,
		Warn: warnings(std.err),
		Step: func(done, _ int) { progress.show(done-1, "photos") },
	})
	progress.clear()
	if err != nil {
		return fmt.Errorf("%s: %w", c.Data, err)
	}
	if c.JSON {
		return writeJSON(std.out, evalResult{schemaOf("eval"), c.Model, c.Data, scores})
	}
	return printScores(std.out, scores)
}

// warnings logs the first few things that were skipped.
func warnings(w io.Writer) func(error) {
	const most = 5
	log := loggerTo(w)
	seen := 0
	return func(err error) {
		switch seen++; {
		case seen <= most:
			log.Warn("skipped", "reason", err.Error())
		case seen == most+1:
			log.Warn("more is skipped; `megl-edge data check` lists all that is wrong with data")
		}
	}
}

// loggerTo returns what warnings are written with.
func loggerTo(w io.Writer) *slog.Logger {
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: withoutTime}))
}

// withoutTime keeps a line the same from run to run.
func withoutTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.Attr{}
	}
	return a
}

func printScores(out io.Writer, s *evaluate.Scores) error {
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintf(w, "photos\t%d\t%d labelled, %d with a mask, %s skipped\n", s.Images, s.Labelled, s.Masked, counted(s.Skipped, "row"))
	for _, row := range []struct {
		name  string
		score *evaluate.Score
	}{
		{"accuracy", s.Accuracy}, {"macro precision", s.MacroPrecision}, {"macro recall", s.MacroRecall},
		{"macro F1", s.MacroF1}, {"calibration error", s.CalibrationError},
		{"mean IoU", s.MeanIoU}, {"pointing game", s.PointingGame}, {"energy in mask", s.EnergyInMask},
		{"centre prior IoU", s.CentrePriorIoU},
		{"insertion AUC", s.InsertionAUC}, {"deletion AUC", s.DeletionAUC}, {"scrambled, Spearman", s.RandomisationRank},
	} {
		if row.score == nil {
			fmt.Fprintf(w, "%s\t–\n", row.name)
			continue
		}
		fmt.Fprintf(w, "%s\t%.3f\t%.3f – %.3f\n", row.name, row.score.Value, row.score.Low, row.score.High)
	}
	if a := s.UnknownAUROC; a != nil {
		fmt.Fprintf(w, "unknown AUROC\t%.3f\t%.3f – %.3f\n", a.Value, a.Low, a.High)
	}
	for _, name := range evaluate.TextNames() {
		score, ok := s.Text[name]
		if !ok {
			continue
		}
		fmt.Fprintf(w, "%s\t%.3f\t%.3f – %.3f", strings.ReplaceAll(name, "_", " "), score.Value, score.Low, score.High)
		if g := score.Gain; g != nil {
			fmt.Fprintf(w, "\tgain over blind %+.3f (%+.3f – %+.3f)", g.Value, g.Low, g.High)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}
