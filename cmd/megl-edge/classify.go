package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
)

type classifyCommand struct {
	modelFlag
	logFlag
	Photos []string `arg:"" name:"photo" help:"Photos: JPEG, PNG, GIF, WebP or BMP."`
	Top    int      `default:"5" help:"How many classes to list."`
	JSON   bool     `name:"json" help:"Print one JSON object for each photo."`
	Timing bool     `help:"Add the time, the instruction set and the threads to the JSON."`
}

func (*classifyCommand) example() string {
	return "megl-edge classify --model mobilenet.megl photo.jpg"
}

// scored is a class with its probability.
type scored struct {
	Label       string  `json:"label"`
	Probability float32 `json:"probability"`
}

type classifyResult struct {
	schema
	File    string       `json:"file"`
	Top     []scored     `json:"top"`
	Unknown *unknownJSON `json:"unknown,omitempty"` // of models that were calibrated
	Timing  *timing      `json:"timing,omitempty"`
	// Unlogged results have no row in the log that --prediction-log asks for.
	Unlogged bool `json:"unlogged,omitempty"`
}

func (c *classifyCommand) Run(ctx context.Context, std streams) error {
	if err := checkTop(c.Top); err != nil {
		return err
	}
	m, err := c.open(std.err, gradcam.Options{NoMap: true})
	if err != nil {
		return err
	}
	log, err := c.openAccount(m, std.err)
	if err != nil {
		return errors.Join(err, m.close())
	}
	err = forEachPhoto(ctx, std, c.Photos, func(s shot) error {
		start := time.Now()
		x, err := m.explainer.Explain(s.photo, gradcam.Automatic)
		if err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		m.good()
		result := classifyResult{schema: schemaOf("classify"), File: s.name, Top: topOf(x, m.Model, c.Top), Unknown: unknownOf(x)}
		if c.Timing {
			result.Timing = timingSince(start, m.explainer.Threads())
		}
		result.Unlogged = log.note(s, result.Top[0].Label, result.Top[0].Probability, nil, "")
		if c.JSON {
			return writeJSON(std.out, result)
		}
		return printTop(std.out, s.name, result.Top, result.Unknown)
	})
	return errors.Join(err, log.close(), m.close())
}

func checkTop(top int) error {
	if top < 1 {
		return inputError{fmt.Errorf("--top %d: give a number of at least 1", top)}
	}
	return nil
}

func topOf(x *gradcam.Explanation, m *model.Model, k int) []scored {
	var top []scored
	for _, class := range x.Top(k) {
		top = append(top, scored{m.Labels[class], x.Probabilities[class]})
	}
	return top
}

// unknownJSON is how unlike all classes a photo is.
type unknownJSON struct {
	Score     float32 `json:"score"`
	Threshold float32 `json:"threshold"`
	Unknown   bool    `json:"unknown"` // the score is beyond the threshold
}

func unknownOf(x *gradcam.Explanation) *unknownJSON {
	if x.Unknown == nil {
		return nil
	}
	return &unknownJSON{x.Unknown.Score, x.Unknown.Threshold, x.Unknown.Beyond()}
}

// printTop writes the classes as people read them, and whether any fits.
func printTop(w io.Writer, path string, top []scored, unknown *unknownJSON) error {
	_, err := fmt.Fprintln(w, printable(path))
	for _, s := range top {
		if err == nil {
			_, err = fmt.Fprintf(w, "  %5.1f %%  %s\n", 100*s.Probability, s.Label)
		}
	}
	if err == nil && unknown != nil && unknown.Unknown {
		_, err = fmt.Fprintf(w, "  probably none of these: unlike all that the model has learned (%.2f, from %.2f on)\n", unknown.Score, unknown.Threshold)
	}
	return err
}
