package atomicfile

import (
	"io"
	"os"
)

// Files is what this package needs of a file system. [System] is the real one;
// tests record the calls, or let them fail.
type Files interface {
	// Create makes a file that does not exist, for writing.
	Create(path string) (File, error)
	Rename(from, to string) error
	Remove(path string) error
	// SyncFolder brings what happened to the names in a folder to disk.
	SyncFolder(path string) error
}

// File is a file that is being written.
type File interface {
	io.WriteCloser
	// Sync brings what was written to disk.
	Sync() error
}

// System is the file system of the operating system.
type System struct{}

// Create implements [Files]. os.CreateTemp would give the file mode 0600.
func (System) Create(path string) (File, error) {
	return os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
}

// Rename implements [Files].
func (System) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements [Files].
func (System) Remove(path string) error { return os.Remove(path) }

// SyncFolder implements [Files].
func (System) SyncFolder(path string) error { return syncFolder(path) }
