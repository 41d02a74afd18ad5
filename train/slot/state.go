package slot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"megl-edge/runtime/atomicfile"
)

// Version is the version of the layout that this package writes. Later versions keep
// the meaning of "version" and "current", so that this one can still use their current
// model; it changes nothing in their stores.
const Version = 1

var (
	// ErrNoStore says that a folder holds no store.
	ErrNoStore = errors.New("is no store of models: `megl-edge models promote` makes one")
	// ErrNewer says that a store was written by a later version of the program.
	ErrNewer = errors.New("the store was written by a newer megl-edge: update this program to change it")
)

// State is what a store says of itself.
type State struct {
	Version int       `json:"version"`
	Current Reference `json:"current"`
	// Previous is returned to when the current one fails; nil if there is none.
	Previous *Reference `json:"previous,omitempty"`
	// Trial is nil where the current generation has proved itself.
	Trial *Trial `json:"trial,omitempty"`
}

// Reference names a generation and the bytes that it must have.
type Reference struct {
	Generation int    `json:"generation"`
	File       string `json:"file"`   // in the folder
	SHA256     string `json:"sha256"` // of the file, hexadecimal
}

// Trial is the time after a promotion. It ends well after so many good runs, and with
// the return to the generation before after so many crashes.
type Trial struct {
	Crashes int `json:"crashes"` // that end it
	Runs    int `json:"runs"`    // good uses that end it, see [Use.Good]
	Good    int `json:"good"`    // so far
}

const (
	stateFile     = "store.json"
	stateSuffix   = ".tmp"
	candidateFile = "candidate.megl"
)

func (s *Store) path(name string) string { return filepath.Join(s.folder, name) }

// State reads the state. With [ErrNewer] it holds the current generation all the same.
func (s *Store) State() (State, error) {
	path := s.path(stateFile)
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return State{}, fmt.Errorf("%s: %w", s.folder, ErrNoStore)
	}
	if err != nil {
		return State{}, err
	}
	var state State
	if err := json.Unmarshal(text, &state); err != nil {
		return State{}, fmt.Errorf("%s: %w", path, err)
	}
	if err := state.Current.check(); err != nil {
		return State{}, fmt.Errorf("%s: %w", path, err)
	}
	if state.Version > Version {
		return State{Version: state.Version, Current: state.Current}, fmt.Errorf("%s: %w", s.folder, ErrNewer)
	}
	return state, nil
}

// check fails unless a reference names a file of the folder itself.
func (r Reference) check() error {
	if r.File == "" || filepath.Base(r.File) != r.File || len(r.SHA256) != 64 || r.Generation < 1 {
		return fmt.Errorf("generation %d in file %q with SHA-256 %q is no generation", r.Generation, r.File, r.SHA256)
	}
	return nil
}

// setState is the switch: the rename in it makes a generation current.
func (s *Store) setState(state State) error {
	state.Version = Version
	return s.writeJSON(stateFile, state)
}

// writeJSON writes a small file whole or not at all.
func (s *Store) writeJSON(name string, v any) error {
	text, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	path := s.path(name)
	return atomicfile.WriteVia(s.files, path+stateSuffix, path, func(w io.Writer) error {
		_, err := w.Write(append(text, '\n'))
		return err
	})
}
