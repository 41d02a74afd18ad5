// Package vocabulary turns sentences into tokens and back, by byte pair encoding.
//
// Sentences flow into [Learn], which makes a [Vocabulary]; [Vocabulary.Encode] gives
// the tokens that a decoder is trained on, and [Vocabulary.Decode] the sentence of
// those it says. Every byte is a token, so any text, of any script, comes back as it
// was. A vocabulary is JSON; [ParseTokenizer] reads those of Hugging Face.
package vocabulary

import (
	"errors"
	"fmt"
)

// None stands for a special token that a vocabulary lacks.
const None = -1

// The special tokens of a vocabulary that was learned.
const (
	learnedPadding = iota
	learnedBegin
	learnedEnd
	learnedSpecial // how many there are
)

// bytesCount is the number of tokens of one byte, which all vocabularies have.
const bytesCount = 256

// Vocabulary is a set of tokens, numbered from 0. It may be used by several
// goroutines at a time.
type Vocabulary struct {
	Padding, Begin, End int // special tokens, which no text gives; None where there is none

	tokens  []string // the bytes of each token; empty for special ones and numbers left out
	special []string // the names of special tokens, empty for others
	merges  [][2]int // the first comes first
	single  [bytesCount]int
	rank    map[[2]int]merge
}

// merge is what becomes of a pair of tokens.
type merge struct{ rank, token int }

// Size returns the number of tokens.
func (v *Vocabulary) Size() int { return len(v.tokens) }

// index checks the parts of a vocabulary and fills what is looked up.
func (v *Vocabulary) index() error {
	byText := make(map[string]int, len(v.tokens))
	for i, text := range v.tokens {
		if text == "" {
			continue
		}
		if _, twice := byText[text]; twice {
			return fmt.Errorf("token %d: %q occurs twice", i, text)
		}
		byText[text] = i
	}
	for b := range v.single {
		token, ok := byText[string([]byte{byte(b)})]
		if !ok {
			return fmt.Errorf("no token for byte 0x%02x: not every text could be written", b)
		}
		v.single[b] = token
	}
	v.rank = make(map[[2]int]merge, len(v.merges))
	for i, pair := range v.merges {
		for _, part := range pair {
			if part < 0 || part >= len(v.tokens) || v.tokens[part] == "" {
				return fmt.Errorf("merge %d: %d is no token of text", i, part)
			}
		}
		token, ok := byText[v.tokens[pair[0]]+v.tokens[pair[1]]]
		if !ok {
			return fmt.Errorf("merge %d: %q with %q is no token", i, v.tokens[pair[0]], v.tokens[pair[1]])
		}
		if _, twice := v.rank[pair]; twice {
			return fmt.Errorf("merge %d occurs twice", i)
		}
		v.rank[pair] = merge{i, token}
	}
	for _, s := range []int{v.Padding, v.Begin, v.End} {
		if s != None && (s < 0 || s >= len(v.special) || v.special[s] == "") {
			return fmt.Errorf("%d is no special token", s)
		}
	}
	return nil
}

// Encode returns the tokens of a text, without special ones.
func (v *Vocabulary) Encode(text string) []int {
	var all []int
	for text != "" {
		n := piece(text)
		all = append(all, v.encodePiece(text[:n])...)
		text = text[n:]
	}
	return all
}

func (v *Vocabulary) encodePiece(text string) []int {
	tokens := make([]int, len(text))
	for i := range len(text) {
		tokens[i] = v.single[text[i]]
	}
	for {
		best := merge{rank: len(v.merges)}
		var pair [2]int
		for i := range len(tokens) - 1 {
			p := [2]int{tokens[i], tokens[i+1]}
			if m, ok := v.rank[p]; ok && m.rank < best.rank {
				best, pair = m, p
			}
		}
		if best.rank == len(v.merges) {
			return tokens
		}
		tokens = replace(tokens, pair, best.token)
	}
}

// replace puts token for every occurrence of pair, from the left, in place.
func replace(tokens []int, pair [2]int, token int) []int {
	n := 0
	for i := 0; i < len(tokens); i++ {
		if i+1 < len(tokens) && tokens[i] == pair[0] && tokens[i+1] == pair[1] {
			tokens[n] = token
			i++
		} else {
			tokens[n] = tokens[i]
		}
		n++
	}
	return tokens[:n]
}

// Decode returns the text of tokens. Special ones have none.
func (v *Vocabulary) Decode(tokens []int) (string, error) {
	var text []byte
	for _, t := range tokens {
		if t < 0 || t >= len(v.tokens) {
			return "", fmt.Errorf("token %d of a vocabulary of %d", t, len(v.tokens))
		}
		text = append(text, v.tokens[t]...)
	}
	return string(text), nil
}

var errSmall = errors.New("a vocabulary has at least 259 tokens: each byte, padding, begin and end")
