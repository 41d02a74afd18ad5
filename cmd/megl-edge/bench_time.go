package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"megl-edge/runtime"
)

var errInterrupted = errors.New("interrupted")

// batch is how often a session runs before it is the next one's turn: threads
// that were just woken would otherwise be most of what is measured.
const batch = 10

// timeRuns runs the sessions in turns and returns each one's times in
// milliseconds, sorted. Where the clock stood still they are one microsecond, so
// that shares of them are finite.
func timeRuns(ctx context.Context, runs int, sessions ...*runtime.Session) ([][]float64, error) {
	times := make([][]float64, len(sessions))
	for done := 0; done < runs; done += batch {
		for i, s := range sessions {
			for range min(batch, runs-done) {
				if ctx.Err() != nil {
					return nil, errInterrupted
				}
				start := time.Now()
				s.Run()
				times[i] = append(times[i], max(0.001, milliseconds(time.Since(start))))
			}
		}
	}
	for _, t := range times {
		slices.Sort(t)
	}
	return times, nil
}

// timeSteps runs a session step by step and returns the median of each step in
// milliseconds. Steps run in their order, so that each finds in the cache what it
// finds there in an ordinary run. None takes less than a nanosecond.
func timeSteps(ctx context.Context, runs, steps int, s *runtime.Session) ([]float64, error) {
	times := make([][]float64, steps)
	for range runs {
		if ctx.Err() != nil {
			return nil, errInterrupted
		}
		for i := range times {
			start := time.Now()
			s.RunStep(i)
			times[i] = append(times[i], float64(max(1, time.Since(start).Nanoseconds()))/1e6)
		}
	}
	medians := make([]float64, steps)
	for i, t := range times {
		slices.Sort(t)
		medians[i] = quantile(t, 0.5)
	}
	return medians, nil
}

func milliseconds(d time.Duration) float64 { return float64(d.Nanoseconds()/1000) / 1000 }

// quantile returns the value below which the given share of sorted values lie.
func quantile(sorted []float64, share float64) float64 {
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
