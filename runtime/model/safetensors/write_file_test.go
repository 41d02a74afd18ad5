package safetensors

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/atomicfile"
)

// requireFolder fails unless the folder holds exactly the named files.
func requireFolder(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range entries {
		got = append(got, e.Name())
	}
	if !slices.Equal(got, want) {
		t.Errorf("folder holds %q, want %q", got, want)
	}
}

func requireContent(t *testing.T, path, want string) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", path, got, err, want)
	}
}

func TestWriteFileWritesWhatWriteWrites(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "model.megl")
	if err := os.WriteFile(path, bytes.Repeat([]byte("old"), 10_000), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(path, sampleMetadata(), samples()); err != nil {
		t.Fatal(err)
	}
	requireContent(t, path, string(written(t, sampleMetadata(), samples())))
	requireFolder(t, folder, "model.megl")
}

// TestModeFollowsTheUmask compares with a file that the system creates with 0644.
func TestModeFollowsTheUmask(t *testing.T) {
	folder := t.TempDir()
	path, plain := filepath.Join(folder, "model"), filepath.Join(folder, "plain")
	if err := WriteFile(path, nil, samples()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(plain, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	got, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	want, err := os.Stat(plain)
	if err != nil {
		t.Fatal(err)
	}
	if got.Mode() != want.Mode() {
		t.Errorf("mode %v, want %v", got.Mode(), want.Mode())
	}
}

func TestFailedWriteLeavesTheOldFile(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "model.megl")
	if err := os.WriteFile(path, []byte("old"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, size := range []int{0, 100, 1 << 20} { // inside and beyond the buffer
		err := atomicfile.Write(path, func(w io.Writer) error {
			if _, err := w.Write(make([]byte, size)); err != nil {
				return err
			}
			return errFull
		})
		if !errors.Is(err, errFull) || !strings.Contains(err.Error(), path) {
			t.Errorf("error %v, want the path and %v", err, errFull)
		}
		requireFolder(t, folder, "model.megl")
		requireContent(t, path, "old")
	}
	bad := []Entry{{Name: "a"}}
	if err := WriteFile(path, nil, bad); err == nil || !strings.Contains(err.Error(), `tensor "a"`) {
		t.Errorf("bad entry: %v", err)
	}
	requireFolder(t, folder, "model.megl")
	requireContent(t, path, "old")
}

func TestFailedWriteLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	if err := WriteFile(filepath.Join(folder, "new"), nil, []Entry{{Name: "a"}}); err == nil {
		t.Error("bad entry accepted")
	}
	requireFolder(t, folder)
}

// TestFailedRenameLeavesNothing writes to where a folder is.
func TestFailedRenameLeavesNothing(t *testing.T) {
	folder := t.TempDir()
	target := filepath.Join(folder, "target")
	if err := os.MkdirAll(filepath.Join(target, "full"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(target, nil, samples()); err == nil {
		t.Error("a folder was replaced")
	}
	requireFolder(t, folder, "target")
	requireFolder(t, target, "full")
}

func TestWriteFileNeedsAFolder(t *testing.T) {
	folder := t.TempDir()
	file := filepath.Join(folder, "file")
	if err := os.WriteFile(file, []byte("x"), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := WriteFile(filepath.Join(file, "model"), nil, nil); err == nil {
		t.Error("a file served as folder")
	}
	if err := WriteFile(filepath.Join(folder, "absent", "model"), nil, nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	requireFolder(t, folder, "file")
	requireContent(t, file, "x")
}

// TestOpenFileSurvivesReplacement reads a mapping after its file was replaced.
func TestOpenFileSurvivesReplacement(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.megl")
	if err := WriteFile(path, nil, samples()); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if err := WriteFile(path, nil, nil); err != nil {
		t.Fatal(err)
	}
	requireHolds(t, f, map[string]string{}, samples())
}

// TestLongName needs a temporary name that does not grow with the path.
func TestLongName(t *testing.T) {
	folder := t.TempDir()
	name := strings.Repeat("n", 250)
	if err := WriteFile(filepath.Join(folder, name), nil, nil); err != nil {
		t.Fatal(err)
	}
	requireFolder(t, folder, name)
}
