package textmetric

import (
	"math"

	"megl-edge/kernels"
)

// ciderSigma is the width of the penalty on a difference in length.
const ciderSigma = 6

// document is a sentence as CIDEr-D compares it: for each n its n-grams with their
// weights, and the norm of the weights.
type document struct {
	grams   [maxN][]ngram
	weight  [maxN]map[string]float64
	norm    [maxN]float64
	bigrams int // what the COCO tools take as the length
}

// rarityIn returns how rare an n-gram is: by how few items have it in a reference.
func rarityIn(items []Item) func(text string) float64 {
	images := map[string]int{}
	for _, it := range items {
		seen := map[string]bool{}
		for _, r := range it.References {
			for n := 1; n <= maxN; n++ {
				for _, g := range ngrams(r, n) {
					if !seen[g.text] {
						seen[g.text] = true
						images[g.text]++
					}
				}
			}
		}
	}
	all := kernels.Log64(float64(len(items)))
	return func(text string) float64 { return all - kernels.Log64(float64(max(1, images[text]))) }
}

// ciderD is ten times the mean of the cosines between a candidate and its references, of
// n-gram counts weighted by their rarity.
func ciderD(it Item, rarity func(text string) float64) float64 {
	candidate := newDocument(it.Candidate, rarity)
	score := 0.0
	for _, r := range it.References {
		score += similarity(candidate, newDocument(r, rarity))
	}
	return float64(score / float64(len(it.References)) * 10)
}

func newDocument(words []string, rarity func(string) float64) *document {
	d := &document{bigrams: max(0, len(words)-1)}
	for k := range maxN {
		d.grams[k] = ngrams(words, k+1)
		d.weight[k] = make(map[string]float64, len(d.grams[k]))
		squares := 0.0
		for _, g := range d.grams[k] {
			w := float64(g.count) * rarity(g.text)
			d.weight[k][g.text] = w
			squares += float64(w * w)
		}
		d.norm[k] = math.Sqrt(squares)
	}
	return d
}

// similarity is the mean over n, with the candidate's weights clipped to the
// reference's: repeating a word gains nothing.
func similarity(candidate, reference *document) float64 {
	sum := 0.0
	for k := range maxN {
		product := 0.0
		for _, g := range candidate.grams[k] {
			w := reference.weight[k][g.text]
			product += float64(min(candidate.weight[k][g.text], w) * w)
		}
		if norms := candidate.norm[k] * reference.norm[k]; norms != 0 {
			product /= norms
		}
		sum += product
	}
	delta := float64(candidate.bigrams - reference.bigrams)
	return float64(sum / maxN * kernels.Exp64(-delta*delta/(2*ciderSigma*ciderSigma)))
}
