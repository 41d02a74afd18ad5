package filelock_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"megl-edge/runtime/filelock"
)

func TestTryLock(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	open := func() *os.File {
		f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	holder, other := open(), open()
	defer other.Close()
	if err := filelock.TryLock(holder); err != nil {
		t.Fatal(err)
	}
	if err := filelock.TryLock(other); !errors.Is(err, filelock.ErrLocked) {
		t.Errorf("a second lock: %v", err)
	}
	if err := holder.Close(); err != nil {
		t.Fatal(err)
	}
	if err := filelock.TryLock(other); err != nil {
		t.Errorf("after the first one ended: %v", err)
	}
}
