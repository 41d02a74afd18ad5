package vocabulary

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// tokenizer is the part of a tokenizer.json that decides what tokens a text gives.
type tokenizer struct {
	Normalizer   json.RawMessage `json:"normalizer"`
	PreTokenizer struct {
		Type           string `json:"type"`
		AddPrefixSpace bool   `json:"add_prefix_space"`
		UseRegex       *bool  `json:"use_regex"`
	} `json:"pre_tokenizer"`
	AddedTokens []struct {
		ID      int    `json:"id"`
		Content string `json:"content"`
	} `json:"added_tokens"`
	Model struct {
		Type         string            `json:"type"`
		IgnoreMerges bool              `json:"ignore_merges"`
		Prefix       string            `json:"continuing_subword_prefix"`
		Suffix       string            `json:"end_of_word_suffix"`
		Vocab        map[string]int    `json:"vocab"`
		Merges       []json.RawMessage `json:"merges"`
	} `json:"model"`
}

// The names under which special tokens are known.
var (
	paddingNames = []string{"<pad>", "[PAD]", "<|pad|>", "<|endoftext|>"}
	beginNames   = []string{"<s>", "[CLS]", "<bos>", "<|startoftext|>", "<|begin_of_text|>", "<|endoftext|>"}
	endNames     = []string{"</s>", "[SEP]", "<eos>", "<|end_of_text|>", "<|endoftext|>"}
)

// ParseTokenizer reads a tokenizer.json of Hugging Face: byte-level BPE that splits
// text as GPT-2 does. Others are refused, since their tokens would differ. The names
// of added tokens have no meaning within a text.
func ParseTokenizer(text []byte) (*Vocabulary, error) {
	var t tokenizer
	if err := json.Unmarshal(text, &t); err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	if err := t.check(); err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	v, err := t.vocabulary()
	if err != nil {
		return nil, fmt.Errorf("tokenizer: %w", err)
	}
	return v, nil
}

func (t *tokenizer) check() error {
	p := t.PreTokenizer
	switch {
	case t.Model.Type != "BPE":
		return fmt.Errorf("model %q, want BPE", t.Model.Type)
	case p.Type != "ByteLevel":
		return fmt.Errorf("pre_tokenizer %q, want ByteLevel", p.Type)
	case p.AddPrefixSpace, p.UseRegex != nil && !*p.UseRegex:
		return fmt.Errorf("pre_tokenizer with add_prefix_space, or without use_regex, is not supported")
	case t.Model.IgnoreMerges, t.Model.Prefix != "", t.Model.Suffix != "":
		return fmt.Errorf("ignore_merges, prefixes and suffixes are not supported")
	case len(t.Normalizer) > 0 && !bytes.Equal(t.Normalizer, []byte("null")):
		return fmt.Errorf("a normalizer is not supported: text would not come back as it was")
	}
	return nil
}

func (t *tokenizer) vocabulary() (*Vocabulary, error) {
	// Numbers may leave gaps, but not so many that a small file takes much memory.
	bound := 2*(len(t.Model.Vocab)+len(t.AddedTokens)) + bytesCount
	size := 0
	number := func(name string, id int) error {
		if id < 0 || id >= bound {
			return fmt.Errorf("token %q has the number %d", name, id)
		}
		size = max(size, id+1)
		return nil
	}
	added := map[int]bool{}
	for _, a := range t.AddedTokens {
		if err := number(a.Content, a.ID); err != nil {
			return nil, err
		}
		added[a.ID] = true
	}
	for name, id := range t.Model.Vocab {
		if err := number(name, id); err != nil {
			return nil, err
		}
	}
	v := &Vocabulary{tokens: make([]string, size), special: make([]string, size)}
	for name, id := range t.Model.Vocab {
		if added[id] {
			continue
		}
		if v.tokens[id] != "" {
			return nil, fmt.Errorf("two tokens have the number %d", id)
		}
		var err error
		if v.tokens[id], err = unspell(name); err != nil {
			return nil, err
		}
	}
	for _, a := range t.AddedTokens {
		v.special[a.ID] = a.Content
	}
	v.Padding, v.Begin, v.End = v.named(paddingNames), v.named(beginNames), v.named(endNames)
	for i, m := range t.Model.Merges {
		pair, err := t.pair(m)
		if err != nil {
			return nil, fmt.Errorf("merge %d: %w", i, err)
		}
		v.merges = append(v.merges, pair)
	}
	return v, v.index()
}

// named returns the special token that has the first of the names that any has.
func (v *Vocabulary) named(names []string) int {
	for _, name := range names {
		if i := slices.Index(v.special, name); i >= 0 {
			return i
		}
	}
	return None
}

// pair reads a merge, "a b" in older files and ["a", "b"] in newer ones.
func (t *tokenizer) pair(text json.RawMessage) (pair [2]int, err error) {
	var parts []string
	if json.Unmarshal(text, &parts) != nil {
		var line string
		if err := json.Unmarshal(text, &line); err != nil {
			return pair, err
		}
		parts = strings.Split(line, " ")
	}
	if len(parts) != len(pair) {
		return pair, fmt.Errorf("%s is no pair", text)
	}
	for i, p := range parts {
		id, ok := t.Model.Vocab[p]
		if !ok {
			return pair, fmt.Errorf("%q is no token", p)
		}
		pair[i] = id
	}
	return pair, nil
}
