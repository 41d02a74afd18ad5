package safetensors

import (
	"fmt"
	"os"
)

// Open reads the container at path. On unix systems the file is mapped into
// memory, so that tensors cost memory only once they are touched; elsewhere it
// is read as a whole.
//
// A mapped file must not be shortened or changed in place while it is open: the
// system ends a program that reads a page which is no longer there. [WriteFile]
// is safe, since it puts a new file in the place of the old one.
func Open(path string) (*File, error) {
	data, release, err := load(path)
	if err != nil {
		return nil, err
	}
	f, err := Parse(data)
	if err != nil {
		// The file was only read: that it cannot be unmapped adds nothing to
		// why it was refused.
		_ = release()
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	f.release, f.mapped = release, true
	return f, nil
}

// load returns the bytes of a regular file and the function that gives them
// back.
func load(path string) ([]byte, func() error, error) {
	// Before opening, since to open a named pipe is to wait for its writer.
	if err := checkRegular(path); err != nil {
		return nil, nil, err
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer file.Close()
	size, err := sizeOf(file)
	if err != nil {
		return nil, nil, err
	}
	data, release, err := contents(file, size)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", path, err)
	}
	return data, release, nil
}

func checkRegular(path string) error {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return err
	case info.IsDir():
		return fmt.Errorf("%s: is a directory; want a safetensors file", path)
	case !info.Mode().IsRegular():
		return fmt.Errorf("%s: is not a regular file", path)
	}
	return nil
}

func sizeOf(file *os.File) (int, error) {
	info, err := file.Stat()
	if err != nil {
		return 0, err
	}
	size := info.Size()
	if int64(int(size)) != size {
		return 0, fmt.Errorf("%s: %d bytes are too many for a 32-bit machine", file.Name(), size)
	}
	return int(size), nil
}
