package safetensors

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime/tensor"
)

// TestBytes pins the bytes of a small file.
func TestBytes(t *testing.T) {
	entries := []Entry{
		{"b", tensor.Must(tensor.Of(tensor.Shape{2, 1}, []int8{-1, 2}))},
		{"w", tensor.Scalar[float32](1)},
		{"c", tensor.Must(tensor.Of(nil, []uint8{9}))},
	}
	header := `{"__metadata__":{"a":"<\u2028>","b":"\u0000"},` +
		`"w":{"dtype":"F32","shape":[],"data_offsets":[0,4]},` +
		`"b":{"dtype":"I8","shape":[2,1],"data_offsets":[4,6]},` +
		`"c":{"dtype":"U8","shape":[],"data_offsets":[6,7]}}`
	header += strings.Repeat(" ", 256-8-len(header))
	want := container(header, 0, 0, 0x80, 0x3f, 0xff, 2, 9)
	got := written(t, map[string]string{"b": "\x00", "a": "<\u2028>"}, entries)
	if !bytes.Equal(got, want) {
		t.Errorf("got\n%q\nwant\n%q", got, want)
	}
}

func TestSameArgumentsSameBytes(t *testing.T) {
	first := written(t, sampleMetadata(), samples())
	for range 20 {
		if !bytes.Equal(written(t, sampleMetadata(), samples()), first) {
			t.Fatal("bytes differ between two writes")
		}
	}
}

func TestEveryTensorIsAligned(t *testing.T) {
	for pad := range 70 { // header lengths of every remainder
		file := written(t, map[string]string{"pad": strings.Repeat("x", pad)}, samples())
		start := lengthSize + binary.LittleEndian.Uint64(file)
		if start%dataAlignment != 0 {
			t.Fatalf("data start at byte %d", start)
		}
		f, err := Parse(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range f.entries {
			if e.begin%int64(e.dtype.Size()) != 0 {
				t.Errorf("%s of %v starts at byte %d", e.name, e.dtype, e.begin)
			}
		}
	}
}

func TestWriteLeavesItsArgumentsAlone(t *testing.T) {
	entries := samples()
	written(t, nil, entries)
	for i, e := range samples() {
		if entries[i].Name != e.Name {
			t.Fatalf("entry %d is now %q", i, entries[i].Name)
		}
	}
}

func TestWriteRefuses(t *testing.T) {
	one := tensor.Scalar[uint8](1)
	typed := func(d tensor.DType, bytes int, shape ...int) tensor.Tensor {
		return tensor.Tensor{Type: tensor.Type{DType: d, Shape: shape}, Data: make([]byte, bytes)}
	}
	cases := []struct {
		name    string
		entries []Entry
		want    string
	}{
		{"no name", []Entry{{"", one}}, `tensor "": name is empty`},
		{"control character", []Entry{{"a\tb", one}}, `tensor "a\tb": name has a control character`},
		{"invalid UTF-8", []Entry{{"\xff", one}}, `tensor "\xff": name is not valid UTF-8`},
		{"reserved", []Entry{{"__metadata__", one}}, "name is reserved"},
		{"twice", []Entry{{"a", one}, {"b", one}, {"a", one}}, `tensor "a": name is used twice`},
		{"no type", []Entry{{"a", tensor.Tensor{}}}, "element type INVALID cannot be stored"},
		{"unknown type", []Entry{{"a", typed(200, 0)}}, "element type DType(200) cannot be stored"},
		{"short data", []Entry{{"a", typed(tensor.Float32, 15, 2, 2)}}, `tensor "a": shape 2×2 of F32 takes 16 bytes, data have 15`},
		{"long data", []Entry{{"a", typed(tensor.Float32, 1, 0)}}, "takes 0 bytes, data have 1"},
		{"negative dimension", []Entry{{"a", typed(tensor.Int8, 1, -1, -1)}}, "has a negative dimension"},
		{"overflow", []Entry{{"a", typed(tensor.Int8, 0, 65536, 65536)}}, "takes more than 2 GiB"},
		{"too many dimensions", []Entry{{"a", typed(tensor.Int8, 1, slices.Repeat([]int{1}, 65)...)}}, "65 dimensions, above the limit of 64"},
		{"bool of 255", []Entry{{"a", tensor.Tensor{Type: typed(tensor.Bool, 0).Type, Data: []byte{255}}}}, "element 0 is 255; a BOOL is 0 or 1"},
		{"too many tensors", make([]Entry, maxMembers), "262144 tensors, above the limit of 262143"},
	}
	for _, c := range cases {
		var buf bytes.Buffer
		err := Write(&buf, nil, c.entries)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", c.name, err, c.want)
		}
		if buf.Len() > 0 {
			t.Errorf("%s: %d bytes were written", c.name, buf.Len())
		}
	}
}

