package calibration

import (
	"math"

	"megl-edge/kernels"
)

const (
	levels = 256 // of int8
	stride = 8   // bins between two thresholds
)

// leastDivergence cuts the histogram off at thresholds on the magnitude, adds what
// lies beyond to the outermost bins, and compares that distribution P to Q, what
// 256 levels keep of the bins inside. It returns the range of the threshold with
// the least Kullback-Leibler divergence of Q from P, the widest where several have
// it.
//
// TensorRT does this with 128 levels of the magnitudes (Migacz, "8-bit Inference
// with TensorRT", GTC 2017). Here int8 is asymmetric: the two sides stay apart,
// each is cut off at the threshold if it goes that far, and the levels divide what
// is left. Exact zeros are left out. They lose nothing at any scale, and behind a
// ReLU they would hide the other values.
func (h *histogram) leastDivergence() (lo, hi float64) {
	lo, hi = h.span()
	first, end := h.used()
	d := newDivergence(h)
	least, bins := math.Inf(1), half
	for n := half; n > 0; n -= stride {
		from, to := max(first, half-n), min(end, half+n)
		if to-from < levels {
			break
		}
		if kl := d.of(from, to); kl < least {
			least, bins = kl, n
		}
	}
	return max(lo, h.edge(half-bins)), min(hi, h.edge(half+bins))
}

// divergence holds the count n of each bin, without zeros, and n·ln n.
type divergence struct {
	counts, logs [2 * half]float64
	total        float64
}

func newDivergence(h *histogram) *divergence {
	d := &divergence{total: float64(h.total - h.zeros)}
	for i := range d.counts {
		d.set(i, float64(h.inexact(i)))
	}
	return d
}

func (d *divergence) set(i int, n float64) {
	d.counts[i], d.logs[i] = n, 0
	if n > 0 {
		d.logs[i] = float64(n * kernels.Log64(n))
	}
}

// of returns the divergence when bins from ≤ i < to are kept, at least as many as
// there are levels: Σ P·ln(P/Q) / Σ P, in counts. Q is not scaled up to the sum of
// P: a range that cuts nearly everything off into one bin would look perfect.
func (d *divergence) of(from, to int) float64 {
	below, above := sum(d.counts[:from]), sum(d.counts[to:])
	p := *d
	p.set(from, p.counts[from]+below)
	p.set(to-1, p.counts[to-1]+above)
	result := 0.0
	for level := range levels {
		first, end := from+level*(to-from)/levels, from+(level+1)*(to-from)/levels
		cut := 0.0
		if first == from {
			cut = below
		}
		if end == to {
			cut += above
		}
		result += p.ofLevel(first, end, cut)
	}
	return result / p.total
}

// ofLevel returns Σ P·ln(P/Q) of one level, where Q spreads what was not cut off
// evenly over the bins that hold any of P. Q of an empty level is 1, since values
// may have been cut off into it.
func (p *divergence) ofLevel(first, end int, cut float64) float64 {
	all, some := sum(p.counts[first:end]), 0.0
	if all == 0 {
		return 0
	}
	for _, n := range p.counts[first:end] {
		if n > 0 {
			some++
		}
	}
	q := max(all-cut, 1) / some
	return sum(p.logs[first:end]) - float64(all*kernels.Log64(q))
}

func sum(list []float64) float64 {
	total := 0.0
	for _, v := range list {
		total += v
	}
	return total
}
