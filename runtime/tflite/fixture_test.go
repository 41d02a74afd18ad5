package tflite

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"math"
	"reflect"
	"slices"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// network is a TFLite file in the making. Its first tensor is the image.
type network struct {
	tensors   []fixtureTensor
	operators []fixtureOperator
	metadata  []byte
	outputs   []int32
}

type fixtureTensor struct {
	name   string
	kind   elementType
	shape  []int32
	data   []byte
	scale  []float32
	zero   []int64
	axis   int32
	sparse bool
}

// fixtureOperator has its options as a table: see flatbuffer.table.
type fixtureOperator struct {
	code            int
	custom          string
	inputs, outputs []int32
	options         []any
}

// image is an activation of the given type. Stored values of quantized ones
// stand for real numbers of scale 0.5; real 0 is stored as 3 in int8.
func image(kind elementType, shape ...int32) fixtureTensor {
	return activationTensor(kind, 0.5, 3, shape...)
}

// activationTensor has a zero point as in int8; in uint8 it is stored 128 above.
func activationTensor(kind elementType, scale float32, zero int64, shape ...int32) fixtureTensor {
	t := fixtureTensor{kind: kind, shape: shape}
	if kind == typeUInt8 {
		zero += 128
	}
	if kind.quantized() {
		t.scale, t.zero = []float32{scale}, []int64{zero}
	}
	return t
}

func newNetwork(input fixtureTensor) *network {
	input.name = "input"
	return &network{tensors: []fixtureTensor{input}}
}

func (n *network) tensor(t fixtureTensor) int32 {
	n.tensors = append(n.tensors, t)
	return int32(len(n.tensors) - 1)
}

// named adds a tensor under a name.
func (n *network) named(name string, t fixtureTensor) int32 {
	t.name = name
	return n.tensor(t)
}

func (n *network) integers(values ...int32) int32 {
	return n.named("integers", fixtureTensor{kind: typeInt32, shape: []int32{int32(len(values))}, data: littleEndian(values)})
}

// apply adds an operator with one result and returns that.
func (n *network) apply(code int, result fixtureTensor, options []any, inputs ...int32) int32 {
	if result.name == "" {
		result.name = "result"
	}
	y := n.tensor(result)
	n.operators = append(n.operators, fixtureOperator{code: code, inputs: inputs, outputs: []int32{y}, options: options})
	return y
}

// scores adds what makes class scores of any image, and declares the output.
func (n *network) scores(x int32) *network {
	t := n.tensors[x]
	if len(t.shape) == 4 {
		axes := n.integers(1, 2)
		mean := fixtureTensor{name: "scores", kind: t.kind, shape: []int32{1, t.shape[3]}, scale: t.scale, zero: t.zero}
		x = n.apply(opMean, mean, []any{false}, x, axes)
	}
	n.outputs = []int32{x}
	return n
}

