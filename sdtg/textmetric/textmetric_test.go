package textmetric

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"megl-edge/kernels"
)

func near(t *testing.T, name string, got, want, tolerance float64) {
	t.Helper()
	if !(math.Abs(got-want) <= tolerance) {
		t.Errorf("%s: got %.17g, want %.17g", name, got, want)
	}
}

// fixture is a file of 1000 images of COCO with its scores by the COCO tools.
func fixture(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("MEGL_SHARED")
	if root == "" {
		t.Skip("MEGL_SHARED is not set")
	}
	return filepath.Join(root, "data", "caption_metrics", "en_captions_val2014"+name+".json")
}

func TestScoresOfCOCO(t *testing.T) {
	for _, c := range []struct {
		name, references, candidates string
		tolerance                    float64
	}{
		{"tokenised", "_references_after_tokenization", "_results_after_tokenization", 1e-9},
		{"raw", "", "_fakecap_results", 1e-6},
		{"mixed", "", "_results_after_tokenization", 1e-6},
	} {
		t.Run(c.name, func(t *testing.T) {
			items, err := Load(fixture(t, c.references), fixture(t, c.candidates))
			if err != nil {
				t.Fatal(err)
			}
			s := Score(items)
			if s.Images != 1000 {
				t.Errorf("%d images", s.Images)
			}
			for k, want := range []float64{.579399575457336, .404391297410181, .278536385661915, .190829043767425} {
				near(t, "BLEU", s.BLEU[k], want, c.tolerance)
			}
			near(t, "ROUGE-L", s.ROUGEL, .396252693575709, c.tolerance)
			near(t, "CIDEr-D", s.CIDErD, .59979051851842, c.tolerance)
		})
	}
}

// Every raw sentence of the fixture becomes the words that the Stanford tokenizer
// made of it.
func TestTokenizeCOCO(t *testing.T) {
	for _, c := range [][2]string{{"", "_references_after_tokenization"}, {"_fakecap_results", "_results_after_tokenization"}} {
		raw, err := loadSentences(fixture(t, c[0]))
		if err != nil {
			t.Fatal(err)
		}
		want, err := loadSentences(fixture(t, c[1]))
		if err != nil {
			t.Fatal(err)
		}
		byImage := map[string][][]string{}
		for _, s := range want {
			byImage[s.image] = s.words
		}
		for _, s := range raw {
			for i, words := range s.words {
				if !slices.Equal(words, byImage[s.image][i]) {
					t.Errorf("got %q, want %q", words, byImage[s.image][i])
				}
			}
		}
	}
}

func TestTokenize(t *testing.T) {
	for sentence, want := range map[string]string{
		"":                                     "",
		"A dog's ball, isn't it?":              "a dog 's ball is n't it",
		"She can’t; they'll.":                  "she ca n't they 'll",
		"At 5:30 p.m. on Morgan Rd.":           "at 5:30 p.m. on morgan rd.",
		"Fruit, etc. (sweet) -- \"fresh\" ...": "fruit etc. -lrb- sweet -rrb- fresh",
		"A close-up of #25 & 1,000 more":       "a close-up of # 25 & 1,000 more",
		"I cannot see A. Smith. No.":           "i can not see a. smith no.",
		"ein Vögel\n鳥 🐦":                       "ein vögel 鳥 🐦",
	} {
		if got := strings.Join(Tokenize(sentence), " "); got != want {
			t.Errorf("%q: got %q, want %q", sentence, got, want)
		}
	}
}

func TestScoresOfOneImage(t *testing.T) {
	s := Score([]Item{{strings.Fields("this is a good test"), [][]string{strings.Fields("this is a test"), strings.Fields("this is also a test")}}})
	for k, want := range []float64{.79999999968000035, .63245553176488267, .51087295469346661, 9.0360200313921939e-05} {
		near(t, "BLEU", s.BLEU[k], want, 1e-15)
	}
	near(t, "ROUGE-L", s.ROUGEL, .90706319702602223, 1e-15)
	near(t, "CIDEr-D", s.CIDErD, 0, 0)
}

func TestEmptySentences(t *testing.T) {
	s := Score([]Item{{nil, [][]string{nil, {"cat"}}}, {[]string{"dog"}, [][]string{nil}}})
	text, err := json.Marshal(s) // refuses what is not finite
	if err != nil || s.ROUGEL != 0 || s.CIDErD != 0 {
		t.Errorf("%s, %v", text, err)
	}
	if got := Score(nil); got != (Scores{}) {
		t.Errorf("no items: %+v", got)
	}
}

func TestPortableFunctions(t *testing.T) {
	for x := 1e-18; x < 1e9; x *= 1.37 {
		near(t, "log", kernels.Log64(x), math.Log(x), 1e-15*max(1, math.Abs(math.Log(x))))
	}
	for x := 0.0; x > -740; x -= 0.713 {
		near(t, "exp", kernels.Exp64(x), math.Exp(x), 1e-14*math.Exp(x)+5e-324)
	}
	if kernels.Exp64(-1e9) != 0 || kernels.Exp64(0) != 1 || kernels.Log64(1) != 0 {
		t.Error("exp and log at the ends")
	}
}

func TestLoadRefuses(t *testing.T) {
	write := func(text string) string {
		path := filepath.Join(t.TempDir(), "sentences.json")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := `{"1": ["a cat"]}`
	for name, c := range map[string]struct{ references, candidates, phrase string }{
		"no JSON":        {good, `{`, "unexpected end"},
		"a number":       {`3`, good, "cannot unmarshal"},
		"none":           {good, `[]`, "no sentences"},
		"no image":       {good, `[{"caption": "a cat"}]`, "image_id"},
		"no reference":   {good, `[{"image_id": 2, "caption": "a cat"}]`, "no reference for image 2"},
		"two candidates": {good, `{"1": ["a", "b"]}`, "has 2 candidates"},
		"not a list":     {`{"1": "a cat"}`, good, "want a list of sentences"},
		"twice":          {`{"1": [], "1": []}`, good, "occurs twice"},
	} {
		_, err := Load(write(c.references), write(c.candidates))
		if err == nil || !strings.Contains(err.Error(), c.phrase) {
			t.Errorf("%s: %v, want %q", name, err, c.phrase)
		}
	}
	if _, err := Load(write(good), write(`[{"image_id": "1", "caption": "A cat."}]`)); err != nil {
		t.Errorf("an image named by a string: %v", err)
	}
}
