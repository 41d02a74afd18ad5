package atomicfile_test

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"megl-edge/runtime/atomicfile"
)

func content(text string) func(io.Writer) error {
	return func(w io.Writer) error {
		_, err := io.WriteString(w, text)
		return err
	}
}

func requireContent(t *testing.T, path, want string) {
	t.Helper()
	if got, err := os.ReadFile(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q (%v), want %q", path, got, err, want)
	}
}

func requireAbsent(t *testing.T, path string) {
	t.Helper()
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is there (%v)", path, err)
	}
}

// What a killed program left under the temporary name goes; a link there is not
// followed.
func TestWriteViaReplacesWhatIsLeft(t *testing.T) {
	folder := t.TempDir()
	path, temporary, other := filepath.Join(folder, "file"), filepath.Join(folder, "file.tmp"), filepath.Join(folder, "other")
	for _, p := range []string{temporary, other} {
		if err := os.WriteFile(p, []byte("left over, and longer"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range []string{"first", "second"} {
		if err := atomicfile.WriteVia(atomicfile.System{}, temporary, path, content(text)); err != nil {
			t.Fatal(err)
		}
		requireContent(t, path, text)
		requireAbsent(t, temporary)
		if err := os.Symlink(other, temporary); err != nil {
			t.Skip("no symbolic links here")
		}
	}
	requireContent(t, other, "left over, and longer")
}

func TestMove(t *testing.T) {
	folder := t.TempDir()
	from, to := filepath.Join(folder, "from"), filepath.Join(folder, "to")
	if err := atomicfile.Move(atomicfile.System{}, from, to); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("moving what is not there: %v", err)
	}
	for path, text := range map[string]string{from: "new", to: "old"} {
		if err := atomicfile.Write(path, content(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := atomicfile.Move(atomicfile.System{}, from, to); err != nil {
		t.Fatal(err)
	}
	requireContent(t, to, "new")
	requireAbsent(t, from)
}
