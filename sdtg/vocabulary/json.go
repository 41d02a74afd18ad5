package vocabulary

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// stored is the JSON form. Bytes of tokens are written in the letters of GPT-2.
type stored struct {
	Padding int            `json:"padding"`
	Begin   int            `json:"begin"`
	End     int            `json:"end"`
	Special map[int]string `json:"special"` // names, by number
	Tokens  []string       `json:"tokens"`
	Merges  [][2]int       `json:"merges"`
}

// letters has a printable letter for each byte, byteOf the byte of each letter.
var letters, byteOf = alphabet()

func alphabet() (to [bytesCount]rune, from map[rune]byte) {
	from = make(map[rune]byte, bytesCount)
	next := rune(bytesCount)
	for b := range rune(bytesCount) {
		to[b] = b
		if b < '!' || b > '~' && b < '¡' || b > '¬' && b < '®' {
			to[b] = next
			next++
		}
		from[to[b]] = byte(b)
	}
	return to, from
}

func spell(text string) string {
	var s strings.Builder
	for i := range len(text) {
		s.WriteRune(letters[text[i]])
	}
	return s.String()
}

func unspell(s string) (string, error) {
	text := make([]byte, 0, len(s))
	for _, r := range s {
		b, ok := byteOf[r]
		if !ok {
			return "", fmt.Errorf("token %q: %q stands for no byte", s, r)
		}
		text = append(text, b)
	}
	return string(text), nil
}

// MarshalJSON writes the vocabulary, always with the same bytes.
func (v *Vocabulary) MarshalJSON() ([]byte, error) {
	s := stored{v.Padding, v.Begin, v.End, map[int]string{}, make([]string, len(v.tokens)), v.merges}
	for i, text := range v.tokens {
		s.Tokens[i] = spell(text)
		if v.special[i] != "" {
			s.Special[i] = v.special[i]
		}
	}
	return json.Marshal(s)
}

// UnmarshalJSON reads what MarshalJSON wrote, and checks it.
func (v *Vocabulary) UnmarshalJSON(text []byte) error {
	var s stored
	if err := json.Unmarshal(text, &s); err != nil {
		return err
	}
	n := &Vocabulary{
		Padding: s.Padding, Begin: s.Begin, End: s.End, merges: s.Merges,
		tokens: make([]string, len(s.Tokens)), special: make([]string, len(s.Tokens)),
	}
	for i, t := range s.Tokens {
		var err error
		if n.tokens[i], err = unspell(t); err != nil {
			return err
		}
	}
	for i, name := range s.Special {
		if i < 0 || i >= len(n.tokens) || n.tokens[i] != "" || name == "" {
			return errors.New("a special token needs a name and a number without text")
		}
		n.special[i] = name
	}
	if err := n.index(); err != nil {
		return err
	}
	*v = *n
	return nil
}
