package script

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Sandbox is the folders that a script may use.
type Sandbox struct{ folders []string } // absolute, without symbolic links

// NewSandbox allows folders that exist.
func NewSandbox(folders []string) (*Sandbox, error) {
	s := &Sandbox{}
	for _, f := range folders {
		absolute, err := filepath.Abs(f)
		if err == nil {
			absolute, err = filepath.EvalSymlinks(absolute)
		}
		if err != nil {
			return nil, fmt.Errorf("--allow %s: %w", f, err)
		}
		s.folders = append(s.folders, absolute)
	}
	return s, nil
}

// ErrOutside says that a path is in none of the allowed folders.
var ErrOutside = errors.New("is in no folder that --allow names")

// Path returns where a path leads, symbolic links followed, or fails with [ErrOutside].
// The file itself need not exist.
func (s *Sandbox) Path(path string) (string, error) {
	absolute, err := filepath.Abs(path)
	if err == nil {
		absolute, err = resolved(absolute)
	}
	if err != nil {
		return "", fmt.Errorf("%s: %w", path, err)
	}
	for _, folder := range s.folders {
		inside, err := filepath.Rel(folder, absolute)
		if err == nil && filepath.IsLocal(inside) {
			return absolute, nil
		}
	}
	return "", fmt.Errorf("%s: %w", path, ErrOutside)
}

// resolved follows the symbolic links of a clean path as far as it exists.
func resolved(path string) (string, error) {
	real, err := filepath.EvalSymlinks(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return real, err
	}
	parent := filepath.Dir(path)
	if parent == path {
		return path, nil
	}
	// A link that leads nowhere might be followed by whoever writes to it.
	if isLink(path) {
		return "", errors.New("is a symbolic link that leads nowhere")
	}
	if parent, err = resolved(parent); err != nil {
		return "", err
	}
	name := filepath.Base(path)
	if strings.ContainsRune(name, 0) {
		return "", errors.New("has a character that no path has")
	}
	return filepath.Join(parent, name), nil
}
func isLink(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode()&fs.ModeSymlink != 0
}
