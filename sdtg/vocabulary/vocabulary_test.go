package vocabulary

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
)

var sentences = []string{
	"This is an Abyssinian cat because it has large pointed ears.",
	"The brown object at the centre shows large pointed ears.",
	"It has a short coat, so it is an Abyssinian cat.",
}

func learned(t testing.TB, size int) *Vocabulary {
	t.Helper()
	v, err := Learn(sentences, size)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func same(t *testing.T, v *Vocabulary, text string) {
	t.Helper()
	if got, err := v.Decode(v.Encode(text)); err != nil || got != text {
		t.Errorf("%q comes back as %q, %v", text, got, err)
	}
}

var texts = []string{"", " ", "  a", "a \n\t b  ", "鳥は青い。", "🐦‍⬛ 🇩🇪", "\xff\x00\xc3", "<pad></s>", "it's", "a\u00a0\u2003b\v\u0085c"}

func TestEveryTextComesBack(t *testing.T) {
	v := learned(t, 300)
	for _, text := range append(texts, sentences...) {
		same(t, v, text)
		for _, token := range v.Encode(text) {
			if token < learnedSpecial {
				t.Errorf("%q gives the special token %d", text, token)
			}
		}
	}
}

func TestLearn(t *testing.T) {
	v := learned(t, 4000)
	if n := len(v.Encode(" Abyssinian")); n != 1 {
		t.Errorf("a frequent word has %d tokens", n)
	}
	for _, size := range []int{259, 260, 300} {
		if got := learned(t, size).Size(); got != size {
			t.Errorf("%d tokens, want %d", got, size)
		}
	}
	backwards := slices.Clone(sentences)
	slices.Reverse(backwards)
	w, err := Learn(backwards, 4000)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(marshalled(t, v), marshalled(t, w)) {
		t.Error("the order of the sentences matters")
	}
	if _, err := Learn(sentences, 258); err == nil {
		t.Error("258 tokens are accepted")
	}
	if _, err := v.Decode([]int{v.Size()}); err == nil {
		t.Error("a token outside the vocabulary is decoded")
	}
}

func marshalled(t testing.TB, v *Vocabulary) []byte {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestJSON(t *testing.T) {
	v := learned(t, 320)
	text := marshalled(t, v)
	var got Vocabulary
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(marshalled(t, &got), text) {
		t.Error("a vocabulary is written with other bytes than it was read from")
	}
	for _, s := range sentences {
		if !slices.Equal(got.Encode(s), v.Encode(s)) {
			t.Errorf("%q has other tokens", s)
		}
	}
	for name, damage := range map[string][2]string{
		"a byte missing":     {`"A",`, `"",`},
		"merge":              {`"merges":[[`, `"merges":[[-1,3],[`},
		"special":            {`"padding":0`, `"padding":9`},
		"special, with text": {`"special":{`, `"special":{"5":"x",`},
		"letter":             {`"A",`, `"鳥",`},
	} {
		if err := json.Unmarshal([]byte(strings.Replace(string(text), damage[0], damage[1], 1)), &got); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func FuzzComesBack(f *testing.F) {
	for _, text := range texts {
		f.Add(text)
	}
	v := learned(f, 320)
	f.Fuzz(func(t *testing.T, text string) { same(t, v, text) })
}
