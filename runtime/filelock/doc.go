// Package filelock locks files against other processes. The system releases a lock when
// its process ends, however that comes; a lock is thus also a sign of life.
package filelock

import "errors"

// ErrLocked says that somebody else holds the lock of a file.
var ErrLocked = errors.New("another process holds the lock")
