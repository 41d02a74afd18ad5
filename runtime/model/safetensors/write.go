package safetensors

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"
	"unicode/utf8"

	"megl-edge/runtime/atomicfile"
	"megl-edge/runtime/tensor"
)

// Entry is a tensor with the name it gets in the file. Quantization is not
// stored.
type Entry struct {
	Name   string
	Tensor tensor.Tensor
}

// Write writes a container. The same arguments give the same bytes.
//
// Tensors are written by element size, largest first, and in the given order
// where it is equal. The data start at a multiple of 64 bytes, and the format
// allows no holes, so this order is what keeps every tensor aligned. Where
// metadata is empty, "__metadata__" is left out.
//
// Write fails before the first byte on what [Parse] would refuse.
func Write(w io.Writer, metadata map[string]string, entries []Entry) error {
	entries = ordered(entries)
	if err := checkEntries(entries); err != nil {
		return err
	}
	header, err := encodeHeader(metadata, entries)
	if err != nil {
		return err
	}
	if _, err := w.Write(header); err != nil {
		return fmt.Errorf("write header: %w", err)
	}
	for _, e := range entries {
		if _, err := w.Write(e.Tensor.Data); err != nil {
			return fmt.Errorf("write tensor %s: %w", quote(e.Name), err)
		}
	}
	return nil
}

// Sum returns what [File.DataSum] of the written file will be, so that it can
// go into the metadata.
func Sum(entries []Entry) [sha256.Size]byte {
	hash := sha256.New()
	for _, e := range ordered(entries) {
		hash.Write(e.Tensor.Data)
	}
	return [sha256.Size]byte(hash.Sum(nil))
}

// ordered returns the entries in the order of the file.
func ordered(entries []Entry) []Entry {
	sorted := slices.Clone(entries)
	slices.SortStableFunc(sorted, func(a, b Entry) int {
		return cmp.Compare(b.Tensor.DType.Size(), a.Tensor.DType.Size())
	})
	return sorted
}

func checkEntries(entries []Entry) error {
	if len(entries) >= maxMembers { // one key is left for the metadata
		return fmt.Errorf("%d tensors, above the limit of %d", len(entries), maxMembers-1)
	}
	seen := make(map[string]struct{}, len(entries))
	for _, e := range entries {
		if err := e.check(); err != nil {
			return fmt.Errorf("tensor %s: %w", quote(e.Name), err)
		}
		if _, twice := seen[e.Name]; twice {
			return fmt.Errorf("tensor %s: name is used twice", quote(e.Name))
		}
		seen[e.Name] = struct{}{}
	}
	return nil
}

func (e Entry) check() error {
	if e.Name == metadataKey {
		return errors.New("name is reserved")
	}
	if !utf8.ValidString(e.Name) {
		return errors.New("name is not valid UTF-8")
	}
	if err := checkName(e.Name); err != nil {
		return err
	}
	t := e.Tensor
	if err := checkType(t.DType, t.Shape); err != nil {
		return err
	}
	if len(t.Data) != t.Bytes() {
		return fmt.Errorf("shape %v of %v takes %d bytes, data have %d", t.Shape, t.DType, t.Bytes(), len(t.Data))
	}
	return checkBytes(t.DType, t.Data)
}

// WriteFile writes a container to path, as [Write] does, whole or not at all:
// see [atomicfile.Write].
func WriteFile(path string, metadata map[string]string, entries []Entry) error {
	return atomicfile.Write(path, func(w io.Writer) error { return Write(w, metadata, entries) })
}