// TestWriteRefusesLargeDimension has a shape that a 32-bit int cannot hold.
func TestWriteRefusesLargeDimension(t *testing.T) {
	shape := tensor.Shape{0, math.MaxInt}
	err := Write(&bytes.Buffer{}, nil, []Entry{{"a", tensor.Tensor{Type: tensor.Type{DType: tensor.Int8, Shape: shape}}}})
	if large := math.MaxInt > maxDimension; large != (err != nil) {
		t.Errorf("shape %v: %v", shape, err)
	}
}

func TestWriteRefusesMetadata(t *testing.T) {
	many := map[string]string{}
	for i := range maxMembers + 1 {
		many[fmt.Sprint(i)] = ""
	}
	for want, metadata := range map[string]map[string]string{
		`key "\xff" or its value is not valid UTF-8`: {"\xff": ""},
		`key "k" or its value is not valid UTF-8`:    {"k": "\xed\xa0\x80"},
		"262145 keys, above the limit of 262144":     many,
	} {
		var buf bytes.Buffer
		err := Write(&buf, metadata, nil)
		if err == nil || !strings.Contains(err.Error(), want) || buf.Len() > 0 {
			t.Errorf("error %v after %d bytes, want %q", err, buf.Len(), want)
		}
	}
}

func TestPaddedLength(t *testing.T) {
	for n, want := range map[int]int{0: 56, 2: 56, 56: 56, 57: 120, 120: 120, maxHeader - 64: maxHeader - 8} {
		if got, err := paddedLength(n); err != nil || got != want || (got+lengthSize)%dataAlignment != 0 {
			t.Errorf("text of %d bytes: header of %d (%v), want %d", n, got, err, want)
		}
	}
	if _, err := paddedLength(maxHeader - 7); err == nil || !strings.Contains(err.Error(), "above the limit of 100000000") {
		t.Errorf("header above the limit: %v", err)
	}
}

func TestTooManyKeys(t *testing.T) {
	var text strings.Builder
	text.WriteString(`{"__metadata__":{`)
	for i := range maxMembers {
		fmt.Fprintf(&text, `"%x":"",`, i)
	}
	text.WriteString(`"last":""}}`)
	_, err := Parse(container(text.String()))
	if err == nil || !strings.Contains(err.Error(), "__metadata__: more than 262144 keys") {
		t.Errorf("error %v", err)
	}
}

// failing accepts so many bytes, then fails.
type failing struct{ room int }

var errFull = errors.New("disk is full")

func (w *failing) Write(p []byte) (int, error) {
	n := min(len(p), w.room)
	w.room -= n
	if n < len(p) {
		return n, errFull
	}
	return n, nil
}

func TestWriteReportsAFailingWriter(t *testing.T) {
	size := len(written(t, sampleMetadata(), samples()))
	for room := range size {
		if err := Write(&failing{room}, sampleMetadata(), samples()); !errors.Is(err, errFull) {
			t.Fatalf("room for %d of %d bytes: %v", room, size, err)
		}
	}
	if err := Write(&failing{size}, sampleMetadata(), samples()); err != nil {
		t.Errorf("room for all: %v", err)
	}
}

func TestSumIgnoresMetadata(t *testing.T) {
	a, err := Parse(written(t, nil, samples()))
	if err != nil {
		t.Fatal(err)
	}
	b, err := Parse(written(t, sampleMetadata(), samples()))
	if err != nil {
		t.Fatal(err)
	}
	if a.DataSum() != b.DataSum() || a.DataSum() != Sum(samples()) {
		t.Error("sums differ")
	}
	changed := samples()
	changed[9].Tensor.Data[0] ^= 1
	if Sum(changed) == Sum(samples()) {
		t.Error("a changed bit left the sum as it was")
	}
}
