package vocabulary

import (
	"slices"
)

// Learn makes a vocabulary of at most size tokens: the pair of tokens that occurs
// most often, of equals the one with the smallest numbers, becomes a token, again
// and again, until there is no room or no pair occurs twice. The same sentences, in
// any order, give the same vocabulary.
func Learn(sentences []string, size int) (*Vocabulary, error) {
	if size < learnedSpecial+bytesCount {
		return nil, errSmall
	}
	v := &Vocabulary{Padding: learnedPadding, Begin: learnedBegin, End: learnedEnd}
	v.tokens = make([]string, learnedSpecial)
	v.special = []string{"<pad>", "<s>", "</s>"}
	for b := range bytesCount {
		v.tokens = append(v.tokens, string([]byte{byte(b)}))
	}
	words, counts := split(sentences)
	for len(v.tokens) < size {
		pair, count := mostFrequent(words, counts)
		if count < 2 {
			break
		}
		token := v.add(v.tokens[pair[0]] + v.tokens[pair[1]])
		v.merges = append(v.merges, pair)
		for i := range words {
			words[i] = replace(words[i], pair, token)
		}
	}
	v.special = append(v.special, make([]string, len(v.tokens)-len(v.special))...)
	return v, v.index()
}

// add returns the number of a token, which may exist: two pairs can give one text.
func (v *Vocabulary) add(text string) int {
	if i := slices.Index(v.tokens[learnedSpecial:], text); i >= 0 {
		return learnedSpecial + i
	}
	v.tokens = append(v.tokens, text)
	return len(v.tokens) - 1
}

// split lists the pieces of all sentences as bytes, and how often each occurs.
func split(sentences []string) (words [][]int, counts []int) {
	at := map[string]int{}
	for _, s := range sentences {
		for s != "" {
			n := piece(s)
			k, seen := at[s[:n]]
			if !seen {
				k = len(words)
				at[s[:n]] = k
				word := make([]int, n)
				for i := range n {
					word[i] = learnedSpecial + int(s[i])
				}
				words, counts = append(words, word), append(counts, 0)
			}
			counts[k]++
			s = s[n:]
		}
	}
	return words, counts
}

func mostFrequent(words [][]int, counts []int) (pair [2]int, count int) {
	occurs := map[[2]int]int{}
	for i, w := range words {
		for k := range len(w) - 1 {
			occurs[[2]int{w[k], w[k+1]}] += counts[i]
		}
	}
	for p, n := range occurs {
		if n > count || n == count && slices.Compare(p[:], pair[:]) < 0 {
			pair, count = p, n
		}
	}
	return pair, count
}
