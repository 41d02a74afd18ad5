package textmetric

import "strings"

// maxN is the length of the longest n-grams that are counted.
const maxN = 4

// ngram is a run of words of a sentence and how often it occurs there.
type ngram struct {
	text  string
	count int
}

// ngrams lists those of n words in the order of their first occurrence: sums over
// them must not depend on the order of a map.
func ngrams(words []string, n int) []ngram {
	var list []ngram
	at := map[string]int{}
	for i := 0; i+n <= len(words); i++ {
		text := strings.Join(words[i:i+n], " ")
		k, seen := at[text]
		if !seen {
			k = len(list)
			at[text] = k
			list = append(list, ngram{text: text})
		}
		list[k].count++
	}
	return list
}
