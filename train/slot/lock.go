package slot

import (
	"errors"
	"fmt"
	"os"
	"time"

	"megl-edge/runtime/filelock"
)

const (
	stateLock     = "lock"      // for the moment of a change
	promotionLock = "promotion" // from Stage to Promote or Discard
	lockPatience  = 5 * time.Second
	lockInterval  = 5 * time.Millisecond
)

// lock takes a lock of the store, waiting for it as long as patience says. The system
// releases it when the process ends.
func (s *Store) lock(name string, patience time.Duration) (unlock func(), err error) {
	path := s.path(name)
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	for end := time.Now().Add(patience); ; time.Sleep(lockInterval) {
		if err = filelock.TryLock(f); err == nil {
			return func() { _ = f.Close() }, nil
		}
		if !errors.Is(err, filelock.ErrLocked) || time.Now().After(end) {
			_ = f.Close()
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
}
