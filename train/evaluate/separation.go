package evaluate

import (
	"cmp"
	"math/rand/v2"
	"slices"
)

// separation is the area under the receiver operating characteristic of the scores for
// unknown photos: the share of pairs of an unrelated photo and another in which the
// first scores higher, ties counting half. Both sets are resampled for the interval.
func separation(related, unrelated []outcome, seed uint64) *Score {
	random := rand.NewPCG(seed, bootstrapKey)
	draw := func(from []outcome) []float32 {
		scores := make([]float32, len(from))
		for i := range scores {
			scores[i] = from[random.Uint64()%uint64(len(from))].unknown
		}
		return scores
	}
	values := make([]float64, resamples)
	for i := range values {
		values[i] = area(draw(related), draw(unrelated))
	}
	slices.Sort(values)
	return &Score{area(scoresOf(related), scoresOf(unrelated)), values[tail], values[resamples-1-tail]}
}

func scoresOf(outcomes []outcome) []float32 {
	scores := make([]float32, len(outcomes))
	for i := range outcomes {
		scores[i] = outcomes[i].unknown
	}
	return scores
}

// area returns the share of pairs in which the score of high is the greater one, by the
// ranks of all (Mann and Whitney, 1947). It sorts both.
func area(low, high []float32) float64 {
	slices.Sort(low)
	slices.Sort(high)
	wins := 0.0
	for _, v := range high {
		below, _ := slices.BinarySearch(low, v)
		upTo, _ := slices.BinarySearchFunc(low, v, func(e, t float32) int {
			if e == t {
				return -1 // behind all equal ones
			}
			return cmp.Compare(e, t)
		})
		wins += float64(below) + float64(upTo-below)/2
	}
	return wins / (float64(len(low)) * float64(len(high)))
}
