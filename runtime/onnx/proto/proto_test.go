package proto

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
)

// everything is a model with every field that is written.
func everything() *Model {
	weights := &Tensor{Name: "w", Type: Float, Dims: []int64{2, 1}, Raw: []byte{0, 0, 128, 63, 0, 0, 0, 64}, HasRaw: true}
	empty := Tensor{Type: Int64, Dims: []int64{0}, Raw: []byte{}, HasRaw: true}
	value := func(name string, kind DataType, dims ...Dim) Value {
		return Value{Name: name, Type: ValueType{Kind: KindTensor, Elem: kind, Shape: dims, HasShape: true}}
	}
	return &Model{
		IRVersion: 8, Producer: "a test", ProducerVersion: "1.0",
		Opsets:   []OperatorSet{{Version: 22}, {Domain: "com.example", Version: 1}},
		Metadata: []Entry{{"labels", "cat\ndog"}, {"", ""}},
		Graph: Graph{
			Name:         "net",
			Initializers: []Tensor{*weights, empty},
			Inputs:       []Value{value("x", Float, Dim{Param: "batch"}, Dim{}, Dim{Known: true}, Dim{Length: -1, Known: true}), value("", UInt8)},
			Outputs:      []Value{value("y", Int2)},
			Nodes: []Node{{}, {
				Name: "n", Op: "Everything", Domain: "com.example", Inputs: []string{"x", "", "w"}, Outputs: []string{"y", ""},
				Attributes: []Attribute{
					{Name: "float", Type: AttributeFloat, Float: -1.5},
					{Name: "int", Type: AttributeInt, Int: -1 << 63},
					{Name: "zero", Type: AttributeInt},
					{Name: "string", Type: AttributeString, String: "bytes \xff"},
					{Name: "tensor", Type: AttributeTensor, Tensor: weights},
					{Name: "floats", Type: AttributeFloats, Floats: []float32{0, 1e-45}},
					{Name: "ints", Type: AttributeInts, Ints: []int64{0, -1, 1 << 62}},
					{Name: "strings", Type: AttributeStrings, Strings: []string{"", "b"}},
				},
			}},
		},
	}
}

func TestWrittenIsRead(t *testing.T) {
	m := everything()
	data := m.Bytes()
	if !bytes.Equal(data, everything().Bytes()) {
		t.Error("the same model gives other bytes")
	}
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, m) {
		t.Errorf("read\n%+v, written\n%+v", got, m)
	}
	w := &m.Graph.Initializers[0]
	if tensor, err := ParseTensor(w.Bytes()); err != nil || !reflect.DeepEqual(tensor, w) {
		t.Errorf("read %+v (%v), written %+v", tensor, err, w)
	}
}

// Raw data are large: they must stay where they are.
func TestRawDataAreNotCopied(t *testing.T) {
	m := everything()
	m.Graph.Initializers[0].Raw = make([]byte, 1<<20)
	data := m.Bytes()
	got, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	raw := got.Graph.Initializers[0].Raw
	raw[0] = 1
	if !bytes.Contains(data, raw) || bytes.Count(data, []byte{1, 0, 0, 0, 0, 0, 0, 0}) == 0 {
		t.Error("the raw data are a copy")
	}
	if runs := testing.AllocsPerRun(10, func() { _, _ = Parse(data) }); runs > 200 {
		t.Errorf("a small model takes %v allocations", runs)
	}
}

func TestNamesOfTypes(t *testing.T) {
	for kind, want := range map[DataType]string{Float: "float32", Double: "float64", Int2: "int2", Float8E4M3FNUZ: "float8e4m3fnuz", 99: "element type 99", -1: "element type -1"} {
		if got := kind.String(); got != want {
			t.Errorf("type %d is called %q, want %q", int32(kind), got, want)
		}
	}
	for kind := Float; kind <= Int2; kind++ {
		if strings.HasPrefix(kind.String(), "element type") {
			t.Errorf("type %d has no name", int32(kind))
		}
	}
}