func littleEndian(values any) []byte {
	var b bytes.Buffer
	if err := binary.Write(&b, binary.LittleEndian, values); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// flatbuffer writes tables whose fields are given in the order of the schema.
type flatbuffer struct{ *flatbuffers.Builder }

// vector is a finished list of tables.
type vector flatbuffers.UOffsetT

// table writes one table; nil leaves a field out, an offset refers to a table.
func (b flatbuffer) table(fields ...any) flatbuffers.UOffsetT {
	for i, f := range fields {
		fields[i] = b.reference(f)
	}
	b.StartObject(len(fields))
	for i, f := range fields {
		switch f := f.(type) {
		case nil:
			continue
		case bool:
			b.PrependBool(f)
		case int8:
			b.PrependInt8(f)
		case int32:
			b.PrependInt32(f)
		case float32:
			b.PrependFloat32(f)
		case flatbuffers.UOffsetT:
			b.PrependUOffsetT(f)
		case vector:
			b.PrependUOffsetT(flatbuffers.UOffsetT(f))
		default:
			panic("no such field")
		}
		b.Slot(i)
	}
	return b.EndObject()
}

// reference writes what a table can only refer to and returns where it is.
func (b flatbuffer) reference(field any) any {
	switch f := field.(type) {
	case string:
		return b.CreateString(f)
	case []byte:
		return b.CreateByteVector(f)
	case []int32:
		return b.vectorOf(4, len(f), func(i int) { b.PrependInt32(f[i]) })
	case []int64:
		return b.vectorOf(8, len(f), func(i int) { b.PrependInt64(f[i]) })
	case []float32:
		return b.vectorOf(4, len(f), func(i int) { b.PrependFloat32(f[i]) })
	}
	return field
}

func (b flatbuffer) vectorOf(size, n int, prepend func(i int)) flatbuffers.UOffsetT {
	b.StartVector(size, n, size)
	for i := range n {
		prepend(n - 1 - i)
	}
	return b.EndVector(n)
}

func (b flatbuffer) tables(offsets ...flatbuffers.UOffsetT) vector {
	return vector(b.vectorOf(4, len(offsets), func(i int) { b.PrependUOffsetT(offsets[i]) }))
}

// bytes writes the file.
func (n *network) bytes() []byte {
	b := flatbuffer{flatbuffers.NewBuilder(1024)}
	buffers := []flatbuffers.UOffsetT{b.table()} // the first is empty by convention
	var tensors, codes, operators []flatbuffers.UOffsetT
	for _, t := range n.tensors {
		index := int32(0)
		if t.data != nil {
			index = int32(len(buffers))
			buffers = append(buffers, b.table(t.data))
		}
		var quantization, sparsity any
		if t.scale != nil {
			quantization = b.table(nil, nil, t.scale, t.zero, nil, nil, t.axis)
		}
		if t.sparse {
			sparsity = b.table()
		}
		tensors = append(tensors, b.table(t.shape, int8(t.kind), index, t.name, quantization, nil, sparsity))
	}
	for i, op := range n.operators {
		codes = append(codes, b.table(int8(min(op.code, 127)), op.custom, int32(1), int32(op.code)))
		var options any
		if op.options != nil {
			options = b.table(slices.Clone(op.options)...)
		}
		operators = append(operators, b.table(int32(i), op.inputs, op.outputs, int8(1), options))
	}
	metadata := b.tables()
	if n.metadata != nil {
		metadata = b.tables(b.table("TFLITE_METADATA", int32(len(buffers))))
		buffers = append(buffers, b.table(n.metadata))
	}
	subgraph := b.table(b.tables(tensors...), []int32{0}, n.outputs, b.tables(operators...), "main")
	b.FinishWithFileIdentifier(
		b.table(int32(3), b.tables(codes...), b.tables(subgraph), "fixture", b.tables(buffers...), nil, metadata), []byte("TFL3"))
	return b.FinishedBytes()
}

// withArchive appends a ZIP archive, as the metadata tools do: names and
// contents in turn.
func withArchive(t testing.TB, data []byte, files ...string) []byte {
	t.Helper()
	b := bytes.NewBuffer(slices.Clone(data))
	w := zip.NewWriter(b)
	w.SetOffset(int64(len(data)))
	for i := 0; i < len(files); i += 2 {
		f, err := w.Create(files[i])
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Write([]byte(files[i+1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// imported imports a network that must be accepted.
func (n *network) imported(t *testing.T) *graph.Graph {
	t.Helper()
	m, err := Import(n.bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	return m.Graph
}

// refused imports a network that must be refused, with each of the words.
func (n *network) refused(t *testing.T, words ...string) {
	t.Helper()
	_, err := Import(n.bytes(), Options{})
	if err == nil {
		t.Fatalf("imported, want an error with %q", words)
	}
	for _, w := range words {
		if !strings.Contains(err.Error(), w) {
			t.Errorf("the error is %q, want %q in it", err, w)
		}
	}
}

// found returns the node with a name.
func found(t *testing.T, g *graph.Graph, name string) *graph.Node {
	t.Helper()
	id, ok := g.Find(name)
	if !ok {
		var names []string
		for _, n := range g.Nodes() {
			names = append(names, n.Name)
		}
		t.Fatalf("there is no node %q, only %q", name, names)
	}
	return g.Node(id)
}

// want fails unless a node is what is expected of it.
func want(t *testing.T, n *graph.Node, op graph.Op, attr graph.Attr, shape ...int) {
	t.Helper()
	if n.Op != op || !reflect.DeepEqual(n.Attr, attr) || !n.Type.Shape.Equal(shape) {
		t.Errorf("%q is %s %+v of %v, want %s %+v of %v", n.Name, n.Op, n.Attr, n.Type, op, attr, tensor.Shape(shape))
	}
}

// inputOf returns a node that another one reads.
func inputOf(g *graph.Graph, n *graph.Node, i int) *graph.Node { return g.Node(n.Inputs[i]) }

// kinds are the types of networks; all must become the same graph, uint8 with
// the same numbers as int8.
var kinds = []elementType{typeFloat32, typeInt8, typeUInt8}

// forEachKind runs a test for networks of each type.
func forEachKind(t *testing.T, test func(t *testing.T, kind elementType)) {
	for _, kind := range kinds {
		t.Run(kind.String(), func(t *testing.T) { test(t, kind) })
	}
}

// weights returns 0, 1, 2, … as a constant of the given type, each value with
// one scale: as int8 with zero point 0, as uint8 with 128.
func weights(kind elementType, shape ...int32) fixtureTensor {
	n := 1
	for _, d := range shape {
		n *= int(d)
	}
	t := fixtureTensor{name: "weights", kind: kind, shape: shape, data: make([]byte, 0, 4*n)}
	for i := range n {
		switch kind {
		case typeFloat32:
			t.data = binary.LittleEndian.AppendUint32(t.data, math.Float32bits(float32(i)))
		case typeInt8:
			t.data = append(t.data, byte(i))
		case typeUInt8:
			t.data = append(t.data, byte(i)+128)
		}
	}
	if kind.quantized() {
		t.scale, t.zero = []float32{0.25}, []int64{0}
		if kind == typeUInt8 {
			t.zero[0] = 128
		}
	}
	return t
}

func bias(kind elementType, n int32) fixtureTensor {
	values := make([]int32, n)
	t := fixtureTensor{name: "bias", kind: typeInt32, shape: []int32{n}, data: littleEndian(values)}
	if !kind.quantized() {
		t.kind = typeFloat32
	}
	return t
}

// resultOf is an activation whose real 0 is stored as −10, of scale 0.1.
func resultOf(kind elementType, shape ...int32) fixtureTensor {
	return activationTensor(kind, 0.1, -10, shape...)
}

// resultRange is how resultOf is quantized, within a range.
func resultRange(lo, hi int8) graph.Quantized {
	return graph.Quantized{Scale: 0.1, ZeroPoint: -10, Min: lo, Max: hi}
}
