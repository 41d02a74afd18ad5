package main

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/d5/tengo/v2"
)

// scriptCommand is a command of the program as a function of scripts. Its options are the
// flags by their names, with _ for -, and its positional argument.
type scriptCommand struct {
	name       string
	words      []string // the command
	positional string
	paths      []string // options that name files
	data       []string // options that name data sets
	values     []string // others
	noJSON     bool     // it prints no JSON; the function returns true
}

var scriptCommands = []scriptCommand{
	{
		name: "train", words: []string{"train"}, paths: []string{"model", "output", "log"}, data: []string{"data", "val"},
		values: []string{
			"epochs", "batch", "parts", "size", "freeze", "batch_norm", "rate", "head_rate", "decay", "warmup", "clip", "optimizer", "average",
			"smoothing", "balance", "augment", "per_class", "visual", "lambda_visual", "consistency", "lambda_textual", "vocabulary",
			"prior_per_class", "saliency_gradient", "textual_gradient", "mask_share", "target", "seed", "patience", "resume", "checkpoint",
			"checkpoint_steps", "strict", "keep_classes", "threads",
		},
	},
	{name: "evaluate", words: []string{"eval", "model"}, paths: []string{"model", "blind"}, data: []string{"data", "unrelated"}, values: []string{"quick", "seed", "threads"}},
	{name: "calibrate", words: []string{"calibrate"}, paths: []string{"model", "output"}, data: []string{"data", "val"}, values: []string{"threads"}},
	{
		name: "quantize", words: []string{"quantize"}, positional: "model", paths: []string{"output", "report"}, data: []string{"calibrate"},
		values: []string{"method", "samples", "seed", "weight_bits", "auto", "agreement", "keep_float"},
	},
	{name: "export", words: []string{"export"}, positional: "model", paths: []string{"output"}, values: []string{"opset", "with_saliency"}},
	{
		name: "gate", words: []string{"models", "gate"}, positional: "model", paths: []string{"store"}, data: []string{"golden"},
		values: gateOptions,
	},
	{
		name: "promote", words: []string{"models", "promote"}, positional: "model", paths: []string{"store", "require_signature"}, data: []string{"golden"},
		values: append([]string{"crashes", "trial_runs"}, gateOptions...),
	},
	{name: "rollback", words: []string{"models", "rollback"}, paths: []string{"store"}, noJSON: true},
	{name: "models", words: []string{"models", "list"}, paths: []string{"store"}},
}

var gateOptions = []string{
	"max_loss_accuracy", "max_loss_f1", "max_loss_iou", "max_loss_faithfulness", "max_loss_text", "max_latency", "max_size", "threads",
}

func (c *scriptCommand) options() []string {
	all := slices.Concat(c.paths, c.data, c.values)
	if c.positional != "" {
		all = append(all, c.positional)
	}
	slices.Sort(all)
	return all
}

// command runs a command within this process.
func (s *scriptModules) command(c scriptCommand, args []tengo.Object) (tengo.Object, error) {
	if len(args) != 1 {
		return nil, fmt.Errorf("takes a map of options: %s", strings.Join(c.options(), ", "))
	}
	options, ok := optionsOf(args[0])
	if !ok {
		return nil, tengo.ErrInvalidArgumentType{Name: "options", Expected: "map", Found: args[0].TypeName()}
	}
	line, err := s.line(c, options)
	if err != nil {
		return outcomeOf(nil, err)
	}
	var out, complaints bytes.Buffer
	status := run(s.engine.Context(), streams{out: &out, err: &complaints}, line)
	said := complaints.String()
	if status == statusDone {
		fmt.Fprint(s.std.err, said)
		if c.noJSON {
			return tengo.TrueValue, nil
		}
		return fromJSON(out.Bytes())
	}
	// The last line is the error; the lines before are warnings and progress.
	said = strings.TrimSuffix(said, "\n")
	before, last := "", said
	if i := strings.LastIndexByte(said, '\n'); i >= 0 {
		before, last = said[:i+1], said[i+1:]
	}
	fmt.Fprint(s.std.err, before)
	if c.name == "gate" && out.Len() > 0 {
		return fromJSON(out.Bytes()) // a refusal is an answer
	}
	return outcomeOf(nil, errors.New(strings.TrimPrefix(last, "megl-edge: ")))
}

// line makes a command line of options.
func (s *scriptModules) line(c scriptCommand, options map[string]tengo.Object) ([]string, error) {
	line := slices.Clone(c.words)
	if !c.noJSON {
		line = append(line, "--json")
	}
	var positional []string
	names := slices.Sorted(maps.Keys(options))
	for _, name := range names {
		if !slices.Contains(c.options(), name) {
			return nil, usage{fmt.Errorf("%s has no option %q: it has %s", c.name, name, strings.Join(c.options(), ", "))}
		}
	}
	for _, name := range names {
		value, ok := tengo.ToString(options[name])
		if list, isArray := options[name].(*tengo.Array); isArray {
			value, ok = joined(list)
		}
		if !ok {
			return nil, usage{fmt.Errorf("%s: option %s cannot be a %s", c.name, name, options[name].TypeName())}
		}
		isData := slices.Contains(c.data, name)
		if isData || slices.Contains(c.paths, name) || name == c.positional {
			var err error
			if value, err = s.commandPath(name, value, isData); err != nil {
				return nil, err
			}
		}
		switch flag := "--" + strings.ReplaceAll(name, "_", "-"); {
		case name == c.positional:
			positional = append(positional, "--", value)
		case options[name] == tengo.TrueValue:
			line = append(line, flag)
		case options[name] == tengo.FalseValue && name == "augment":
			line = append(line, "--no-augment")
		case options[name] == tengo.FalseValue:
		default:
			line = append(line, flag+"="+value)
		}
	}
	return append(line, positional...), nil
}

// commandPath checks a path that a command is to use.
func (s *scriptModules) commandPath(option, value string, isData bool) (string, error) {
	if option == "model" && value == builtinName {
		return value, nil
	}
	path, err := s.sandbox.Path(value)
	if err == nil && isData {
		err = s.rowsInside(path)
	}
	return path, err
}

func joined(list *tengo.Array) (string, bool) {
	parts := make([]string, len(list.Value))
	for i, v := range list.Value {
		text, ok := tengo.ToString(v)
		if !ok {
			return "", false
		}
		parts[i] = text
	}
	return strings.Join(parts, ","), true
}
