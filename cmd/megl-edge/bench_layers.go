package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"megl-edge/cmd/megl-edge/internal/microbench"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// stepTimeJSON is one step of a plan with its time.
type stepTimeJSON struct {
	Name     string       `json:"name"`
	Op       graph.Op     `json:"op"`
	Fused    []graph.Op   `json:"fused,omitempty"`
	Kernel   string       `json:"kernel"`
	DType    tensor.DType `json:"dtype"`
	Shape    tensor.Shape `json:"shape"`
	MACs     int64        `json:"macs"`
	Bytes    int          `json:"bytes"` // of inputs, constants and result, each once
	MedianMS float64      `json:"median_ms"`
	Share    float64      `json:"share"` // of the sum over all steps
	// What follows is absent where nothing is multiplied: the roofline model
	// counts no other work.
	PeakShare float64 `json:"peak_share,omitempty"` // of the peak of its type
	Bound     string  `json:"bound,omitempty"`
}

// What bounds a step, after the roofline model (Williams, Waterman and Patterson,
// 2009): memory, if moving its operands takes longer than multiplying them, each
// at the best rate of this machine; that is, if it has fewer multiply-accumulates
// a byte than the peak has for each byte read.
const (
	boundCompute = "compute"
	boundMemory  = "memory"
)

// kernelTimeJSON is all steps that one kernel computes.
type kernelTimeJSON struct {
	Kernel    string  `json:"kernel"`
	Steps     int     `json:"steps"`
	MACs      int64   `json:"macs"`
	MS        float64 `json:"ms"`    // sum of the steps' medians
	Share     float64 `json:"share"` // of the sum over all steps
	PeakShare float64 `json:"peak_share,omitempty"`
}

// measureLayers times every step of the classification.
func (c *benchModelCommand) measureLayers(ctx context.Context, m *model.Model, plan *runtime.Plan, session *runtime.Session, r *benchResult) error {
	layers := plan.Layers()
	bytes, err := trafficOf(m.Graph, layers)
	if err != nil {
		return badInput(fmt.Errorf("%s: %w", c.File, err))
	}
	r.ReadGBPerS = microbench.ReadBandwidth(session.Threads())
	times, err := timeSteps(ctx, c.Runs, len(layers), session)
	if err != nil {
		return err
	}
	for _, t := range times {
		r.StepsMS += t
	}
	for i, l := range layers {
		s := stepTimeJSON{
			Name: l.Name, Op: l.Op, Fused: l.Fused, Kernel: l.Kernel, DType: l.Output.DType, Shape: l.Output.Shape,
			MACs: l.MACs, Bytes: bytes[i], MedianMS: times[i], Share: times[i] / r.StepsMS,
		}
		s.rate(r.peak(productType(l)), r.ReadGBPerS)
		r.Layers = append(r.Layers, s)
	}
	r.Kernels = kernelTimes(r.Layers)
	if c.Slowest > 0 {
		slices.SortStableFunc(r.Layers, func(a, b stepTimeJSON) int { return cmp.Compare(b.MedianMS, a.MedianMS) })
		r.Layers = r.Layers[:min(c.Slowest, len(r.Layers))]
	}
	return nil
}

// rate compares a step with the machine: peak in 10⁹ multiply-accumulates a
// second, read in 10⁹ bytes a second.
func (s *stepTimeJSON) rate(peak, read float64) {
	if s.MACs == 0 {
		return
	}
	s.PeakShare = float64(s.MACs) / s.MedianMS / 1e6 / peak
	s.Bound = boundCompute
	if float64(s.MACs)/peak < float64(s.Bytes)/read {
		s.Bound = boundMemory
	}
}

// kernelTimes adds steps up by kernel, the one that takes longest first.
func kernelTimes(steps []stepTimeJSON) []kernelTimeJSON {
	var kernels []kernelTimeJSON
	for _, s := range steps {
		i := slices.IndexFunc(kernels, func(k kernelTimeJSON) bool { return k.Kernel == s.Kernel })
		if i < 0 {
			i = len(kernels)
			kernels = append(kernels, kernelTimeJSON{Kernel: s.Kernel})
		}
		k := &kernels[i]
		atPeak := float64(k.PeakShare*k.MS) + float64(s.PeakShare*s.MedianMS) // ms
		k.Steps++
		k.MACs += s.MACs
		k.MS += s.MedianMS
		k.Share += s.Share
		k.PeakShare = atPeak / k.MS
	}
	slices.SortStableFunc(kernels, func(a, b kernelTimeJSON) int { return cmp.Compare(b.MS, a.MS) })
	return kernels
}
