package vocabulary

import (
	"regexp"
	"unicode/utf8"
)

// pieces are what no token crosses, as in GPT-2: a word with the space before it,
// the end of a contraction, digits, marks, or white space.
var pieces = regexp.MustCompile(`^(?:'(?:s|t|re|ve|m|ll|d)| ?\pL+| ?\pN+| ?[^\s\pZ\x0b\x{85}\pL\pN]+|([\s\pZ\x0b\x{85}]+))`)

// piece returns the length of the first piece of a text that is not empty. White
// space leaves its last character to what follows it.
func piece(text string) int {
	at := pieces.FindStringSubmatchIndex(text)
	n := at[1]
	if at[2] >= 0 && n < len(text) {
		if _, last := utf8.DecodeLastRuneInString(text[:n]); last < n {
			n -= last
		}
	}
	return n
}
