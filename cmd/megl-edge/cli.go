package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"megl-edge/gradcam/render"
	"megl-edge/kernels/asm"
)

// The exit statuses.
const (
	statusDone   = 0
	statusFailed = 1 // the work failed
	statusUsage  = 2 // wrong use, or input that cannot be used
)

// cli is the command line. Every field has a file of its own.
type cli struct {
	Import     importCommand     `cmd:"" help:"Make a model file from a TFLite or ONNX file."`
	Export     exportCommand     `cmd:"" help:"Write a model as an ONNX file."`
	Quantize   quantizeCommand   `cmd:"" help:"Make an int8 model of a float one, with a report on what it cost."`
	Classify   classifyCommand   `cmd:"" help:"Say what is on photos."`
	Explain    explainCommand    `cmd:"" help:"Say what is on photos, and draw where the model looked."`
	Models     modelsCommand     `cmd:"" help:"Keep generations of a model: list, show, gate, promote, rollback, prune, sign and audit."`
	Inspect    inspectCommand    `cmd:"" help:"Show the layers of a model, its quantization and its memory."`
	Train      trainCommand      `cmd:"" help:"Teach a model by labelled photos and by masks of where to look."`
	Calibrate  calibrateCommand  `cmd:"" help:"Fit what a model's probabilities are worth, and from when on a photo is unknown to it."`
	Eval       evalCommand       `cmd:"" help:"Score a model on labelled photos, or sentences against references."`
	Experiment experimentCommand `cmd:"" help:"Train in several ways and say which differences are more than chance."`
	Data       dataCommand       `cmd:"" help:"Check photos, labels, masks and sentences before a model learns from them."`
	Bench      benchCommand      `cmd:"" help:"Measure the speed and the memory of a model on this machine."`
	Verify     verifyCommand     `cmd:"" help:"Check this program against ONNX backend tests."`
	CPU        cpuCommand        `cmd:"" name:"cpu" help:"Show what this processor offers and what is used."`
	Service    serviceCommand    `cmd:"" help:"Print what an init system needs to run this program."`
	Run        runCommand        `cmd:"" help:"Run a Tengo script that trains, gates, promotes or explains."`
	Version    versionCommand    `cmd:"" help:"Show the version of this program."`
	Completion completionCommand `cmd:"" help:"Print a completion script for a shell."`
}

// inputError is a mistake in what the user gave: exit status 2.
type inputError struct{ error }

func (e inputError) Unwrap() error { return e.error }

// badInput marks an error as the user's, and leaves nil alone.
func badInput(err error) error {
	if err == nil {
		return nil
	}
	return inputError{err}
}

// run executes one command line and returns the exit status.
func run(ctx context.Context, std streams, args []string) int {
	var commands cli
	exited := -1
	parser := kong.Must(&commands,
		kong.Name("megl-edge"),
		kong.Description("Explainable vision on the device: what is on a photo, and where that can be seen."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(status int) { exited = status }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Help(helpWithExample),
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
		kong.Vars{"colour_maps": fmt.Sprintf("%s or %s", render.Dawn, render.Jet)},
	)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help was printed
		return exited
	}
	if err != nil {
		var usage *kong.ParseError
		if errors.As(err, &usage) {
			return report(std, inputError{fmt.Errorf("%w (see `megl-edge %s--help`)", err, commandOf(usage.Context))})
		}
		return report(std, err)
	}
	if _, err := asm.Current(); err != nil {
		return report(std, inputError{err})
	}
	parsed.Bind(parser.Model)
	return report(std, parsed.Run())
}

// commandOf returns the name of the subcommand that was found on the command
// line, and a space, or nothing.
func commandOf(c *kong.Context) string {
	if c == nil || c.Command() == "" {
		return ""
	}
	return strings.Fields(c.Command())[0] + " "
}

// report prints an error as one line and returns the exit status.
func report(std streams, err error) int {
	if err == nil {
		return statusDone
	}
	var before reported
	if errors.As(err, &before) {
		return int(before)
	}
	fmt.Fprintf(std.err, "megl-edge: %s\n", strings.ReplaceAll(err.Error(), "\n", "; "))
	var mistake inputError
	if errors.As(err, &mistake) {
		return statusUsage
	}
	return statusFailed
}

// helpWithExample prints the usual help and the example of the subcommand.
func helpWithExample(options kong.HelpOptions, c *kong.Context) error {
	if err := kong.DefaultHelpPrinter(options, c); err != nil {
		return err
	}
	node := c.Selected()
	if node == nil || !node.Target.IsValid() || !node.Target.CanAddr() {
		return nil
	}
	if with, ok := node.Target.Addr().Interface().(interface{ example() string }); ok {
		fmt.Fprintf(c.Stdout, "\nExample:\n  %s\n", with.example())
	}
	return nil
}
