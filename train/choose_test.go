package train_test

import (
	"testing"

	"megl-edge/train"
	"megl-edge/train/data"
)

// Folds share no photo, hold every one with a label together, and have nearly as many
// of each class; the same photos always fall into the same fold.
func TestFolds(t *testing.T) {
	const count, folds = 27, 4
	path := drawn(t, 0, count)
	d, err := data.Load(path, nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for k := range folds {
		rest, fold := train.Fold(d, k, folds)
		if rest.Len()+fold.Len() != count {
			t.Errorf("fold %d: %d and %d photos of %d", k, rest.Len(), fold.Len(), count)
		}
		classes := map[int]int{}
		for i := range fold.Len() {
			classes[fold.Class(i)]++
			seen[fold.Row(i).Image]++
		}
		for class, n := range classes {
			if n < 9/folds || n > 9/folds+1 {
				t.Errorf("fold %d: %d photos of class %d", k, n, class)
			}
		}
		_, again := train.Fold(d, k, folds)
		for i := range fold.Len() {
			if again.Row(i).Image != fold.Row(i).Image {
				t.Fatalf("fold %d has other photos the second time", k)
			}
		}
	}
	if len(seen) != count {
		t.Errorf("%d photos are in a fold, want %d", len(seen), count)
	}
	for image, n := range seen {
		if n != 1 {
			t.Errorf("%s is in %d folds", image, n)
		}
	}
}
