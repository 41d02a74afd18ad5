package slot

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"megl-edge/runtime/filelock"
)

// Use is the use of the current generation by one process. [Use.End] ends it; a process
// that does not come to that, while the generation is on trial, has crashed on it.
type Use struct {
	Reference
	Path string
	// Warnings say what is wrong with the store, though the model is good.
	Warnings []error

	store  *Store
	mark   *os.File // nil unless on trial
	proved bool     // the trial is over
}

// Use returns the current generation, whose bytes are checked. Where the generation on
// trial has crashed as often as it may, or where its file is damaged, the one before
// becomes current and is returned. A store that cannot be written, or of a newer version
// of the program, can be used all the same; then Warnings say so.
func (s *Store) Use() (*Use, error) {
	state, err := s.State()
	u := &Use{store: s}
	if errors.Is(err, ErrNewer) {
		u.Warnings = append(u.Warnings, err)
	} else if err != nil {
		return nil, err
	}
	if state.Trial != nil {
		state = u.try(state)
	}
	u.Reference = state.Current
	if err := s.Verify(state.Current); err != nil {
		u.endMark()
		if state.Previous == nil || s.Verify(*state.Previous) != nil {
			return nil, err
		}
		u.Warnings = append(u.Warnings, fmt.Errorf("generation %d is used instead: %w", state.Previous.Generation, err))
		u.Reference = *state.Previous
		if _, _, err := s.Rollback(); err != nil {
			u.Warnings = append(u.Warnings, err)
		}
	}
	u.Path = s.Path(u.Reference)
	return u, nil
}

// try counts the crashes of the generation on trial, and marks this process as one that
// uses it. It returns the state by which a generation is to be used.
func (u *Use) try(state State) State {
	s := u.store
	unlock, err := s.lock(stateLock, lockPatience)
	if err != nil {
		u.Warnings = append(u.Warnings, fmt.Errorf("crashes of generation %d, which is on trial, are not counted: %w", state.Current.Generation, err))
		return state
	}
	defer unlock()
	locked, err := s.State()
	if err != nil || locked.Trial == nil {
		return locked
	}
	crashed, err := s.crashes(locked.Current.Generation)
	if err == nil && crashed >= locked.Trial.Crashes {
		to, failed := s.returnFrom(locked)
		if failed != nil {
			u.Warnings = append(u.Warnings, fmt.Errorf("generation %d crashed %d times: %w", locked.Current.Generation, crashed, failed))
			return locked
		}
		u.Warnings = append(u.Warnings, fmt.Errorf("generation %d crashed %d times: back to generation %d", locked.Current.Generation, crashed, to.Generation))
		return State{Current: to}
	}
	if err == nil {
		u.mark, err = s.mark(locked.Current.Generation)
	}
	if err != nil {
		u.Warnings = append(u.Warnings, fmt.Errorf("crashes of generation %d, which is on trial, are not counted: %w", locked.Current.Generation, err))
	}
	return locked
}

// Good counts that the model did what it is for, such as explaining a photo: often enough,
// and the trial is over. Without a trial it does nothing.
func (u *Use) Good() error {
	if u.mark == nil || u.proved {
		return nil
	}
	s := u.store
	unlock, err := s.lock(stateLock, lockPatience)
	if err != nil {
		return err
	}
	defer unlock()
	state, err := s.State()
	if err != nil {
		return err
	}
	if state.Trial == nil || state.Current != u.Reference {
		u.proved = true // by others, or replaced
		return nil
	}
	if state.Trial.Good++; state.Trial.Good >= state.Trial.Runs {
		state.Trial = nil
		u.proved = true
	}
	return s.setState(state)
}

// End ends the use.
func (u *Use) End() error {
	if u.mark == nil {
		return nil
	}
	// Whoever counts crashes sees a mark that is held, or none.
	unlock, err := u.store.lock(stateLock, lockPatience)
	u.endMark()
	if err != nil {
		return err
	}
	unlock()
	return nil
}

func (u *Use) endMark() {
	if u.mark != nil {
		// The name goes first: a mark that nobody holds is a crash.
		_ = os.Remove(u.mark.Name())
		_ = u.mark.Close()
		u.mark = nil
	}
}

const markPrefix = "trial-"

func markOf(generation int) string { return fmt.Sprintf("%s%d-", markPrefix, generation) }

// mark makes a file that this process holds until its end, however that comes.
func (s *Store) mark(generation int) (*os.File, error) {
	f, err := os.CreateTemp(s.folder, markOf(generation)+"*")
	if err != nil {
		return nil, err
	}
	if err := filelock.TryLock(f); err != nil {
		_ = os.Remove(f.Name())
		_ = f.Close()
		return nil, err
	}
	return f, nil
}

// crashes counts the marks of a generation that nobody holds.
func (s *Store) crashes(generation int) (int, error) {
	entries, err := os.ReadDir(s.folder)
	if err != nil {
		return 0, err
	}
	n := 0
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), markOf(generation)) {
			continue
		}
		f, err := os.OpenFile(s.path(e.Name()), os.O_RDWR, 0)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return 0, err
		}
		if filelock.TryLock(f) == nil {
			n++
		}
		_ = f.Close()
	}
	return n, nil
}

// isMark tells whether a file is the mark of a process that used another generation than
// the given one: its end does not matter any more.
func isMark(name string, generation int) bool {
	return strings.HasPrefix(name, markPrefix) && !strings.HasPrefix(name, markOf(generation))
}
