package main

import (
	"fmt"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
)

// modelFlag is the --model of the commands that use one.
type modelFlag struct {
	Model     string `short:"m" default:"built-in" env:"MEGL_MODEL" placeholder:"FILE" help:"Model file (.megl), or built-in for the one that the program carries. Also taken from the environment variable MEGL_MODEL."`
	Threads   int    `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	LowMemory bool   `help:"Take less memory for weights, at the price of time."`
}

// open loads the model and prepares it.
func (f *modelFlag) open(maps bool) (*model.Model, *gradcam.Explainer, error) {
	if f.Threads < 0 || f.Threads > maxThreads {
		return nil, nil, inputError{fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", f.Threads, maxThreads)}
	}
	m, err := loadModel(f.Model)
	if err != nil {
		return nil, nil, badInput(err)
	}
	e, err := gradcam.NewExplainer(m, gradcam.Options{Threads: f.Threads, LowMemory: f.LowMemory, NoMap: !maps})
	if err != nil {
		m.Close()
		return nil, nil, inputError{fmt.Errorf("%s: %w", f.Model, err)}
	}
	return m, e, nil
}

const maxThreads = 256
