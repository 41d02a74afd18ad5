package calibration

import "math"

const (
	binBits = 11
	half    = 1 << binBits // bins on either side of 0
)

// histogram counts values in bins of one width, a power of two, aligned at 0: bin
// half+k holds the magnitudes from k·width up to (k+1)·width of the values at or
// above 0, bin half−1−k those of the values below. The width is the least one with
// which the greatest magnitude fits. When a greater one comes, neighbours are
// joined; the bins are then what they would have been from the start, so that the
// counts depend on the values alone, not on their order.
type histogram struct {
	counts   [2 * half]uint64
	zeros    uint64  // part of counts[half]
	total    uint64  // zeros included
	exponent int     // all magnitudes are below 2^exponent; no meaning while all are 0
	lo, hi   float32 // the least and the greatest value; no meaning while total is 0
}

// add counts values, all of them finite, between lo and hi.
func (h *histogram) add(values []float32, lo, hi float32) {
	if len(values) == 0 {
		return
	}
	if h.total > 0 {
		lo, hi = min(lo, h.lo), max(hi, h.hi)
	}
	h.grow(lo, hi)
	h.lo, h.hi = lo, hi
	h.total += uint64(len(values))
	perWidth := 1 / h.width()
	for _, v := range values {
		b := math.Float32bits(v)
		magnitude := b &^ (1 << 31)
		zero := (magnitude - 1) >> 31 // 1 for both zeros, without a branch
		h.zeros += uint64(zero)
		bin := uint32(int32(float64(math.Float32frombits(magnitude)) * perWidth))
		below := -(b >> 31 &^ zero) // all ones for values below 0
		h.counts[((bin^below)+half)%(2*half)]++
	}
}

// grow joins bins until lo and hi fit.
func (h *histogram) grow(lo, hi float32) {
	_, exponent := math.Frexp(float64(max(-lo, hi)))
	if max(-lo, hi) == 0 {
		return
	}
	if h.total == h.zeros {
		h.exponent = exponent // zeros are in their bin whatever the width
	}
	for ; h.exponent < exponent; h.exponent++ {
		h.join()
	}
}

// join makes bins twice as wide.
func (h *histogram) join() {
	for k := range half / 2 {
		h.counts[half+k] = h.counts[half+2*k] + h.counts[half+2*k+1]
		h.counts[half-1-k] = h.counts[half-1-2*k] + h.counts[half-2-2*k]
	}
	clear(h.counts[:half/2])
	clear(h.counts[half+half/2:])
}

// width returns the width of a bin; any will do while all values are 0.
func (h *histogram) width() float64 { return math.Ldexp(1, h.exponent-binBits) }

// edge returns the lower end of bin i.
func (h *histogram) edge(i int) float64 { return float64(i-half) * h.width() }

// span returns the range that was seen, 0 included.
func (h *histogram) span() (lo, hi float64) {
	return float64(min(h.lo, 0)), float64(max(h.hi, 0))
}

// inexact returns how many values other than 0 lie in bin i. Zeros are exact
// whatever the scale, and often the most.
func (h *histogram) inexact(i int) uint64 {
	if i == half {
		return h.counts[i] - h.zeros
	}
	return h.counts[i]
}

// used returns the first bin that can hold a value and the one after the last.
func (h *histogram) used() (first, end int) {
	lo, hi := h.span()
	return half - binsTo(-lo, h.width()), half + binsTo(hi, h.width())
}

// binsTo returns how many bins the magnitudes up to and with the given one fill.
func binsTo(magnitude, width float64) int {
	if magnitude == 0 {
		return 0
	}
	return int(magnitude/width) + 1
}
