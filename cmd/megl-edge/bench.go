package main

import (
	"context"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"megl-edge/kernels/asm"
	"megl-edge/runtime"
	"megl-edge/runtime/model"
)

type benchCommand struct {
	Model   benchModelCommand   `cmd:"" default:"withargs" help:"Measure a model on this machine; \"bench FILE\" is short for it."`
	Kernels benchKernelsCommand `cmd:"" help:"Measure every kernel at every level that this processor offers."`
}

// Help is shown for bench alone, where kong lists no flags of its own.
func (*benchCommand) Help() string {
	return "`megl-edge bench FILE` is short for `megl-edge bench model FILE`; `megl-edge bench model --help` lists its flags."
}

func (*benchCommand) example() string { return (*benchModelCommand)(nil).example() }

type benchModelCommand struct {
	File              string `arg:"" name:"model" help:"Model file (.megl), or what import takes (.onnx, .tflite)."`
	Threads           int    `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	Runs              int    `default:"50" help:"How often to run the model."`
	LowMemory         bool   `help:"Take less memory for weights, at the price of time."`
	Layers            bool   `help:"List the steps and the kernels: time, share of it, share of the peak, and what bounds a step."`
	Slowest           int    `placeholder:"N" help:"The same with only the N steps that take longest."`
	Parallel          int    `placeholder:"N" help:"Also classify N photos at a time, each on one thread, and say how many that makes a second."`
	Batch             int    `placeholder:"N" help:"Also put N photos through the network in one run, and say how many that makes a second."`
	AllowExternalData string `placeholder:"DIR" help:"For ONNX: the folder that tensors outside the file may be read from; no other is."`
	JSON              bool   `name:"json" help:"Print one JSON object."`
}

const maxBatch = 1024

func (*benchModelCommand) Help() string {
	return `The peak is the rate at which this program's own int8 or float32 matrix product runs on this machine from the L1 cache, with as many threads, measured when bench starts; the type is the one that most multiply-accumulates of the model have. Each step is compared with the peak of its own type.

A step is bound by memory if reading and writing its operands once, as fast as a buffer that no cache holds can be read, takes longer than its multiply-accumulates at the peak. What a cache does hold comes faster.`
}

func (*benchModelCommand) example() string {
	return "megl-edge bench mobilenet.megl --threads 2 --runs 100 --slowest 10"
}

func (c *benchModelCommand) Run(ctx context.Context, std streams) error {
	if err := c.check(); err != nil {
		return badInput(err)
	}
	r, err := c.measure(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(std.out, r)
	}
	return printBench(std.out, r)
}

func (c *benchModelCommand) check() error {
	switch {
	case c.Runs < 1:
		return fmt.Errorf("--runs %d: give a number of at least 1", c.Runs)
	case c.Threads < 0 || c.Threads > maxThreads:
		return fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", c.Threads, maxThreads)
	case c.Slowest < 0:
		return fmt.Errorf("--slowest %d: give a number of at least 1", c.Slowest)
	case c.Parallel < 0 || c.Parallel > maxThreads:
		return fmt.Errorf("--parallel %d: give a number from 1 to %d", c.Parallel, maxThreads)
	case c.Batch < 0 || c.Batch > maxBatch:
		return fmt.Errorf("--batch %d: give a number from 1 to %d", c.Batch, maxBatch)
	}
	return nil
}

func (c *benchModelCommand) measure(ctx context.Context) (*benchResult, error) {
	start := time.Now()
	m, err := c.load()
	if err != nil {
		return nil, badInput(err)
	}
	defer m.Close()
	plan, err := c.compile(m, model.ProbabilitiesOutput)
	if err != nil {
		return nil, err
	}
	session, err := c.session(plan, c.Threads)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	load := time.Since(start)
	start = time.Now()
	session.Run()
	first := time.Since(start)

	work := workOf(plan.Layers())
	work.measurePeaks(session.Threads())
	times, err := timeRuns(ctx, c.Runs, session)
	if err != nil {
		return nil, err
	}
	level, _ := asm.Current()
	memory := plan.Memory()
	r := &benchResult{
		schema: schemaOf("bench"), File: c.File, Level: level.String(), Threads: session.Threads(), Runs: c.Runs,
		MedianMS: quantile(times[0], 0.5), P10MS: quantile(times[0], 0.1), P90MS: quantile(times[0], 0.9),
		LoadMS: milliseconds(load), FirstMS: milliseconds(first),
		PeakMB: peakMemory(), Memory: memoryJSON{memory.Packed, memory.Arena, memory.Values},
	}
	work.rate(r.MedianMS)
	r.workJSON = work
	return r, c.measureFurther(ctx, m, plan, session, r)
}

// measureFurther measures what was asked for besides the classification, and the
// heat map.
func (c *benchModelCommand) measureFurther(ctx context.Context, m *model.Model, plan *runtime.Plan, session *runtime.Session, r *benchResult) error {
	if m.TargetLayer != "" {
		if err := c.measureMap(ctx, m, session, r); err != nil {
			return err
		}
	}
	if c.Parallel > 0 {
		if err := c.measureParallel(ctx, plan, r); err != nil {
			return err
		}
	}
	if c.Batch > 0 {
		if err := c.measureBatch(ctx, m, r); err != nil {
			return err
		}
	}
	if c.Layers || c.Slowest > 0 {
		return c.measureLayers(ctx, m, plan, session, r)
	}
	return nil
}

// load opens a model file, or imports one into memory.
func (c *benchModelCommand) load() (*model.Model, error) {
	switch strings.ToLower(filepath.Ext(c.File)) {
	case ".onnx", ".tflite":
		data, err := readInput(c.File, maxImport)
		if err != nil {
			return nil, err
		}
		in := importCommand{Input: c.File, Filter: "bilinear", AllowExternalData: c.AllowExternalData}
		m, _, err := in.build(data)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", c.File, err)
		}
		return m, nil
	}
	return loadModel(c.File)
}

func (c *benchModelCommand) compile(m *model.Model, outputs ...string) (*runtime.Plan, error) {
	plan, err := runtime.Compile(m.Graph, runtime.Options{Outputs: outputs, LowMemory: c.LowMemory, Packed: m.Drop})
	if err != nil {
		return nil, badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	return plan, nil
}

// session prepares a plan for running, with an input of every pixel value.
func (c *benchModelCommand) session(plan *runtime.Plan, threads int) (*runtime.Session, error) {
	s := plan.NewSession(threads)
	image, err := s.Input(model.ImageInput)
	if err != nil {
		s.Close()
		return nil, badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	for i := range image.Data {
		image.Data[i] = byte(i * 37 >> 3)
	}
	return s, nil
}

// measureMap times runs with and without the heat map, in turns, so that both
// see the same state of the machine.
func (c *benchModelCommand) measureMap(ctx context.Context, m *model.Model, plain *runtime.Session, r *benchResult) error {
	plan, err := c.compile(m, model.ProbabilitiesOutput, model.ClassOutput, model.SaliencyOutput)
	if err != nil {
		return err
	}
	explaining, err := c.session(plan, c.Threads)
	if err != nil {
		return err
	}
	defer explaining.Close()
	times, err := timeRuns(ctx, c.Runs, plain, explaining)
	if err != nil {
		return err
	}
	median := quantile(times[1], 0.5)
	share := median/quantile(times[0], 0.5) - 1
	r.ExplainMedianMS, r.MapShare = &median, &share
	return nil
}
