package slot

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/filelock"
	"megl-edge/runtime/model"
)

// Candidate is a model that lies in a store but is none of its generations yet. It is
// judged at [Candidate.Path], so that what is promoted is what was judged. A store has one
// candidate at a time.
type Candidate struct {
	store     *Store
	reference Reference // its file and SHA-256
	size      int64
	signature []byte
	before    *State // when it was staged; nil of a new store
	release   func()
}

// Stage copies a model into the store, with its detached signature, if it has one. End
// with [Candidate.Promote] or [Candidate.Discard].
func (s *Store) Stage(r io.Reader, signature []byte) (*Candidate, error) {
	before, err := s.changeable()
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(s.folder, 0o755); err != nil {
		return nil, err
	}
	release, err := s.lock(promotionLock, 0)
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("%s: another model is being promoted: wait for its end", s.folder)
	}
	if err != nil {
		return nil, err
	}
	c := &Candidate{store: s, signature: signature, before: before, release: release, reference: Reference{File: candidateFile}}
	err = atomicfile.WriteVia(s.files, s.path(candidateFile+stateSuffix), c.Path(), func(w io.Writer) error {
		c.reference.SHA256, c.size, err = sumOf(io.TeeReader(r, w))
		return err
	})
	if err != nil {
		release()
		return nil, err
	}
	return c, nil
}

// changeable returns the state of a store that may be changed; nil of one that is none
// yet.
func (s *Store) changeable() (*State, error) {
	state, err := s.State()
	if errors.Is(err, ErrNoStore) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &state, nil
}

// Path returns where the model lies.
func (c *Candidate) Path() string { return c.store.path(candidateFile) }

// SHA256 returns the hash of the model, hexadecimal.
func (c *Candidate) SHA256() string { return c.reference.SHA256 }

// Size returns the bytes of the model.
func (c *Candidate) Size() int64 { return c.size }

// Discard deletes the candidate. After [Candidate.Promote] it does nothing.
func (c *Candidate) Discard() error {
	if c.release == nil {
		return nil
	}
	err := c.store.remove(candidateFile)
	c.release()
	c.release = nil
	return err
}

// Promote makes the candidate current and the generation that was current the previous
// one. trial may be nil. now is noted in the record.
func (c *Candidate) Promote(version string, origin model.Provenance, gate json.RawMessage, trial *Trial, now time.Time) (Record, error) {
	s := c.store
	unlock, err := s.lock(stateLock, lockPatience)
	if err != nil {
		return Record{}, err
	}
	defer unlock()
	before, err := s.changeable()
	if err != nil {
		return Record{}, err
	}
	if (before == nil) != (c.before == nil) || before != nil && before.Current != c.before.Current {
		return Record{}, fmt.Errorf("%s: generation %d became current while the candidate was judged: promote it again", s.folder, before.Current.Generation)
	}
	// A candidate that was tampered with after it was judged has other bytes.
	if err := s.Verify(c.reference); err != nil {
		return Record{}, err
	}
	r, err := c.record(before)
	if err != nil {
		return Record{}, err
	}
	r.Version, r.Origin, r.Gate, r.Promoted = version, origin, gate, now.UTC().Truncate(time.Second)
	if err := c.place(r); err != nil {
		return Record{}, err
	}
	after := State{Current: r.Reference, Trial: trial}
	if before != nil {
		// A model that was damaged is none to return to.
		if after.Previous = &before.Current; s.Verify(before.Current) != nil {
			after.Previous = before.Previous
		}
	}
	if after.Previous == nil {
		after.Trial = nil // there is nothing to return to
	}
	if err := s.setState(after); err != nil {
		return Record{}, err
	}
	c.release()
	c.release = nil
	return r, nil
}

// record begins the record of the next generation.
func (c *Candidate) record(before *State) (Record, error) {
	numbers, err := c.store.numbers()
	if err != nil {
		return Record{}, err
	}
	n := 1
	if len(numbers) > 0 {
		n += numbers[len(numbers)-1]
	}
	r := Record{Reference: Reference{n, modelFile(n), c.reference.SHA256}, Size: c.size}
	if before != nil {
		_, sum, err := c.store.record(before.Current.Generation)
		if err != nil {
			return Record{}, err
		}
		r.Parent = &Parent{before.Current.Generation, before.Current.SHA256, sum}
	}
	return r, nil
}

// place writes the files of a generation, the record last.
func (c *Candidate) place(r Record) error {
	s := c.store
	if err := atomicfile.Move(s.files, c.Path(), s.path(r.File)); err != nil {
		return err
	}
	signature := r.File + SignatureSuffix
	if c.signature == nil {
		if err := s.remove(signature); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	} else if err := atomicfile.WriteVia(s.files, s.path(signature)+stateSuffix, s.path(signature), func(w io.Writer) error {
		_, err := w.Write(c.signature)
		return err
	}); err != nil {
		return err
	}
	return s.writeJSON(recordFile(r.Generation), r)
}
