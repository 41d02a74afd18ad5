package safetensors

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"unsafe"

	"megl-edge/runtime/tensor"
)

// File is a container that passed every check. Its methods may be called from
// several goroutines at once, except Close.
type File struct {
	metadata map[string]string
	entries  []entry // in the order of their bytes
	index    map[string]int
	data     []byte // the bytes of all tensors
	closed   bool
	release  func() error // gives the memory of data back; nil where there is nothing to do
	mapped   bool         // data is the file, not memory of its own
}

// Parse reads a container from memory. The file and its tensors share data,
// which must not change as long as they are in use.
func Parse(data []byte) (*File, error) {
	text, rest, err := split(data)
	if err != nil {
		return nil, err
	}
	metadata, entries, err := parseHeader(text)
	if err != nil {
		return nil, fmt.Errorf("header: %w", err)
	}
	if err := checkLayout(entries, rest); err != nil {
		return nil, err
	}
	index := make(map[string]int, len(entries))
	for i, e := range entries {
		index[e.name] = i
	}
	return &File{metadata: metadata, entries: entries, index: index, data: rest}, nil
}

// Close gives the memory of an opened file back. Every tensor that shares it
// dies at this moment: reading one afterwards crashes the program. Metadata and
// Names stay valid. A second Close does nothing.
func (f *File) Close() error {
	release := f.release
	f.closed, f.data, f.release = true, nil, nil
	if release == nil {
		return nil
	}
	return release()
}

// Metadata returns a copy of "__metadata__"; it is empty where the file has none.
func (f *File) Metadata() map[string]string {
	if f.metadata == nil {
		return map[string]string{}
	}
	return maps.Clone(f.metadata)
}

// Names returns the names of all tensors in the order of their bytes.
func (f *File) Names() []string {
	names := make([]string, len(f.entries))
	for i, e := range f.entries {
		names[i] = e.name
	}
	return names
}

// Tensor returns the tensor with the given name. It shares the memory of the
// file where its bytes are aligned for the element type, as they are in files
// of [Write], and is a copy otherwise. Either way it is only to be read: a
// mapped file cannot be written to, and it is gone after Close.
func (f *File) Tensor(name string) (tensor.Tensor, error) {
	i, ok := f.index[name]
	if !ok {
		return tensor.Tensor{}, fmt.Errorf("file has no tensor %s", quote(name))
	}
	if f.closed {
		return tensor.Tensor{}, fmt.Errorf("tensor %s: file is closed", quote(name))
	}
	e := f.entries[i]
	t := tensor.Tensor{
		Type: tensor.Type{DType: e.dtype, Shape: e.shape.Clone()},
		Data: f.data[e.begin:e.end:e.end],
	}
	if !aligned(t.Data, e.dtype.Size()) {
		own := tensor.Zeros(t.Type)
		copy(own.Data, t.Data)
		return own, nil
	}
	return t, nil
}

func aligned(data []byte, size int) bool {
	return uintptr(unsafe.Pointer(unsafe.SliceData(data)))%uintptr(size) == 0
}

// DataSum returns the SHA-256 of the bytes of all tensors. The header, and with
// it the metadata, has no part in it. It panics after Close.
func (f *File) DataSum() (sum [sha256.Size]byte) {
	if f.closed {
		panic("safetensors: DataSum of a closed file")
	}
	hash := sha256.New()
	for part := range slices.Chunk(f.data, 1<<20) {
		hash.Write(part) // of a hash, it never fails
		f.Drop(part)
	}
	hash.Sum(sum[:0])
	return sum
}

// Drop tells the system that part of a tensor, read before, is not needed in
// memory now. It stays readable: what is touched again is read from the file
// again. Other memory than that of an opened file is left alone.
func (f *File) Drop(part []byte) {
	if f.mapped && isPart(part, f.data) {
		drop(part)
	}
}

// isPart tells whether part lies in whole.
func isPart(part, whole []byte) bool {
	if len(part) == 0 || len(whole) == 0 {
		return false
	}
	first, start := uintptr(unsafe.Pointer(unsafe.SliceData(part))), uintptr(unsafe.Pointer(unsafe.SliceData(whole)))
	return first >= start && first+uintptr(len(part)) <= start+uintptr(len(whole))
}
