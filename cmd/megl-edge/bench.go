package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"megl-edge/kernels/asm"
	"megl-edge/runtime"
	"megl-edge/runtime/model"
)

type benchCommand struct {
	File    string `arg:"" name:"model" help:"Model file (.megl)."`
	Threads int    `default:"0" help:"Threads to compute with; 0 means one for each processor."`
	Runs    int    `default:"50" help:"How often to run the model."`
	JSON    bool   `name:"json" help:"Print one JSON object."`
}

func (*benchCommand) example() string { return "megl-edge bench mobilenet.megl --threads 2 --runs 100" }

type benchResult struct {
	schema
	File     string  `json:"file"`
	Level    string  `json:"level"`
	Threads  int     `json:"threads"`
	Runs     int     `json:"runs"`
	MedianMS float64 `json:"median_ms"` // classification alone
	P10MS    float64 `json:"p10_ms"`
	P90MS    float64 `json:"p90_ms"`
	LoadMS   float64 `json:"load_ms"` // open, check, compile, pack
	FirstMS  float64 `json:"first_ms"`
	// PeakMB is the largest memory of the process so far, before the heat map;
	// 0 where the system does not tell.
	PeakMB float64 `json:"peak_mb"`
	// With the heat map as an extra output; absent where the model has none.
	ExplainMedianMS *float64 `json:"explain_median_ms,omitempty"`
	MapShare        *float64 `json:"map_share,omitempty"` // of the classification's time
}

func (c *benchCommand) Run(ctx context.Context, std streams) error {
	if c.Runs < 1 {
		return inputError{fmt.Errorf("--runs %d: give a number of at least 1", c.Runs)}
	}
	if c.Threads < 0 || c.Threads > maxThreads {
		return inputError{fmt.Errorf("--threads %d: give a number from 1 to %d, or 0 for one a processor", c.Threads, maxThreads)}
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

func (c *benchCommand) measure(ctx context.Context) (*benchResult, error) {
	start := time.Now()
	m, err := model.Load(c.File)
	if err != nil {
		return nil, badInput(err)
	}
	defer m.Close()
	session, err := c.session(m, model.ProbabilitiesOutput)
	if err != nil {
		return nil, err
	}
	defer session.Close()
	load := time.Since(start)
	start = time.Now()
	session.Run()
	first := time.Since(start)

	times, err := timeRuns(ctx, c.Runs, session)
	if err != nil {
		return nil, err
	}
	level, _ := asm.Current()
	r := &benchResult{
		schema: schemaOf("bench"), File: c.File, Level: level.String(), Threads: session.Threads(), Runs: c.Runs,
		MedianMS: quantile(times[0], 0.5), P10MS: quantile(times[0], 0.1), P90MS: quantile(times[0], 0.9),
		LoadMS: milliseconds(load), FirstMS: milliseconds(first), PeakMB: peakMemory(),
	}
	if m.TargetLayer == "" {
		return r, nil
	}
	return r, c.measureMap(ctx, m, session, r)
}

// measureMap times runs with and without the heat map, in turns, so that both
// see the same state of the machine.
func (c *benchCommand) measureMap(ctx context.Context, m *model.Model, plain *runtime.Session, r *benchResult) error {
	explaining, err := c.session(m, model.ProbabilitiesOutput, model.ClassOutput, model.SaliencyOutput)
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

// session prepares the given outputs, with an input of every pixel value.
func (c *benchCommand) session(m *model.Model, outputs ...string) (*runtime.Session, error) {
	plan, err := runtime.Compile(m.Graph, runtime.Options{Outputs: outputs})
	if err != nil {
		return nil, badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	s := plan.NewSession(c.Threads)
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

// batch is how often a session runs before it is the next one's turn: threads
// that were just woken would otherwise be most of what is measured.
const batch = 10

// timeRuns runs the sessions in turns and returns each one's times in
// milliseconds, sorted.
func timeRuns(ctx context.Context, runs int, sessions ...*runtime.Session) ([][]float64, error) {
	times := make([][]float64, len(sessions))
	for done := 0; done < runs; done += batch {
		for i, s := range sessions {
			for range min(batch, runs-done) {
				if ctx.Err() != nil {
					return nil, errors.New("interrupted")
				}
				start := time.Now()
				s.Run()
				times[i] = append(times[i], milliseconds(time.Since(start)))
			}
		}
	}
	for _, t := range times {
		slices.Sort(t)
	}
	return times, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()/1000) / 1000 }

// quantile returns the value below which the given share of sorted values lie.
func quantile(sorted []float64, share float64) float64 {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func printBench(w io.Writer, r *benchResult) error {
	_, err := fmt.Fprintf(w, "%s: %s, %d threads, %d runs\n  classify   median %.2f ms, p10 %.2f, p90 %.2f\n  load       %.1f ms, then %.1f ms for the first run\n",
		r.File, r.Level, r.Threads, r.Runs, r.MedianMS, r.P10MS, r.P90MS, r.LoadMS, r.FirstMS)
	if err == nil && r.PeakMB > 0 {
		_, err = fmt.Fprintf(w, "  memory     %.1f MB at the peak\n", r.PeakMB)
	}
	if err == nil && r.MapShare != nil {
		_, err = fmt.Fprintf(w, "  heat map   median %.2f ms with it: %+.1f %%\n", *r.ExplainMedianMS, 100**r.MapShare)
	}
	return err
}
