package mapmetric

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"megl-edge/gradcam/render"
)

// maxRanked is the largest number of cells that is ranked. Doubled and centred,
// the ranks of n cells run to n−1, and their squares sum to less than n³/3: here
// below 2⁵³, so that float64 holds the sums exactly.
const maxRanked = 1 << 18

// Spearman returns the rank correlation of two maps of the same size, in [−1,1]:
// Pearson's correlation of their ranks, equal values sharing the mean of theirs.
// A map whose values are all equal ranks nothing, and correlates 0 with any map.
func Spearman(a, b render.Map) (float64, error) {
	for _, m := range []render.Map{a, b} {
		if err := m.Check(); err != nil {
			return 0, err
		}
	}
	if a.Height != b.Height || a.Width != b.Width {
		return 0, fmt.Errorf("rank correlation of maps of %d×%d and %d×%d cells: sizes must be equal",
			a.Height, a.Width, b.Height, b.Width)
	}
	if len(a.Values) > maxRanked {
		return 0, fmt.Errorf("rank correlation of maps of %d cells: at most %d", len(a.Values), maxRanked)
	}
	return correlation(ranks(a.Values), ranks(b.Values)), nil
}

// ranks returns for each value twice its rank less the mean rank: integers, also
// where equal values share a rank, that sum to 0.
func ranks(values []float32) []int64 {
	order := make([]int, len(values))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(values[i], values[j]) })
	centred := make([]int64, len(values))
	for first := 0; first < len(order); {
		end := first + 1
		for end < len(order) && values[order[end]] == values[order[first]] {
			end++
		}
		for _, i := range order[first:end] {
			centred[i] = int64(first + end - len(order))
		}
		first = end
	}
	return centred
}

// correlation returns Pearson's correlation of two lists that sum to 0. The sums
// are exact; of equal lists it is 1 exactly, because the root of a square is.
func correlation(a, b []int64) float64 {
	var ab, aa, bb int64
	for i := range a {
		ab += a[i] * b[i]
		aa += a[i] * a[i]
		bb += b[i] * b[i]
	}
	if aa == 0 || bb == 0 {
		return 0
	}
	return float64(ab) / math.Sqrt(float64(aa)*float64(bb))
}
