package calibration

// leftOut is how many values there are for one that Percentile may leave out at
// either end: 0.005 %.
const leftOut = 20000

// percentile returns the range without the outermost values, whole bins of them.
// Where nothing but zeros would be left, all values count.
func (h *histogram) percentile() (lo, hi float64) {
	lo, hi = h.span()
	first, end := h.used()
	most := h.total / leftOut
	for out := h.inexact(first); first < half && out <= most; out += h.inexact(first) {
		first++
	}
	for out := h.inexact(end - 1); end > half && out <= most; out += h.inexact(end - 1) {
		end--
	}
	if first == end {
		return lo, hi
	}
	return max(lo, h.edge(first)), min(hi, h.edge(end))
}
