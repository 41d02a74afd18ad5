//go:build !unix

package kerneltest

// guarded returns plain memory where pages cannot be protected; the other
// places still find stray writes.
func guarded(n int) (pages []byte, free func()) { return aligned(n), func() {} }
