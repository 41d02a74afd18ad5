package data

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// sharedData returns a folder of real data.
func sharedData(t *testing.T, name string) string {
	t.Helper()
	shared := os.Getenv("MEGL_SHARED")
	if shared == "" {
		t.Skip("MEGL_SHARED is not set: no real data to read")
	}
	if !filepath.IsAbs(shared) {
		shared = filepath.Join("..", "..", shared)
	}
	return filepath.Join(shared, "data", name)
}

// Every row of a real data set is complete, and its files exist.
func TestObjectME(t *testing.T) {
	folder := sharedData(t, "objectme_mini")
	for name, want := range map[string]int{"train.jsonl": 2233, "val.jsonl": 337} {
		rows, err := collect(t, filepath.Join(folder, name))
		if err != nil {
			t.Fatal(err)
		}
		if len(rows) != want {
			t.Errorf("%s: %d rows, want %d", name, len(rows), want)
		}
		for i, r := range rows {
			if r.Line != i+1 || slices.Contains([]string{r.ID, r.Label, r.Source, r.Colour, r.Position}, "") ||
				len(r.Rationales) == 0 || len(r.Attributes) == 0 || r.MaskFraction == 0 {
				t.Errorf("%s: row %d is incomplete: %+v", name, i, r)
			}
			for _, path := range []string{r.Image, r.Mask} {
				if _, err := os.Stat(path); err != nil {
					t.Error(err)
				}
			}
		}
	}
}

// A real folder of photos, with a table beside them.
func TestFolderOfPhotos(t *testing.T) {
	folder := sharedData(t, "imagenet_sample")
	photos, err := filepath.Glob(filepath.Join(folder, "*.JPEG"))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := collect(t, folder)
	if err != nil {
		t.Fatal(err)
	}
	if len(rows) != len(photos) {
		t.Fatalf("%d rows for %d photos", len(rows), len(photos))
	}
	for i, r := range rows {
		if r.Image != photos[i] || r.Label != "" {
			t.Errorf("row %d is %+v, want %s", i, r, photos[i])
		}
	}
}
