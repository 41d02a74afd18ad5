package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"megl-edge/runtime/onnx/backendtest"
)

type verifyCommand struct {
	Folders []string `arg:"" name:"folder" help:"Folders that hold ONNX backend tests, at any depth: model.onnx beside test_data_set_N folders of inputs and outputs."`
	Threads int      `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	JSON    bool     `name:"json" help:"Print one JSON object for each test, and one with the totals."`
}

func (*verifyCommand) example() string { return "megl-edge verify onnx/backend/test/data/node" }

// verifyResult is about one test.
type verifyResult struct {
	schema
	Folder  string              `json:"folder"`
	Outcome backendtest.Outcome `json:"outcome"`
	Detail  string              `json:"detail,omitempty"` // the first difference, or why it was skipped
}

// verifyTotals is the last line.
type verifyTotals struct {
	schema
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"`
}

func (c *verifyCommand) Run(ctx context.Context, std streams) error {
	if c.Threads < 0 || c.Threads > maxThreads {
		return inputError{fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", c.Threads, maxThreads)}
	}
	folders, err := backendtest.Find(c.Folders...)
	if err != nil {
		return badInput(err)
	}
	totals := verifyTotals{schema: schemaOf("verify-totals")}
	for _, folder := range folders {
		if ctx.Err() != nil {
			return errors.New("interrupted")
		}
		r := backendtest.Run(folder, c.Threads)
		totals.count(r.Outcome)
		if err := c.print(std.out, r); err != nil {
			return err
		}
	}
	if err := c.printTotals(std.out, totals); err != nil {
		return err
	}
	return totals.check()
}

func (t *verifyTotals) count(o backendtest.Outcome) {
	switch o {
	case backendtest.Passed:
		t.Passed++
	case backendtest.Failed:
		t.Failed++
	case backendtest.Skipped:
		t.Skipped++
	}
}

// check fails unless there were tests and none failed.
func (t *verifyTotals) check() error {
	all := t.Passed + t.Failed + t.Skipped
	switch {
	case all == 0:
		return errors.New("there is no test here: a test is a folder that holds model.onnx")
	case t.Failed > 0:
		return fmt.Errorf("%d of %d tests failed", t.Failed, all)
	}
	return nil
}

func (c *verifyCommand) print(w io.Writer, r backendtest.Result) error {
	if c.JSON {
		return writeJSON(w, verifyResult{schemaOf("verify"), r.Folder, r.Outcome, r.Detail})
	}
	line := string(r.Outcome) + " " + r.Folder
	if r.Detail != "" {
		line += ": " + r.Detail
	}
	_, err := fmt.Fprintln(w, printable(line))
	return err
}

func (c *verifyCommand) printTotals(w io.Writer, t verifyTotals) error {
	if c.JSON {
		return writeJSON(w, t)
	}
	_, err := fmt.Fprintf(w, "%d passed, %d failed, %d skipped\n", t.Passed, t.Failed, t.Skipped)
	return err
}
