package textmetric

import (
	"math"

	"megl-edge/kernels"
)

// The terms by which the COCO tools keep quotients finite.
const (
	bleuTiny  = 1e-15
	bleuSmall = 1e-9
)

// matches are the n-grams and the words of items, to be summed before they are divided.
type matches struct {
	correct, guessed      [maxN]int
	candidate, references int // words
}

// matchesOf counts those of an item. Its reference length is the one closest to the
// candidate's, of two the shorter.
func matchesOf(it Item) matches {
	length := len(it.Candidate)
	m := matches{candidate: length, references: closest(length, it.References)}
	for k := range maxN {
		most := map[string]int{}
		for _, r := range it.References {
			for _, g := range ngrams(r, k+1) {
				most[g.text] = max(most[g.text], g.count)
			}
		}
		for _, g := range ngrams(it.Candidate, k+1) {
			m.correct[k] += min(g.count, most[g.text])
		}
		m.guessed[k] = max(0, length-k)
	}
	return m
}

func (m *matches) add(o *matches) {
	for k := range maxN {
		m.correct[k] += o.correct[k]
		m.guessed[k] += o.guessed[k]
	}
	m.candidate += o.candidate
	m.references += o.references
}

func (m *matches) bleu() [maxN]float64 {
	brevity := 1.0
	if ratio := (float64(m.candidate) + bleuTiny) / (float64(m.references) + bleuSmall); ratio < 1 {
		brevity = kernels.Exp64(1 - 1/ratio)
	}
	var scores [maxN]float64
	product := 1.0
	for k := range maxN {
		product *= (float64(m.correct[k]) + bleuTiny) / (float64(m.guessed[k]) + bleuSmall)
		scores[k] = root(product, k+1) * brevity
	}
	return scores
}

func closest(length int, references [][]string) int {
	best := len(references[0])
	for _, r := range references[1:] {
		d, b := distance(len(r), length), distance(best, length)
		if d < b || d == b && len(r) < best {
			best = len(r)
		}
	}
	return best
}

func distance(a, b int) int { return max(a-b, b-a) }

// root is the nth root, n at most 4. Square roots are exact everywhere.
func root(x float64, n int) float64 {
	switch n {
	case 1:
		return x
	case 2:
		return math.Sqrt(x)
	case 3:
		return kernels.Exp64(kernels.Log64(x) / 3)
	default:
		return math.Sqrt(math.Sqrt(x))
	}
}
