package model

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"

	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/tensor"
)

var errHeaderChanged = errors.New("the header does not match its checksum: the file is damaged or was changed")

// headerSum is the SHA-256 of the metadata, without itself, and of the names and types of
// the tensors, hexadecimal. Both are sorted by name, and each text has its length before
// it, in 8 little-endian bytes.
func headerSum(metadata, types map[string]string) string {
	h := sha256.New()
	for _, texts := range []map[string]string{metadata, types} {
		for _, key := range slices.Sorted(maps.Keys(texts)) {
			if key == keyHeaderSum {
				continue
			}
			for _, text := range []string{key, texts[key]} {
				h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(text))))
				h.Write([]byte(text))
			}
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

func typeOf(t tensor.Tensor) string { return t.Type.String() }

// checkHeaderSum fails where the header is not the one that was written. Files of version
// 1 have no such sum.
func checkHeaderSum(f *safetensors.File, metadata map[string]string) error {
	want, ok := metadata[keyHeaderSum]
	if !ok {
		if metadata[keyFormat] == formatPrefix+"1" {
			return nil
		}
		return errHeaderChanged
	}
	types := map[string]string{}
	for _, name := range f.Names() {
		t, err := f.Tensor(name)
		if err != nil {
			return err
		}
		types[name] = typeOf(t)
	}
	if headerSum(metadata, types) != want {
		return errHeaderChanged
	}
	return nil
}
