// Package textmetric scores sentences against references as the COCO caption tools
// do: corpus BLEU-1 to 4, ROUGE-L and CIDEr-D.
//
// Sentences flow in as words, from [Tokenize] or from files that [Load] reads;
// [Score] gives the means over all images. METEOR, SPICE and CLIPScore need Java or
// a large model and are not here.
package textmetric

// Item is what one image is scored by: one candidate and its references, in words.
type Item struct {
	Candidate  []string
	References [][]string
}

// Scores are those of a whole set.
type Scores struct {
	Images int        `json:"images"`
	BLEU   [4]float64 `json:"bleu"` // with n-grams up to 1, 2, 3 and 4 words
	ROUGEL float64    `json:"rouge_l"`
	CIDErD float64    `json:"cider_d"` // 0 for a single image, where no n-gram tells images apart
}

// Score computes all scores. Every item has a reference; no items score 0.
func Score(items []Item) Scores { return Mean(Each(items)) }

// ItemScores are what one item contributes to the scores of a set.
type ItemScores struct {
	matches matches
	ROUGEL  float64
	CIDErD  float64 // with n-grams as rare as in the whole set
}

// Each scores the items of a set one by one.
func Each(items []Item) []ItemScores {
	rarity := rarityIn(items)
	each := make([]ItemScores, len(items))
	for i, it := range items {
		each[i] = ItemScores{matchesOf(it), rougeL(it), ciderD(it, rarity)}
	}
	return each
}

// Mean puts the scores of items together. Those of a sample of a set keep the rarity
// of n-grams in the set.
func Mean(each []ItemScores) Scores {
	if len(each) == 0 {
		return Scores{}
	}
	s := Scores{Images: len(each)}
	var all matches
	for i := range each {
		all.add(&each[i].matches)
		s.ROUGEL += each[i].ROUGEL
		s.CIDErD += each[i].CIDErD
	}
	s.BLEU = all.bleu()
	s.ROUGEL /= float64(len(each))
	s.CIDErD /= float64(len(each))
	return s
}
