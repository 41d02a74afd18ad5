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
	"path/filepath"
)

// Write puts what content produces in the place of the file at path, with mode
// 0644 less the umask. It is written beside path under a temporary name, brought
// to disk, and renamed. Where that fails, what was at path stays as it was and
// nothing is left behind. A symbolic link at path is replaced, not followed.
//
// The one error after the rename is that the folder could not be brought to
// disk: then the new file is in place, and only a power cut could undo it.
//
// A program that is killed meanwhile leaves the temporary file.
func Write(path string, content func(io.Writer) error) error {
	name := fmt.Sprintf(".megl-edge-%016x.tmp", rand.Uint64())
	return WriteVia(System{}, filepath.Join(filepath.Dir(path), name), path, content)
}

// WriteVia is [Write] on a given file system, with a given temporary path in the
// same folder. What is at the temporary path goes: whoever writes the same file
// again and again, and is killed at times, thus leaves one temporary file at most.
func WriteVia(files Files, temporary, path string, content func(io.Writer) error) error {
	folder := filepath.Dir(path)
	file, err := create(files, temporary)
	if err != nil {
		return fmt.Errorf("write %s: in folder %s: %w", path, folder, cause(err))
	}
	err = fill(file, content)
	if err == nil {
		err = files.Rename(temporary, path)
	}
	if err != nil {
		// What went wrong first is what the caller must know.
		_ = files.Remove(temporary)
		return fmt.Errorf("write %s: %w", path, err)
	}
	return syncFolderOf(files, "write", path)
}

// Move renames a file within its folder, in the place of what is there, and
// brings the folder to disk.
func Move(files Files, from, to string) error {
	if err := files.Rename(from, to); err != nil {
		return err
	}
	return syncFolderOf(files, "move "+from+" to", to)
}

func syncFolderOf(files Files, doing, path string) error {
	if err := files.SyncFolder(filepath.Dir(path)); err != nil {
		return fmt.Errorf("%s %s: file is in place, bringing its folder to disk failed: %w", doing, path, err)
	}
	return nil
}

// create makes a new file in the place of what is there.
func create(files Files, path string) (File, error) {
	if err := files.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return files.Create(path)
}

// cause drops the temporary name, which says nothing to the caller.
func cause(err error) error {
	var inPath *fs.PathError
	if errors.As(err, &inPath) {
		return inPath.Err
	}
	return err
}

// fill writes the file, brings it to disk and closes it in any case.
func fill(file File, content func(io.Writer) error) error {
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
