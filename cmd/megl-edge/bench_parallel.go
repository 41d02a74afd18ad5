package main

import (
	"context"
	"sync"
	"time"

	"megl-edge/runtime"
)

// parallelJSON is how many photos are classified where the time of a single one
// does not matter.
type parallelJSON struct {
	Sessions   int     `json:"sessions"` // one thread each
	ImagesPerS float64 `json:"images_per_s"`
}

// measureParallel runs sessions of one plan side by side, so that no thread ever
// waits for another.
func (c *benchModelCommand) measureParallel(ctx context.Context, plan *runtime.Plan, r *benchResult) error {
	sessions := make([]*runtime.Session, c.Parallel)
	for i := range sessions {
		s, err := c.session(plan, 1)
		if err != nil {
			return err
		}
		defer s.Close()
		s.Run()
		sessions[i] = s
	}
	var running sync.WaitGroup
	start := time.Now()
	for _, s := range sessions {
		running.Go(func() {
			for n := 0; n < c.Runs && ctx.Err() == nil; n++ {
				s.Run()
			}
		})
	}
	running.Wait()
	elapsed := time.Since(start)
	if ctx.Err() != nil {
		return errInterrupted
	}
	r.Parallel = &parallelJSON{c.Parallel, float64(c.Parallel*c.Runs) / elapsed.Seconds()}
	return nil
}
