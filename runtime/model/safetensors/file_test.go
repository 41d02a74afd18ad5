package safetensors

import (
	"bytes"
	"crypto/sha256"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"megl-edge/runtime/tensor"
)

func TestRoundTripInMemory(t *testing.T) {
	f, err := Parse(written(t, sampleMetadata(), samples()))
	if err != nil {
		t.Fatal(err)
	}
	requireHolds(t, f, sampleMetadata(), samples())
	want := []string{"u64", "i64", "f64", "empty first", "u32", "i32", "f32", "u16", "i16", "bool", "u8", "i8", "deep", samples()[13].Name}
	if got := f.Names(); !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
}

func TestOpenAgreesWithParse(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.megl")
	if err := WriteFile(path, sampleMetadata(), samples()); err != nil {
		t.Fatal(err)
	}
	opened, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer opened.Close()
	requireHolds(t, opened, sampleMetadata(), samples())
	for _, e := range opened.entries {
		x, err := opened.Tensor(e.name)
		if err != nil {
			t.Fatal(err)
		}
		if len(x.Data) > 0 && &x.Data[0] != &opened.data[e.begin] {
			t.Errorf("%q is a copy", e.name)
		}
	}

	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	parsed, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(opened.Names(), parsed.Names()) || opened.DataSum() != parsed.DataSum() {
		t.Errorf("opened %q, parsed %q", opened.Names(), parsed.Names())
	}
}

func TestNoTensors(t *testing.T) {
	for _, text := range []string{"{}", `{"__metadata__":{}}`, "{ }   "} {
		f, err := Parse(container(text))
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		requireHolds(t, f, map[string]string{}, nil)
		if f.DataSum() != sha256.Sum256(nil) {
			t.Errorf("%s: sum %x", text, f.DataSum())
		}
	}
}

func TestHeaderOrderNeedNotBeDataOrder(t *testing.T) {
	f, err := Parse(container(`{"b":{"data_offsets":[1,3],"shape":[2],"dtype":"U8"},
		"\u0065mpty":{"dtype":"F32","shape":[0],"data_offsets":[1,1]},
		"a":{"dtype":"I8","shape":[],"data_offsets":[0,1]}}  `, 1, 2, 3))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Names(), []string{"a", "empty", "b"}; !slices.Equal(got, want) {
		t.Errorf("names %q, want %q", got, want)
	}
	b, err := f.Tensor("b")
	if err != nil || !bytes.Equal(b.Data, []byte{2, 3}) {
		t.Errorf("b: % x, %v", b.Data, err)
	}
}

// TestSharesWhereAligned slides one file through all 8 alignments.
func TestSharesWhereAligned(t *testing.T) {
	entries := []Entry{{"x", tensor.Must(tensor.Of(tensor.Shape{3}, []float64{1, 2, 3}))}}
	file := written(t, nil, entries)
	room := tensor.Zeros(tensor.Type{DType: tensor.UInt64, Shape: tensor.Shape{len(file)/8 + 2}}).Data
	for shift := range 8 {
		data := room[shift:][:len(file)]
		copy(data, file)
		f, err := Parse(data)
		if err != nil {
			t.Fatal(err)
		}
		requireHolds(t, f, map[string]string{}, entries)
		x, err := f.Tensor("x")
		if err != nil {
			t.Fatal(err)
		}
		if got := tensor.Elements[float64](x); !slices.Equal(got, []float64{1, 2, 3}) {
			t.Errorf("shift %d: %v", shift, got)
		}
		shared := unsafe.SliceData(x.Data) == &data[len(data)-24]
		if shared != (shift == 0) {
			t.Errorf("shift %d: shared is %v", shift, shared)
		}
	}
}

func TestTensorDoesNotReachItsNeighbour(t *testing.T) {
	f, err := Parse(container(`{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 1, 2))
	if err != nil {
		t.Fatal(err)
	}
	a, _ := f.Tensor("a")
	if cap(a.Data) != 1 {
		t.Errorf("capacity %d of 1 byte", cap(a.Data))
	}
	a.Shape[0] = 9
	if again, _ := f.Tensor("a"); again.Shape[0] != 1 {
		t.Error("shape is shared between callers")
	}
}

func TestMetadataIsACopy(t *testing.T) {
	f, err := Parse(container(`{"__metadata__":{"k":"v"}}`))
	if err != nil {
		t.Fatal(err)
	}
	f.Metadata()["k"] = "changed"
	if got := f.Metadata()["k"]; got != "v" {
		t.Errorf("metadata changed to %q", got)
	}
}

func TestClose(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.megl")
	if err := WriteFile(path, sampleMetadata(), samples()); err != nil {
		t.Fatal(err)
	}
	f, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := f.Tensor("f32"); err == nil || !strings.Contains(err.Error(), `tensor "f32": file is closed`) {
		t.Errorf("tensor of a closed file: %v", err)
	}
	if len(f.Names()) != len(samples()) || f.Metadata()["format"] != "megl" {
		t.Error("names and metadata did not survive Close")
	}
	defer func() {
		if recover() == nil {
			t.Error("DataSum of a closed file did not panic")
		}
	}()
	f.DataSum()
}

func TestUnknownTensor(t *testing.T) {
	f, err := Parse(container("{}"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Tensor("x\n"); err == nil || err.Error() != `file has no tensor "x\n"` {
		t.Errorf("error is %v", err)
	}
}
