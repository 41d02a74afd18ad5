package vision

// weightBits is the number of fraction bits of a weight: 32 bits less 8 for the
// samples and 2 for sums of weights beyond 1.
const weightBits = 32 - 8 - 2

// tap says of which source samples one output sample is made.
type tap struct {
	first   int     // index of the first one
	weights []int32 // for it and its successors, weightBits fraction bits, sum about 1
}

// end returns the index after the last source sample.
func (t tap) end() int { return t.first + len(t.weights) }

// axisTaps returns the taps that bring the samples lo..hi-1 of an axis with
// size samples to count samples. When the axis shrinks, the filter is widened
// by the same factor (antialiasing). It may reach beyond lo and hi, but not
// beyond the axis. The steps and their rounding are those of Pillow's
// precompute_coeffs and normalize_coeffs_8bpc (src/libImaging/Resample.c).
func axisTaps(size, lo, hi, count int, filter Filter) ([]tap, error) {
	weight, support, err := filter.curve()
	if err != nil {
		return nil, err
	}
	scale := float64(hi-lo) / float64(count)
	stretch := max(scale, 1)
	support *= stretch
	taps := make([]tap, count)
	var exact []float64 // weights of one tap
	for i := range taps {
		center := float64(lo) + float64((float64(i)+0.5)*scale)
		first := max(0, int(center-support+0.5))
		end := min(size, int(center+support+0.5))
		exact = exact[:0]
		for s := first; s < end; s++ {
			x := (float64(s) - center + 0.5) * (1 / stretch)
			exact = append(exact, weight(x))
		}
		taps[i] = tap{first, fixed(exact)}
	}
	return taps, nil
}

// fixed scales weights to sum 1 and rounds them to fixed point, halves away from zero.
func fixed(weights []float64) []int32 {
	sum := 0.0
	for _, w := range weights {
		sum += w
	}
	q := make([]int32, len(weights))
	for i, w := range weights {
		if sum != 0 {
			w /= sum
		}
		w *= 1 << weightBits // a power of two: no rounding
		if w < 0 {
			q[i] = int32(w - 0.5)
		} else {
			q[i] = int32(w + 0.5)
		}
	}
	return q
}
