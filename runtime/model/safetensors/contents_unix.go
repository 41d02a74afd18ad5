//go:build unix

package safetensors

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// contents maps the first size bytes of the file into memory, to be read only.
func contents(file *os.File, size int) ([]byte, func() error, error) {
	if size == 0 {
		return nil, func() error { return nil }, nil // an empty mapping is an error
	}
	// Private, since some network file systems refuse shared mappings.
	data, err := unix.Mmap(int(file.Fd()), 0, size, unix.PROT_READ, unix.MAP_PRIVATE)
	if err != nil {
		return nil, nil, fmt.Errorf("map into memory: %w", err)
	}
	return data, func() error { return unix.Munmap(data) }, nil
}

// drop gives the whole pages of a mapped part back. That is advice: where the
// system does not take it, nothing is lost.
func drop(part []byte) {
	page := uintptr(os.Getpagesize())
	first := uintptr(unsafe.Pointer(unsafe.SliceData(part)))
	skip := int(-first & (page - 1))
	if whole := (len(part) - skip) &^ int(page-1); whole > 0 {
		_ = unix.Madvise(part[skip:][:whole], unix.MADV_DONTNEED)
	}
}
