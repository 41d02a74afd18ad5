package safetensors

import (
	"bytes"
	"encoding/binary"
	"maps"
	"testing"

	"megl-edge/runtime/tensor"
)

// container returns a file with the given header text and data, right or wrong.
func container(header string, data ...byte) []byte {
	file := binary.LittleEndian.AppendUint64(nil, uint64(len(header)))
	file = append(file, header...)
	return append(file, data...)
}

// samples returns tensors of every element type, and of shapes at the edge.
func samples() []Entry {
	filled := func(d tensor.DType, shape ...int) tensor.Tensor {
		t := tensor.Zeros(tensor.Type{DType: d, Shape: shape})
		for i := range t.Data {
			t.Data[i] = byte(i*37 + 11)
			if d == tensor.Bool {
				t.Data[i] &= 1
			}
		}
		return t
	}
	return []Entry{
		{"bool", filled(tensor.Bool, 3, 5)},
		{"u8", filled(tensor.UInt8, 7)},
		{"i8", filled(tensor.Int8, 1, 1, 13)},
		{"u16", filled(tensor.UInt16, 3, 3)},
		{"i16", filled(tensor.Int16, 5)},
		{"u32", filled(tensor.UInt32, 1)},
		{"i32", filled(tensor.Int32, 2, 0, 3)}, // no elements
		{"u64", filled(tensor.UInt64, 3)},
		{"i64", filled(tensor.Int64, 2, 2)},
		{"f32", filled(tensor.Float32, 3, 3, 2, 1)},
		{"f64", filled(tensor.Float64)}, // a scalar
		{"empty first", filled(tensor.Float64, 0)},
		{"deep", filled(tensor.Int8, make64Ones()...)},
		{"näme \"quoted\" \\ </>&\u2028 日本", filled(tensor.UInt8, 2)},
	}
}

func make64Ones() []int {
	shape := make([]int, maxRank)
	for i := range shape {
		shape[i] = 1
	}
	return shape
}

func sampleMetadata() map[string]string {
	return map[string]string{
		"format": "megl", "": "empty key", "nul": "a\x00b", "graph": `{"nodes":[1,2],"html":"<&>"}`, "é": "ü\u2029",
	}
}

func written(t testing.TB, metadata map[string]string, entries []Entry) []byte {
	t.Helper()
	var buf bytes.Buffer
	if err := Write(&buf, metadata, entries); err != nil {
		t.Fatal(err)
	}
	return buf.Bytes()
}

// requireHolds fails unless the file holds exactly the metadata and entries.
func requireHolds(t testing.TB, f *File, metadata map[string]string, entries []Entry) {
	t.Helper()
	if got := f.Metadata(); !maps.Equal(got, metadata) {
		t.Errorf("metadata %q, want %q", got, metadata)
	}
	if got := len(f.Names()); got != len(entries) {
		t.Errorf("%d tensors, want %d", got, len(entries))
	}
	for _, e := range entries {
		got, err := f.Tensor(e.Name)
		if err != nil {
			t.Fatal(err)
		}
		if !got.Type.Equal(e.Tensor.Type) || !bytes.Equal(got.Data, e.Tensor.Data) {
			t.Errorf("%q: got %v % x, want %v % x", e.Name, got.Type, got.Data, e.Tensor.Type, e.Tensor.Data)
		}
	}
	if got, want := f.DataSum(), Sum(entries); got != want {
		t.Errorf("DataSum %x, Sum of the entries %x", got, want)
	}
}
