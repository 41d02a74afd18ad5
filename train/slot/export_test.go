package slot

import "megl-edge/runtime/atomicfile"

// UseFiles lets a test stand between a store and the file system.
func (s *Store) UseFiles(files atomicfile.Files) { s.files = files }

// System is the file system of the operating system.
var System atomicfile.Files = atomicfile.System{}

// Crash ends a use as the death of its process would: the mark stays, and nobody holds it.
func (u *Use) Crash() {
	if u.mark != nil {
		_ = u.mark.Close()
	}
}
