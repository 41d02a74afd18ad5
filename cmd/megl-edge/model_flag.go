package main

import (
	"errors"
	"fmt"
	"io"
	"log/slog"

	"megl-edge/gradcam"
	"megl-edge/runtime/model"
	"megl-edge/train/slot"
)

// modelFlag says which model a command uses, and how.
type modelFlag struct {
	Model     string `short:"m" default:"built-in" env:"MEGL_MODEL" placeholder:"FILE" help:"Model file (.megl), or built-in for the one that the program carries. Also taken from the environment variable MEGL_MODEL."`
	Store     string `env:"MEGL_STORE" placeholder:"DIR" help:"Use the current model of a store instead; see \"megl-edge models\". Also taken from the environment variable MEGL_STORE."`
	Key       string `name:"require-signature" env:"MEGL_REQUIRE_SIGNATURE" placeholder:"KEY" help:"Refuse a model that is not signed with the Ed25519 key whose public half this PEM file holds. Also taken from the environment variable MEGL_REQUIRE_SIGNATURE."`
	Threads   int    `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	LowMemory bool   `help:"Take less memory for weights, at the price of time."`
}

// opened is a model in use.
type opened struct {
	*model.Model
	name      string // for messages
	sum       string // SHA-256 of its file
	explainer *gradcam.Explainer
	use       *slot.Use // nil unless it is from a store
	warnings  *slog.Logger
}

// open loads the model and prepares it. warnings go to w.
func (f *modelFlag) open(w io.Writer, options gradcam.Options) (*opened, error) {
	if f.Threads < 0 || f.Threads > maxThreads {
		return nil, inputError{fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", f.Threads, maxThreads)}
	}
	o := &opened{name: f.Model, warnings: loggerTo(w)}
	if err := f.choose(o); err != nil {
		return nil, badInput(err)
	}
	err := f.load(o, options)
	if err != nil {
		return nil, badInput(errors.Join(err, o.close()))
	}
	return o, nil
}

// choose finds the file.
func (f *modelFlag) choose(o *opened) error {
	if f.Store == "" {
		return nil
	}
	if f.Model != builtinName && f.Model != "" {
		return errors.New("--model and --store, or their environment variables: give one of them")
	}
	use, err := slot.Open(f.Store).Use()
	if err != nil {
		return err
	}
	for _, warning := range use.Warnings {
		o.warnings.Warn("store", "reason", warning.Error())
	}
	o.use, o.name, o.sum = use, use.Path, use.SHA256
	return nil
}

func (f *modelFlag) load(o *opened, options gradcam.Options) error {
	if f.Key != "" {
		if o.name == builtinName || o.name == "" {
			return errors.New("--require-signature: the built-in model has none; the program that carries it is what to check")
		}
		if err := slot.VerifySignature(o.name, f.Key); err != nil {
			return err
		}
	}
	var err error
	if o.Model, err = loadModel(o.name); err != nil {
		return err
	}
	options.Threads, options.LowMemory = f.Threads, f.LowMemory
	if o.explainer, err = gradcam.NewExplainer(o.Model, options); err != nil {
		return fmt.Errorf("%s: %w", o.name, err)
	}
	return nil
}

// close ends the use. A model on trial that its process does not close has crashed.
func (o *opened) close() error {
	var err error
	if o.explainer != nil {
		o.explainer.Close()
	}
	if o.Model != nil {
		err = o.Model.Close()
	}
	if o.use != nil {
		err = errors.Join(err, o.use.End())
	}
	return err
}

// good counts that the model did what it is for, while it is on trial.
func (o *opened) good() {
	if o.use == nil {
		return
	}
	if err := o.use.Good(); err != nil {
		o.warnings.Warn("good runs are not counted", "reason", err.Error())
	}
}

const maxThreads = 256
