//go:build unix

package kerneltest

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// guarded returns at least n bytes, a whole number of pages, between two pages
// that cannot be touched.
func guarded(n int) (pages []byte, free func()) {
	page := os.Getpagesize()
	size := max(1, (n+page-1)/page) * page
	all, err := unix.Mmap(-1, 0, size+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		panic(fmt.Sprintf("kerneltest: mapping %d bytes: %v", size+2*page, err))
	}
	for _, guard := range [][]byte{all[:page], all[page+size:]} {
		if err := unix.Mprotect(guard, unix.PROT_NONE); err != nil {
			panic(fmt.Sprintf("kerneltest: protecting a guard page: %v", err))
		}
	}
	return all[page : page+size], func() {
		if err := unix.Munmap(all); err != nil {
			panic(fmt.Sprintf("kerneltest: unmapping: %v", err))
		}
	}
}
