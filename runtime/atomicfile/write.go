// Package atomicfile writes files that appear whole or not at all. The content
// flows in as a function that writes it; models, overlays and checkpoints go
// through here.
package atomicfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
)

// Write puts what content produces in the place of the file at path, with mode
// 0644 less the umask. It is written beside path under a temporary name, brought
// to disk, and renamed. Where that fails, what was at path stays as it was and
// nothing is left behind. A symbolic link at path is replaced, not followed.
//
// The one error after the rename is that the folder could not be brought to
// disk: then the new file is in place, and only a power cut could undo it.
func Write(path string, content func(io.Writer) error) error {
	folder := filepath.Dir(path)
	file, err := createTemp(folder)
	if err != nil {
		return fmt.Errorf("write %s: in folder %s: %w", path, folder, cause(err))
	}
	err = fill(file, content)
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

// cause drops the temporary name, which says nothing to the caller.
func cause(err error) error {
	var inPath *fs.PathError
	if errors.As(err, &inPath) {
		return inPath.Err
	}
	return err
}

// createTemp creates a new file in the folder. os.CreateTemp would give it mode
// 0600.
func createTemp(folder string) (*os.File, error) {
	name := fmt.Sprintf(".megl-edge-%016x.tmp", rand.Uint64())
	return os.OpenFile(filepath.Join(folder, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// fill writes the file, brings it to disk and closes it in any case.
func fill(file *os.File, content func(io.Writer) error) error {
	w := bufio.NewWriterSize(file, 1<<16)
	err := content(w)
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
