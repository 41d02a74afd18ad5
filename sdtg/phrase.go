package sdtg

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// span is a part of a text, in bytes.
type span struct{ start, end int }

// phrasesIn returns the parts of a sentence that name evidence, in order: the known
// phrases that it holds as whole words, the longest where several begin; where none
// are known, what stands between words that only join.
func phrasesIn(text string, known []string) []span {
	if len(known) == 0 {
		return between(text)
	}
	lower := lowered(text)
	var found []span
	for _, phrase := range known {
		found = append(found, occurrences(lower, lowered(phrase))...)
	}
	slices.SortFunc(found, func(a, b span) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	var apart []span
	for _, s := range found {
		if len(apart) == 0 || s.start >= apart[len(apart)-1].end {
			apart = append(apart, s)
		}
	}
	return apart
}

// lowered is strings.ToLower for letters whose length stays the same, so that places
// in the result are places in the text.
func lowered(text string) string {
	return strings.Map(func(r rune) rune {
		if l := unicode.ToLower(r); utf8.RuneLen(l) == utf8.RuneLen(r) {
			return l
		}
		return r
	}, text)
}

// occurrences returns where a text has a phrase as whole words.
func occurrences(text, phrase string) []span {
	var found []span
	for at := 0; phrase != ""; {
		i := strings.Index(text[at:], phrase)
		if i < 0 {
			break
		}
		s := span{at + i, at + i + len(phrase)}
		if apart(text, s.start) && apart(text, s.end) {
			found = append(found, s)
		}
		_, first := utf8.DecodeRuneInString(phrase)
		at = s.start + first
	}
	return found
}

// apart tells whether a word may end or begin at a place of a text.
func apart(text string, at int) bool {
	before, _ := utf8.DecodeLastRuneInString(text[:at])
	after, _ := utf8.DecodeRuneInString(text[at:])
	return at == 0 || at == len(text) || !inWord(before) || !inWord(after)
}

// inWord tells whether a letter needs a space to its next word.
func inWord(r rune) bool {
	spaceless := unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
	return (unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r)) && !spaceless
}

// joining are English words that no phrase holds when none are known: they name no
// evidence.
var joining = setOf("and", "or", "so", "because", "but", "it", "its", "this", "these", "that", "there", "which", "is", "are", "was", "were",
	"be", "been", "has", "have", "had", "can", "shows", "show", "indicates", "recognised", "recognized", "fills", "by", "in", "on", "at",
	"of", "with", "to", "for", "from", "as")

// articles alone are no phrase.
var articles = setOf("a", "an", "the")

func setOf(words ...string) map[string]bool {
	set := map[string]bool{}
	for _, w := range words {
		set[w] = true
	}
	return set
}

// between returns the runs of words that no joining word and no mark interrupts.
func between(text string) []span {
	var found []span
	run, meaning := span{-1, 0}, false
	finish := func() {
		if run.start >= 0 && meaning {
			found = append(found, run)
		}
		run, meaning = span{-1, 0}, false
	}
	for at := 0; at < len(text); {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !wordRune(r) {
			if !unicode.IsSpace(r) {
				finish()
			}
			at += size
			continue
		}
		end := at
		for end < len(text) {
			r, size := utf8.DecodeRuneInString(text[end:])
			if !wordRune(r) {
				break
			}
			end += size
		}
		word := strings.ToLower(text[at:end])
		if joining[word] {
			finish()
		} else {
			if run.start < 0 {
				run.start = at
			}
			run.end, meaning = end, meaning || !articles[word]
		}
		at = end
	}
	finish()
	return found
}

func wordRune(r rune) bool {
	return unicode.IsLetter(r) || unicode.IsMark(r) || unicode.IsDigit(r) || r == '-' || r == '\''
}
