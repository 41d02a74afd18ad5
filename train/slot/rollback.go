package slot

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"megl-edge/runtime/filelock"
)

// ErrNoPrevious says that there is no generation to return to.
var ErrNoPrevious = errors.New("there is no earlier generation to return to")

// Rollback makes the previous generation current, and returns both.
func (s *Store) Rollback() (from, to Reference, err error) {
	unlock, err := s.lock(stateLock, lockPatience)
	if err != nil {
		return from, to, err
	}
	defer unlock()
	state, err := s.State()
	if err != nil {
		return from, to, err
	}
	from = state.Current
	to, err = s.returnFrom(state)
	return from, to, err
}

// returnFrom makes the previous generation current. The state must be locked.
func (s *Store) returnFrom(state State) (Reference, error) {
	if state.Previous == nil {
		return Reference{}, fmt.Errorf("%s: %w", s.folder, ErrNoPrevious)
	}
	to := *state.Previous
	if err := s.Verify(to); err != nil {
		return Reference{}, fmt.Errorf("returning to generation %d: %w", to.Generation, err)
	}
	return to, s.setState(State{Current: to, Previous: s.before(to)})
}

// before returns the generation that another one was promoted over, if it is still
// there.
func (s *Store) before(r Reference) *Reference {
	record, err := s.Record(r.Generation)
	if err != nil || record.Parent == nil {
		return nil
	}
	parent, err := s.Record(record.Parent.Generation)
	if err != nil || s.Verify(parent.Reference) != nil {
		return nil
	}
	return &parent.Reference
}

// Prune deletes the models of all generations but the current one, the one that is
// returned to, and the youngest others, and what interrupted promotions left. It returns
// the numbers of those it deleted. Records stay.
func (s *Store) Prune(others int) ([]int, error) {
	// Nothing is deleted that a promotion is writing.
	release, err := s.lock(promotionLock, 0)
	if errors.Is(err, filelock.ErrLocked) {
		return nil, fmt.Errorf("%s: a model is being promoted: wait for its end", s.folder)
	}
	if err != nil {
		return nil, err
	}
	defer release()
	unlock, err := s.lock(stateLock, lockPatience)
	if err != nil {
		return nil, err
	}
	defer unlock()
	generations, err := s.List()
	if err != nil {
		return nil, err
	}
	slices.Reverse(generations)
	var pruned []int
	for _, g := range generations {
		switch {
		case !g.Kept || g.Current || g.Previous:
			continue
		case others > 0:
			others--
			continue
		}
		if err := errors.Join(s.remove(g.File), s.remove(g.File+SignatureSuffix)); err != nil {
			return pruned, err
		}
		pruned = append(pruned, g.Generation)
	}
	state, err := s.State()
	if err != nil {
		return pruned, err
	}
	return pruned, s.sweep(state.Current.Generation)
}

// sweep deletes what interrupted promotions left: a candidate, temporary files, and
// models that got no record; and the marks of trials that are over.
func (s *Store) sweep(current int) error {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return err
	}
	var failed error
	for _, e := range entries {
		name := e.Name()
		number := strings.TrimSuffix(strings.TrimSuffix(name, SignatureSuffix), filepath.Ext(modelFile(0)))
		_, noRecord := os.Stat(s.path(number + filepath.Ext(recordFile(0))))
		orphan := number != name && number != strings.TrimSuffix(candidateFile, filepath.Ext(candidateFile)) && os.IsNotExist(noRecord)
		if name == candidateFile || strings.HasSuffix(name, stateSuffix) || orphan || isMark(name, current) {
			failed = errors.Join(failed, s.remove(name))
		}
	}
	return failed
}
