package tflite

import (
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	flatbuffers "github.com/google/flatbuffers/go"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// complete is a network with operators of many kinds, metadata and labels.
func complete(t testing.TB, kind elementType) []byte {
	n, _, x := padded(kind, paddingValid, 0, 0, 1, 1, 1, 1, 0, 0)
	x = n.apply(opConv, resultOf(kind, 1, 4, 4, 3), convolution(paddingSame, graph.HW{2, 2}, graph.HW{1, 1}, activationReLU6),
		x, n.tensor(weights(kind, 3, 1, 1, 3)), n.tensor(bias(kind, 3)))
	x = n.apply(opAdd, resultOf(kind, 1, 4, 4, 3), []any{int8(activationReLU)}, x, x)
	x = n.apply(opConcatenation, resultOf(kind, 1, 4, 4, 6), []any{int32(3)}, x, x)
	x = n.apply(opMaxPool, resultOf(kind, 1, 2, 2, 6), pooling(paddingSame, graph.HW{2, 2}, graph.HW{2, 2}, activationNone), x)
	x = n.apply(opAveragePool, resultOf(kind, 1, 1, 1, 6), pooling(paddingValid, graph.HW{1, 1}, graph.HW{2, 2}, activationNone), x)
	x = n.apply(opReshape, resultOf(kind, 1, 6), []any{[]int32{-1, 6}}, x)
	x = n.apply(opFullyConnected, resultOf(kind, 1, 3), []any{}, x, n.tensor(weights(kind, 3, 6)), n.tensor(bias(kind, 3)))
	x = n.apply(opSoftmax, resultOf(kind, 1, 3), []any{float32(1)}, x)
	n.outputs, n.metadata = []int32{x}, metadata([]float32{1}, []float32{2})
	return withArchive(t, n.bytes(), "labels.txt", "a\nb\nc\n")
}

func TestUnknownOperators(t *testing.T) {
	for code, words := range map[int][]string{
		28:  {"operator 1 (TANH)"},
		130: {"operator 1 (BROADCAST_TO)"},
		300: {"operator 1 (operator code 300)"},
	} {
		n := newNetwork(image(typeFloat32, 1, 2, 2, 3))
		x := n.apply(opReLU, image(typeFloat32, 1, 2, 2, 3), nil, 0)
		n.scores(n.apply(code, image(typeFloat32, 1, 2, 2, 3), nil, x)).refused(t, append(words, "is not supported", "ADD, AVERAGE_POOL_2D, ", ", TRANSPOSE")...)
	}
	n := newNetwork(image(typeFloat32, 1, 2, 2, 3))
	x := n.apply(opCustom, image(typeFloat32, 1, 2, 2, 3), nil, 0)
	n.operators[0].custom = "Detection\x00Magic"
	n.scores(x).refused(t, `operator 0 (custom operator "Detection\x00Magic")`)
}

func TestSupportedIsSorted(t *testing.T) {
	names := Supported()
	if !slices.IsSorted(names) || len(names) != len(conversions) || !slices.Contains(names, "DEPTHWISE_CONV_2D") {
		t.Errorf("%q", names)
	}
}

// Files of before 2020 have operator codes in one byte; those with larger codes
// say 127 there.
func TestCodesInOneByte(t *testing.T) {
	b := flatbuffer{flatbuffers.NewBuilder(64)}
	b.Finish(b.table(nil, b.tables(b.table(int8(117)), b.table(int8(127), nil, nil, int32(150)), b.table(nil, "Magic", nil, int32(32)))))
	got := readCodes(rootTable(b.FinishedBytes()))
	if want := []opcode{{117, ""}, {150, ""}, {32, "Magic"}}; !slices.Equal(got, want) {
		t.Errorf("codes are %v, want %v", got, want)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	for name, data := range map[string][]byte{
		"nothing": nil, "too short": []byte("TFL3"), "text": []byte("#!/bin/sh\nexit 1\n"), "another mark": []byte("\x08\x00\x00\x00TFL2aaaaaaaaaaaa"),
	} {
		if _, err := Import(data, Options{}); err == nil || !strings.Contains(err.Error(), "is not a TensorFlow Lite file") {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, data := range []string{"\xff\xff\xff\xffTFL3", "\x00\x00\x00\x00TFL3", "\x08\x00\x00\x00TFL3", "\x08\x00\x00\x80TFL3\x00\x00\x00\x00\x04\x00\x04\x00"} {
		if _, err := Import([]byte(data), Options{}); err == nil {
			t.Errorf("%q: imported", data)
		}
	}
}

func TestTruncatedFiles(t *testing.T) {
	for _, kind := range kinds {
		data := complete(t, kind)
		if _, err := Import(data, Options{}); err != nil {
			t.Fatal(err)
		}
		for n := 0; n < len(data); n += 64 {
			tryImport(t, data[:n])
		}
	}
}

func TestFlippedBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for _, kind := range kinds {
		data := complete(t, kind)
		for i := range data {
			damaged := slices.Clone(data)
			damaged[i] ^= byte(1 + random.IntN(255))
			tryImport(t, damaged)
		}
	}
}

// tryImport imports what may be damaged: there is one error without line
// breaks, or a graph that can be stored.
func tryImport(t *testing.T, data []byte) {
	t.Helper()
	m, err := Import(data, Options{})
	if err != nil {
		if text := err.Error(); len(text) > 2000 || strings.ContainsAny(text, "\n\x1b") {
			t.Fatalf("the error is %q", text)
		}
		return
	}
	text, tensors, err := graph.Encode(m.Graph)
	if err != nil {
		t.Fatal(err)
	}
	stored := map[string]tensor.Tensor{}
	for _, named := range tensors {
		stored[named.Name] = named.Tensor
	}
	again, err := graph.Decode(text, func(name string) (tensor.Tensor, error) { return stored[name], nil })
	if err != nil {
		t.Fatal(err)
	}
	if again.Len() != m.Graph.Len() {
		t.Fatalf("%d nodes are stored, %d read", m.Graph.Len(), again.Len())
	}
}

// Many tensors that refer to one name would take memory far above the size of
// the file.
func TestSharedPartsAreBounded(t *testing.T) {
	b := flatbuffer{flatbuffers.NewBuilder(1 << 20)}
	name := b.CreateString(strings.Repeat("x", 1<<18))
	tensors := make([]flatbuffers.UOffsetT, 1<<14)
	one := b.table(nil, nil, nil, name)
	for i := range tensors {
		tensors[i] = one
	}
	b.FinishWithFileIdentifier(b.table(nil, nil, b.tables(b.table(b.tables(tensors...))), nil, b.tables(b.table())), []byte("TFL3"))
	checkBounded(t, b.FinishedBytes())
}

// Many operators that refer to one buffer of weights, likewise.
func TestSharedWeightsAreBounded(t *testing.T) {
	n := newNetwork(image(typeInt8, 1, 1, 1, 3))
	w := n.tensor(weights(typeInt8, 1<<16, 3))
	for range 1 << 10 {
		n.apply(opFullyConnected, resultOf(typeInt8, 1, 1<<16), nil, 0, w)
	}
	n.outputs = []int32{n.apply(opReLU, image(typeInt8, 1, 1, 1, 3), nil, 0)}
	checkBounded(t, n.bytes())
}

func checkBounded(t *testing.T, data []byte) {
	t.Helper()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := Import(data, Options{})
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("the error is %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 24*uint64(len(data)) {
		t.Errorf("%d bytes for a file of %d", used, len(data))
	}
}

func TestTensorsHaveOneSource(t *testing.T) {
	n := newNetwork(image(typeFloat32, 1, 2, 2, 3))
	x := n.apply(opReLU, image(typeFloat32, 1, 2, 2, 3), nil, 0)
	n.scores(x)
	for _, result := range []int32{0, x, 2} {
		n.operators[1].outputs = []int32{result}
		n.refused(t, "has a value already")
	}
	n.operators[0].inputs = []int32{x}
	n.refused(t, "operator 0 (RELU)", "before it is computed")
	n.operators[0].outputs = []int32{x, x}
	n.refused(t, "2 results")
	n.operators[0].outputs = []int32{99}
	n.refused(t, "operator 0 (RELU) refers to tensor 99")
	n.operators[0].inputs = []int32{-2}
	n.refused(t, "tensor -2")
}

func TestNamesOfNodes(t *testing.T) {
	for name, want := range map[string]string{
		"conv/Relu6;conv/BiasAdd;conv/Conv2D": "conv/Relu6",
		"":                                    "clamp",
		";x":                                  "clamp",
		"a\x1b[2Jb\xff":                       "a_[2Jb_",
		"image":                               "image_2",
		strings.Repeat("x", 1<<13):            strings.Repeat("x", 1<<12),
	} {
		n := newNetwork(image(typeFloat32, 1, 2, 2, 3))
		x := n.apply(opReLU, image(typeFloat32, 1, 2, 2, 3), nil, 0)
		n.tensors[x].name = name
		found(t, n.scores(x).imported(t), want)
	}
}

func FuzzImport(f *testing.F) {
	for _, kind := range kinds {
		f.Add(complete(f, kind))
	}
	f.Fuzz(tryImport)
}
