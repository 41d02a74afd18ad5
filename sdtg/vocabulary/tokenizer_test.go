package vocabulary

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

// small is a tokenizer.json with each byte and three merges.
func small(t *testing.T, merges any) string {
	t.Helper()
	vocab := map[string]int{"<|endoftext|>": 0}
	for b, r := range letters {
		vocab[string(r)] = b + 1
	}
	for i, token := range []string{"at", "cat", "Ġcat"} {
		vocab[token] = 257 + i
	}
	text, err := json.Marshal(map[string]any{
		"version": "1.0", "normalizer": nil,
		"pre_tokenizer": map[string]any{"type": "ByteLevel", "add_prefix_space": false, "use_regex": true},
		"added_tokens":  []any{map[string]any{"id": 0, "content": "<|endoftext|>", "special": true}},
		"model":         map[string]any{"type": "BPE", "vocab": vocab, "merges": merges},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var oldMerges = []string{"a t", "c at", "Ġ cat"}

func TestParseTokenizer(t *testing.T) {
	for name, merges := range map[string]any{"old": oldMerges, "new": [][]string{{"a", "t"}, {"c", "at"}, {"Ġ", "cat"}}} {
		v, err := ParseTokenizer([]byte(small(t, merges)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if got, want := v.Encode("cat cat  cat at!"), []int{258, 259, 33, 259, 33, 257, 34}; !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", name, got, want)
		}
		if v.Size() != 260 || v.Padding != 0 || v.Begin != 0 || v.End != 0 {
			t.Errorf("%s: %d tokens, special %d %d %d", name, v.Size(), v.Padding, v.Begin, v.End)
		}
		for _, text := range texts {
			same(t, v, text)
		}
		var again Vocabulary
		if err := json.Unmarshal(marshalled(t, v), &again); err != nil {
			t.Errorf("%s: written and read: %v", name, err)
		}
	}
}

func TestParseTokenizerRefuses(t *testing.T) {
	good := small(t, oldMerges)
	for name, c := range map[string][3]string{
		"word pieces":  {`"BPE"`, `"WordPiece"`, "want BPE"},
		"other splits": {`"ByteLevel"`, `"Whitespace"`, "want ByteLevel"},
		"prefix space": {`"add_prefix_space":false`, `"add_prefix_space":true`, "add_prefix_space"},
		"normalizer":   {`"normalizer":null`, `"normalizer":{"type":"NFC"}`, "normalizer"},
		"huge number":  {`"cat":258`, `"cat":2000000000`, "2000000000"},
		"no such part": {`"a t"`, `"a tt"`, "is no token"},
		"no pair":      {`"a t"`, `"at"`, "is no pair"},
		"a byte less":  {`"A":66,`, ``, "no token for byte 0x41"},
		"cut":          {`{`, ``, "invalid character"},
	} {
		if _, err := ParseTokenizer([]byte(strings.Replace(good, c[0], c[1], 1))); err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: %v, want %q", name, err, c[2])
		}
	}
}
