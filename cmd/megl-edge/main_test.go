package main

import (
	"bytes"
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// outcome is what one command line did.
type outcome struct {
	status   int
	out, err string
}

func megl(t testing.TB, args ...string) outcome {
	t.Helper()
	var out, err bytes.Buffer
	status := run(context.Background(), streams{out: &out, err: &err}, args)
	return outcome{status, out.String(), err.String()}
}

// done runs a command that must succeed and returns what it printed.
func done(t testing.TB, args ...string) string {
	t.Helper()
	o := megl(t, args...)
	if o.status != statusDone {
		t.Fatalf("megl-edge %s: status %d: %s", strings.Join(args, " "), o.status, o.err)
	}
	return o.out
}

// refused runs a command that must end with status 2 and one line that holds
// the phrase.
func refused(t *testing.T, phrase string, args ...string) {
	t.Helper()
	o := megl(t, args...)
	line := strings.TrimSuffix(o.err, "\n")
	if o.status != statusUsage || strings.Contains(line, "\n") || !strings.Contains(line, phrase) {
		t.Errorf("megl-edge %s: status %d and %q, want status 2 and one line with %q", strings.Join(args, " "), o.status, o.err, phrase)
	}
	if o.out != "" {
		t.Errorf("megl-edge %s: printed %q all the same", strings.Join(args, " "), o.out)
	}
}

// shared returns a path in the folder of real data, and skips the test where
// there is none.
func shared(t testing.TB, path ...string) string {
	t.Helper()
	root := os.Getenv("MEGL_SHARED")
	if root == "" {
		t.Skip("MEGL_SHARED is not set: no real models and photos to test with")
	}
	full := filepath.Join(append([]string{root}, path...)...)
	if _, err := os.Stat(full); err != nil {
		t.Fatalf("MEGL_SHARED is set, but %v", err)
	}
	return full
}

// imported returns a model file made of one of the real TFLite files.
func imported(t testing.TB, name string, flags ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "model.megl")
	done(t, append([]string{"import", shared(t, "models", name), "-o", path}, flags...)...)
	return path
}

// drawn returns a picture file that the test drew itself.
func drawn(t testing.TB, width, height int) string {
	t.Helper()
	im := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			im.Set(x, y, color.RGBA{uint8(x * 5), uint8(y * 3), uint8(x * y), 255})
		}
	}
	path := filepath.Join(t.TempDir(), "drawn.png")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := png.Encode(f, im); err != nil {
		t.Fatal(err)
	}
	return path
}

// written returns a file with the given content.
func written(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// decoded reads one JSON line.
func decoded[T any](t testing.TB, line string) T {
	t.Helper()
	var v T
	if err := json.Unmarshal([]byte(line), &v); err != nil {
		t.Fatalf("%q: %v", line, err)
	}
	return v
}
