package data_test

import (
	"os"
	"path/filepath"
	"testing"

	"megl-edge/train/data"
)

// The sum of a data set is of its content: where it lies does not count, what a photo,
// a mask or a sentence is does.
func TestSum(t *testing.T) {
	write := func(line, photo, mask string) string {
		t.Helper()
		folder := t.TempDir()
		for name, text := range map[string]string{"rows.jsonl": line, "a.jpg": photo, "m.png": mask} {
			if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d, err := data.Load(filepath.Join(folder, "rows.jsonl"), nil)
		if err != nil {
			t.Fatal(err)
		}
		sum, err := d.Sum()
		if err != nil || len(sum) != 64 {
			t.Fatalf("%q, %v", sum, err)
		}
		return sum
	}
	const line = `{"id":"1","image":"a.jpg","label":"cat","mask":"m.png","rationales":["It purrs."]}`
	first := write(line, "photo", "mask")
	if again := write(line, "photo", "mask"); again != first {
		t.Error("the same rows elsewhere have another sum")
	}
	for what, other := range map[string]string{
		"photo":    write(line, "phot0", "mask"),
		"mask":     write(line, "photo", "m4sk"),
		"label":    write(`{"id":"1","image":"a.jpg","label":"dog","mask":"m.png","rationales":["It purrs."]}`, "photo", "mask"),
		"sentence": write(`{"id":"1","image":"a.jpg","label":"cat","mask":"m.png","rationales":["It barks."]}`, "photo", "mask"),
		"rows":     write(line+"\n"+line, "photo", "mask"),
	} {
		if other == first {
			t.Errorf("another %s has the same sum", what)
		}
	}
}
