package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/alecthomas/kong"

	"megl-edge/runtime/model"
	"megl-edge/train/confidence"
	"megl-edge/train/data"
)

type calibrateCommand struct {
	Model   string `short:"m" required:"" env:"MEGL_MODEL" placeholder:"FILE" help:"Model file (.megl). Also taken from the environment variable MEGL_MODEL."`
	Data    string `required:"" placeholder:"PATH" help:"Photos that the model learned from: what its classes look like to it."`
	Val     string `required:"" placeholder:"PATH" help:"Labelled photos that it did not learn from."`
	Output  string `short:"o" required:"" placeholder:"FILE" help:"Model file to write."`
	Threads int    `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

func (*calibrateCommand) example() string {
	return "megl-edge calibrate --model pets-int8.megl --data train.jsonl --val val.jsonl -o pets.megl"
}

func (*calibrateCommand) Help() string {
	return "`train` with --val does this at its end; a model that was changed since, as by `quantize`, or that was trained elsewhere, is calibrated here. Probabilities are softened or sharpened by one temperature, fitted on --val. A photo is unknown whose features point elsewhere than those of every class: 5 % of --val do."
}

type calibrateResult struct {
	schema
	Output string `json:"output"`
	*model.Confidence
}

func (c *calibrateCommand) Run(ctx context.Context, std streams, k *kong.Context) error {
	if c.Threads < 0 || c.Threads > maxThreads {
		return inputError{fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", c.Threads, maxThreads)}
	}
	m, err := loadModel(c.Model)
	if err != nil {
		return badInput(err)
	}
	defer m.Close()
	rows, err := data.Load(c.Data, m.Labels)
	if err != nil {
		return badInput(err)
	}
	val, err := data.Load(c.Val, m.Labels)
	if err != nil {
		return badInput(err)
	}
	if m.Confidence, err = confidence.Fit(ctx, m, rows, val, c.Threads); err != nil {
		return fmt.Errorf("%s: %w", c.Model, err)
	}
	step, err := stepOf(k, c.Model, rows, 0)
	if err != nil {
		return err
	}
	m.Provenance.Steps = append(m.Provenance.Steps, step)
	m.Provenance.Tool = "megl-edge " + version()
	m.Provenance.Note = strings.TrimPrefix(m.Provenance.Note+"; ", "; ") + fmt.Sprintf("calibrated on %s", filepath.Base(c.Val))
	if err := m.Save(c.Output); err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(std.out, calibrateResult{schemaOf("calibrate"), c.Output, m.Confidence})
	}
	unknown := "; without a layer of positions nothing is unknown to it"
	if m.Confidence.KnowsUnknown() {
		unknown = fmt.Sprintf("; unknown from %.3f on", m.Confidence.Threshold)
	}
	_, err = fmt.Fprintf(std.out, "%s: temperature %.3f%s\n", c.Output, m.Confidence.Temperature, unknown)
	return err
}
