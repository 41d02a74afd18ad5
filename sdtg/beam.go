package sdtg

import "slices"

// beam is a sentence that may go on.
type beam struct {
	Sentence
	words  [][]float32 // keys and values of the words so far, layer by layer
	logits []float32   // of the next place
	total  float64     // log Σ exp(logit) of these
	looked []float32   // shares of the cells that they come from
}

// candidate is a token that a beam may go on with.
type candidate struct {
	beam  int
	token int32
	// sum is the log probability of the sentence with it.
	sum float64
}

// SayBest writes the most likely sentence that it finds by going on with width ones
// at a time: of those that end, the one with the greatest mean log probability of
// its tokens. Otherwise it is [Speaker.Say] with the choices of [Greedy]; where
// nothing may follow, a sentence ends.
func (k *Speaker) SayBest(features, saliency []float32, class int, end int32, width int, allowed func(before []int32, token int32) bool) (*Sentence, error) {
	if err := k.begin(features, saliency, class); err != nil {
		return nil, err
	}
	first := beam{}
	k.advance(&first, k.classes.row(class), 0)
	live, best := []beam{first}, beam{}
	found := false
	finish := func(b beam) {
		if !found || mean(b) > mean(best) {
			best, found = b, true
		}
	}
	for place := 1; len(live) > 0; place++ {
		var next []beam
		for _, c := range k.candidates(live, width, allowed) {
			b := live[c.beam]
			b.LogProbability = c.sum
			if c.token == end {
				finish(b)
				continue
			}
			b.Tokens = append(slices.Clone(b.Tokens), c.token)
			b.Shares = append(slices.Clone(b.Shares), b.looked)
			if place == k.Length {
				finish(b)
				continue
			}
			k.recall(b.words)
			k.advance(&b, k.tokens.row(int(c.token)), place)
			next = append(next, b)
		}
		live = next
	}
	if !found {
		best = first
	}
	return &best.Sentence, nil
}

// mean returns the mean log probability of a sentence's tokens, its end counted.
func mean(b beam) float64 { return b.LogProbability / float64(len(b.Tokens)+1) }

// advance takes the vector before a place, and notes what the beam needs to go on.
func (k *Speaker) advance(b *beam, vector []float32, place int) {
	b.logits = slices.Clone(k.next(vector, place))
	b.total, b.looked, b.words = k.logSum(), k.shares(), nil
	for _, m := range k.ofWords {
		b.words = append(b.words, slices.Clone(m.read))
	}
}

// recall brings back the words of a beam.
func (k *Speaker) recall(words [][]float32) {
	for i, m := range k.ofWords {
		copy(m.read, words[i])
	}
}

// candidates returns the most likely ways to go on, best first; of equal ones the
// first. What is allowed is asked only of what is likely enough.
func (k *Speaker) candidates(live []beam, width int, allowed func(before []int32, token int32) bool) []candidate {
	width = max(1, width)
	best := make([]candidate, 0, width+1)
	for i, b := range live {
		for token, v := range b.logits {
			t, sum := int32(token), b.LogProbability+(float64(v)-b.total)
			if len(best) == width && sum <= best[width-1].sum || repeats(b.Tokens, t) || allowed != nil && !allowed(b.Tokens, t) {
				continue
			}
			at := len(best)
			for at > 0 && best[at-1].sum < sum {
				at--
			}
			best = slices.Insert(best, at, candidate{i, t, sum})
			best = best[:min(len(best), width)]
		}
	}
	return best
}
