package main

import (
	"megl-edge/cmd/megl-edge/internal/microbench"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
)

// workJSON is what a classification computes, and how fast. An algorithm that
// multiplies less than the op's definition is rated by the definition.
type workJSON struct {
	MACs      int64   `json:"macs"`
	MACsInt8  int64   `json:"macs_int8"`
	GMACsPerS float64 `json:"gmacs_per_s"`
	// Peaks has one entry for each type that the model multiplies, first the one
	// of most multiply-accumulates; PeakShare is that of the first peak. Both are
	// absent where nothing is multiplied.
	Peaks     []peakJSON `json:"peaks,omitempty"`
	PeakShare float64    `json:"peak_share,omitempty"`
}

type peakJSON struct {
	Type      string  `json:"type"`
	GMACsPerS float64 `json:"gmacs_per_s"`
}

// The types of products.
const (
	productInt8    = "int8"
	productFloat32 = "float32"
)

// productType returns the type that a step multiplies.
func productType(l runtime.Layer) string {
	switch l.Op {
	case graph.OpQuantConv, graph.OpQuantLinear, graph.OpInt8Linear, graph.OpInt8MatMul:
		return productInt8
	}
	return productFloat32
}

func workOf(layers []runtime.Layer) workJSON {
	var w workJSON
	for _, l := range layers {
		w.MACs += l.MACs
		if productType(l) == productInt8 {
			w.MACsInt8 += l.MACs
		}
	}
	return w
}

// measurePeaks measures the peaks of the types at hand.
func (w *workJSON) measurePeaks(threads int) {
	if w.MACsInt8 > 0 {
		w.Peaks = append(w.Peaks, peakJSON{productInt8, microbench.PeakInt8(threads)})
	}
	if w.MACs > w.MACsInt8 {
		w.Peaks = append(w.Peaks, peakJSON{productFloat32, microbench.PeakFloat32(threads)})
	}
	if len(w.Peaks) == 2 && 2*w.MACsInt8 < w.MACs {
		w.Peaks[0], w.Peaks[1] = w.Peaks[1], w.Peaks[0]
	}
}

// rate says how fast the work is that takes the given milliseconds.
func (w *workJSON) rate(ms float64) {
	if w.MACs == 0 {
		return
	}
	w.GMACsPerS = float64(w.MACs) / ms / 1e6
	w.PeakShare = w.GMACsPerS / w.Peaks[0].GMACsPerS
}

// peak returns the peak of a type in 10⁹ multiply-accumulates a second.
func (w *workJSON) peak(kind string) float64 {
	for _, p := range w.Peaks {
		if p.Type == kind {
			return p.GMACsPerS
		}
	}
	return 0
}
