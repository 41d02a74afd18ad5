package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEvalText(t *testing.T) {
	folder := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	references := write("references.json", `{"annotations": [{"image_id": 7, "caption": "This is a test."}, {"image_id": 7, "caption": "This is also a test!"}]}`)
	candidates := write("candidates.json", `{"7": ["this is a good test"]}`)
	args := []string{"eval", "text", "--references", references, "--candidates", candidates}
	got := decoded[evalTextResult](t, done(t, append(args, "--json")...))
	if got.Images != 1 || math.Abs(got.BLEU[3]-9.0360200313921939e-05) > 1e-15 || math.Abs(got.ROUGEL-.90706319702602223) > 1e-15 {
		t.Errorf("eval text says %+v", got.Scores)
	}
	if text := done(t, args...); !strings.Contains(text, "ROUGE-L  0.9071") {
		t.Errorf("eval text prints\n%s", text)
	}
	refused(t, "candidates", "eval", "text", "--references", references)
	refused(t, "no such file", "eval", "text", "--references", references, "--candidates", filepath.Join(folder, "none"))
	refused(t, "unexpected end", "eval", "text", "--references", references, "--candidates", write("cut.json", `[{"image_id": 7`))
	refused(t, "no reference for image 8", "eval", "text", "--references", references, "--candidates", write("other.json", `{"8": ["a cat"]}`))
}
