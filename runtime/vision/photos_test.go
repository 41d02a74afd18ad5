package vision

import (
	"os"
	"path/filepath"
	"testing"
)

// photoDir returns the folder of real photos.
func photoDir(t *testing.T) string {
	t.Helper()
	shared := os.Getenv("MEGL_SHARED")
	if shared == "" {
		t.Skip("MEGL_SHARED is not set: no real photos to decode")
	}
	if !filepath.IsAbs(shared) {
		shared = filepath.Join("..", "..", shared)
	}
	return filepath.Join(shared, "data", "imagenet_sample")
}

// Real photos decode, and one of them to known pixels: the hash changes when
// the JPEG decoder of the toolchain does.
func TestDecodePhotos(t *testing.T) {
	dir := photoDir(t)
	paths := must(filepath.Glob(filepath.Join(dir, "*.JPEG")))
	if len(paths) == 0 {
		t.Fatalf("no photos in %s", dir)
	}
	for i := 0; i < len(paths); i += 16 {
		im, err := DecodeFile(paths[i], Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := cropStretch.Apply(im); err != nil {
			t.Fatal(err)
		}
	}
	im, err := DecodeFile(filepath.Join(dir, "n01440764_tench.JPEG"), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	input, err := cropStretch.Apply(im)
	if err != nil {
		t.Fatal(err)
	}
	const want = "a2a59049521fa36fb49041bb0a968175921b48c5f06a73d427d4eb3cf66cfcfc"
	if got := sum(input); got != want {
		t.Errorf("hash of the model input is %s, want %s", got, want)
	}
}
