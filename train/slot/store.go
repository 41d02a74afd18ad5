package slot

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"megl-edge/runtime/atomicfile"
)

// Store is a folder of generations. Several processes may use one; see [Store.Use] and
// [Store.Stage].
type Store struct {
	folder string
	files  atomicfile.Files
}

// Open returns the store in a folder, which may have none yet: [Candidate.Promote] makes
// it.
func Open(folder string) *Store { return &Store{folder, atomicfile.System{}} }

// Folder returns the folder.
func (s *Store) Folder() string { return s.folder }

// Path returns where the file of a generation is.
func (s *Store) Path(r Reference) string { return s.path(r.File) }

// Generation is one that a store knows of.
type Generation struct {
	Record
	Current  bool `json:"current"`
	Previous bool `json:"previous"` // a rollback returns to it
	// Kept tells whether the model is still there; the record stays when it is pruned.
	Kept bool `json:"kept"`
}

// List returns all generations, the oldest first.
func (s *Store) List() ([]Generation, error) {
	state, err := s.State()
	if err != nil {
		return nil, err
	}
	numbers, err := s.numbers()
	if err != nil {
		return nil, err
	}
	var all []Generation
	for _, n := range numbers {
		r, err := s.Record(n)
		if err != nil {
			return nil, err
		}
		_, missing := os.Stat(s.path(r.File))
		all = append(all, Generation{
			Record: r, Current: n == state.Current.Generation, Kept: missing == nil,
			Previous: state.Previous != nil && n == state.Previous.Generation,
		})
	}
	return all, nil
}

// numbers returns the generations that have a record, in their order.
func (s *Store) numbers() ([]int, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return nil, err
	}
	var numbers []int
	for _, e := range entries {
		var n int
		if _, err := fmt.Sscanf(e.Name(), "%d.json", &n); err == nil && e.Name() == recordFile(n) {
			numbers = append(numbers, n)
		}
	}
	slices.Sort(numbers)
	return numbers, nil
}

// Verify fails unless the file of a generation has the bytes that it must have.
func (s *Store) Verify(r Reference) error {
	path := s.Path(r)
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	sum, _, err := sumOf(f)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if sum != r.SHA256 {
		return fmt.Errorf("%s: its SHA-256 is %s, not %s as when it was promoted: the file was damaged or changed", path, sum, r.SHA256)
	}
	return nil
}

// sumOf returns the SHA-256 of what can be read, hexadecimal, and how much that is.
func sumOf(r io.Reader) (string, int64, error) {
	h := sha256.New()
	n, err := io.Copy(h, r)
	return hex.EncodeToString(h.Sum(nil)), n, err
}

// remove deletes a file of the store, and brings that to disk.
func (s *Store) remove(name string) error {
	if err := s.files.Remove(s.path(name)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		return err
	}
	return s.files.SyncFolder(s.folder)
}
