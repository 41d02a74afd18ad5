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
func Score(items []Item) Scores {
	if len(items) == 0 {
		return Scores{}
	}
	return Scores{Images: len(items), BLEU: bleu(items), ROUGEL: rougeL(items), CIDErD: ciderD(items)}
}
