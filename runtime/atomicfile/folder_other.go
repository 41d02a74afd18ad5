//go:build !unix

package atomicfile

// syncFolder does nothing: here a folder cannot be opened to be synced.
func syncFolder(string) error { return nil }
