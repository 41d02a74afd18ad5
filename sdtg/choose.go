package sdtg

import (
	"math"
	"slices"
)

// Greedy returns a choice for [Speaker.Say]: the most likely token that repeats no
// four tokens of the sentence and that allowed, if it is not nil, lets stand there.
// Of equal ones it is the first.
func Greedy(allowed func(before []int32, token int32) bool) func(logits []float32, before []int32) int32 {
	return func(logits []float32, before []int32) int32 {
		best, greatest := int32(-1), float32(math.Inf(-1))
		for i, v := range logits {
			token := int32(i)
			if (best < 0 || v > greatest) && !repeats(before, token) && (allowed == nil || allowed(before, token)) {
				best, greatest = token, v
			}
		}
		return best
	}
}

// longestLoop is how many tokens in a row may stand in a sentence once only.
const longestLoop = 4

// repeats tells whether a token would end a stretch that the sentence has already.
func repeats(before []int32, token int32) bool {
	if len(before) < longestLoop-1 {
		return false
	}
	last := before[len(before)-longestLoop+1:]
	for i := 0; i+longestLoop <= len(before); i++ {
		if slices.Equal(before[i:i+longestLoop-1], last) && before[i+longestLoop-1] == token {
			return true
		}
	}
	return false
}
