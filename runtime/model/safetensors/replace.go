package safetensors

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// WriteFile writes a container to path, as [Write] does, with mode 0644 less the
// umask. The file appears whole or not at all: it is written beside path under
// a temporary name, brought to disk, and renamed. Where that fails, what was at
// path stays as it was and nothing is left behind. A symbolic link at path is
// replaced, not followed.
//
// The one error after the rename is that the folder could not be brought to
// disk: then the new file is in place, and only a power cut could undo it.
func WriteFile(path string, metadata map[string]string, entries []Entry) error {
	return replace(path, func(w io.Writer) error { return Write(w, metadata, entries) })
}

// replace puts what write produces in the place of the file at path.
func replace(path string, write func(io.Writer) error) error {
	folder := filepath.Dir(path)
	file, err := createTemp(folder)
	if err != nil {
		return err
	}
	err = fill(file, write)
	if err == nil {
		err = os.Rename(file.Name(), path)
	}
	if err != nil {
		// What went wrong first is what the caller must know.
		_ = os.Remove(file.Name())
		return fmt.Errorf("write %s: %w", path, err)
	}
	if err := syncFolder(folder); err != nil {
		return fmt.Errorf("write %s: file is in place, bringing its folder to disk failed: %w", path, err)
	}
	return nil
}

// createTemp creates a new file in the folder. os.CreateTemp would give it mode
// 0600.
func createTemp(folder string) (*os.File, error) {
	name := fmt.Sprintf(".safetensors-%016x.tmp", rand.Uint64())
	return os.OpenFile(filepath.Join(folder, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// fill writes the file, brings it to disk and closes it in any case.
func fill(file *os.File, write func(io.Writer) error) error {
	w := bufio.NewWriterSize(file, 1<<16)
	err := write(w)
	if err == nil {
		err = w.Flush()
	}
	if err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}
