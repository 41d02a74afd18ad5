package main

import (
	"context"
	"fmt"

	"megl-edge/gradcam"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// batchJSON is how many photos are classified where several go through the network
// in one run.
type batchJSON struct {
	Batch      int     `json:"batch"`
	MedianMS   float64 `json:"median_ms"` // of all of them
	ImagesPerS float64 `json:"images_per_s"`
}

// measureBatch times the network alone on several photos at once.
func (c *benchModelCommand) measureBatch(ctx context.Context, m *model.Model, r *benchResult) error {
	network, err := gradcam.Network(m.Graph)
	if err != nil {
		return err
	}
	shape := tensor.Shape{c.Batch, m.Preprocess.Height, m.Preprocess.Width, 3}
	if network, err = graph.Resize(network, model.ImageInput, shape); err != nil {
		return badInput(fmt.Errorf("%s: in a batch: %w", c.File, err))
	}
	plan, err := runtime.Compile(network, runtime.Options{LowMemory: c.LowMemory})
	if err != nil {
		return badInput(fmt.Errorf("%s: in a batch: %w", c.File, err))
	}
	session, err := c.session(plan, c.Threads)
	if err != nil {
		return err
	}
	defer session.Close()
	times, err := timeRuns(ctx, c.Runs, session)
	if err != nil {
		return err
	}
	const msPerSecond = 1000
	median := quantile(times[0], 0.5)
	r.Batch = &batchJSON{c.Batch, median, msPerSecond * float64(c.Batch) / median}
	return nil
}
