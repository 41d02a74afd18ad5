package vocabulary

import (
	"bufio"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// The sentences of the training photos fit into a thousand tokens, few to a sentence.
func TestRationales(t *testing.T) {
	root := os.Getenv("MEGL_SHARED")
	if root == "" {
		t.Skip("MEGL_SHARED is not set")
	}
	f, err := os.Open(filepath.Join(root, "data", "objectme_mini", "train.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var all []string
	lines := bufio.NewScanner(f)
	for lines.Scan() {
		var row struct {
			Rationales []string `json:"rationales"`
		}
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		all = append(all, row.Rationales...)
	}
	v, err := Learn(all, 1024)
	if err != nil {
		t.Fatal(err)
	}
	longest, tokens := 0, 0
	for _, s := range all {
		same(t, v, s)
		n := len(v.Encode(s))
		longest, tokens = max(longest, n), tokens+n
	}
	t.Logf("%d sentences, %d tokens, %d JSON bytes: %.1f tokens a sentence, at most %d",
		len(all), v.Size(), len(marshalled(t, v)), float64(tokens)/float64(len(all)), longest)
	if longest > 64 {
		t.Errorf("a sentence has %d tokens", longest)
	}
}
