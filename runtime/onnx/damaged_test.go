package onnx_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"

	"megl-edge/runtime/onnx"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// sound is a model with a bit of everything.
func sound() *network {
	n := newNetwork(17)
	x := n.input(proto.Float, 1, 2, 4, 4)
	x = n.apply("Conv", []string{x, n.constant(ramp[float32](3, 2, 3, 3)), n.constant(ramp[float32](3))}, numbers("pads", 1, 1, 1, 1))
	x = n.apply("LeakyRelu", []string{x}, real("alpha", 0.5))
	x = n.apply("MaxPool", []string{x}, numbers("kernel_shape", 2, 2), text("auto_pad", "VALID"))
	x = n.apply("Flatten", []string{x}, number("axis", 1))
	n.Metadata = []proto.Entry{{Key: "labels", Value: "a b"}}
	return n.returns(n.apply("Softmax", []string{x}))
}

// changed is the sound model after f.
func changed(f func(m *proto.Model)) []byte {
	n := sound()
	f(&n.Model)
	return n.Bytes()
}

// initializer is a model with the given first initializer.
func initializer(f func(t *proto.Tensor)) []byte {
	return changed(func(m *proto.Model) { f(&m.Graph.Initializers[0]) })
}

func node(i int, f func(n *proto.Node)) []byte {
	return changed(func(m *proto.Model) { f(&m.Graph.Nodes[i]) })
}

// message is a field that holds the given bytes.
func message(number protowire.Number, content ...byte) []byte {
	return protowire.AppendBytes(protowire.AppendTag(nil, number, protowire.BytesType), content)
}

// inGraph is the sound model with further bytes in its graph.
func inGraph(content []byte) []byte { return inGraphOf(sound().Bytes(), content) }

func inGraphOf(model, content []byte) []byte {
	at := bytes.IndexByte(model, 7<<3|2)
	graph, n := protowire.ConsumeBytes(model[at+1:])
	return slices.Concat(model[:at], message(7, slices.Concat(graph, content)...), model[at+1+n:])
}

// nested is a message in a message, and so on: fields gives their numbers, from
// the outermost in, over and over.
func nested(depth int, fields ...protowire.Number) []byte {
	buffer := make([]byte, depth*8+16)
	start := len(buffer)
	for i := depth - 1; i >= 0; i-- {
		var head []byte
		head = protowire.AppendTag(head, fields[i%len(fields)], protowire.BytesType)
		head = protowire.AppendVarint(head, uint64(len(buffer)-start))
		start -= len(head)
		copy(buffer[start:], head)
	}
	return buffer[start:]
}

// The fields of the messages by number: 7 graph; in it 1 node, 5 initializer, 11
// input; in a node 5 attribute, in an attribute 6 graph; in a value 2 type; in a
// type 4 sequence, in that 1 type.
var damaged = []struct {
	name string
	data []byte
	want string
}{
	{"nothing", nil, "holds 0 graphs"},
	{"text", []byte("#!/bin/sh\nexit 1\n"), "is no ONNX model or is damaged"},
	{"zip", []byte("PK\x03\x04aaaaaaaaaaaa"), "is no ONNX model or is damaged"},
	{"safetensors", []byte("\x08\x00\x00\x00\x00\x00\x00\x00{}      "), "is no ONNX model"},
	{"two graphs", slices.Concat(sound().Bytes(), message(7)), "holds 2 graphs"},
	{"graph that is a number", []byte{7 << 3, 1}, "another wire type"},
	{"length beyond the end", []byte("\x3a\xff\xff\xff\xff\x7f"), "is no ONNX model or is damaged"},
	{"length of 2^63", append([]byte{0x3a}, protowire.AppendVarint(nil, 1<<63)...), "is no ONNX model or is damaged"},
	{"varint of eleven bytes", append([]byte{8}, bytes.Repeat([]byte{0xff}, 11)...), "is no ONNX model or is damaged"},
	{"varint that does not end", []byte{8, 0x80}, "is no ONNX model or is damaged"},
	{"group", []byte{7<<3 | 3, 7<<3 | 4}, "wire type 3"},
	{"end of no group", []byte{7<<3 | 4}, "wire type 4"},
	{"field number 0", []byte{0, 0}, "is no ONNX model or is damaged"},
	{"deep groups", bytes.Repeat([]byte{7<<3 | 3}, 100_000), "wire type 3"},
	{"packed integers cut short", initializerField(1, 0x80), "is no ONNX model or is damaged"},
	{"packed floats cut short", initializerField(4, 1, 2, 3), "is no ONNX model or is damaged"},
	{"packed doubles cut short", initializerField(10, 1, 2, 3), "is no ONNX model or is damaged"},

	{"no opset", changed(func(m *proto.Model) { m.Opsets = nil }), "does not say which version"},
	{"opset of another domain", changed(func(m *proto.Model) { m.Opsets[0].Domain = "com.example" }), "does not say which version"},
	{"opset of the future", changed(func(m *proto.Model) { m.Opsets[0].Version = 1 << 40 }), "opset 1099511627776"},
	{"sparse initializer", inGraph(message(15)), "a sparse initializer is not supported"},

	{"cycle", changed(func(m *proto.Model) { m.Graph.Nodes[0].Inputs[0] = "y4_0" }), "cycle"},
	{"node of itself", node(1, func(n *proto.Node) { n.Inputs = n.Outputs }), "cycle"},
	{"nodes in another order", changed(func(m *proto.Model) { slices.Reverse(m.Graph.Nodes) }), "not sorted"},
	{"missing initializer", changed(func(m *proto.Model) { m.Graph.Initializers = m.Graph.Initializers[1:] }), `"c0", is computed by no node before it`},
	{"missing input", changed(func(m *proto.Model) { m.Graph.Inputs = nil }), `"x0", is computed by no node before it`},
	{"missing output", changed(func(m *proto.Model) { m.Graph.Outputs[0].Name = "z" }), `output "z" is computed by no node`},
	{"no outputs", changed(func(m *proto.Model) { m.Graph.Outputs = nil }), "no outputs"},
	{"initializer twice", changed(func(m *proto.Model) { m.Graph.Initializers[1].Name = "c0" }), `initializer "c0" is there twice`},
	{"input twice", changed(func(m *proto.Model) { m.Graph.Inputs = append(m.Graph.Inputs, m.Graph.Inputs...) }), `input "x0" is there twice`},
	{"output twice", changed(func(m *proto.Model) { m.Graph.Outputs = append(m.Graph.Outputs, m.Graph.Outputs...) }), `output "y4_0" is there twice`},
	{"result twice", node(1, func(n *proto.Node) { n.Outputs[0] = "y0_0" }), `computes "y0_0", which has a value already`},
	{"result named as an input", node(1, func(n *proto.Node) { n.Outputs[0] = "x0" }), `computes "x0", which has a value already`},
	{"two results of one name", node(2, func(n *proto.Node) { n.Outputs = []string{"a", "a"} }), `computes "a", which has a value already`},
	{"no operator", node(1, func(n *proto.Node) { n.Op = "" }), `operator "" is not supported`},
	{"operator that steers the terminal", node(1, func(n *proto.Node) { n.Op = "\x1b[2J\nRelu" }), `operator "\x1b[2J\nRelu" is not supported`},
	{"endless operator", node(1, func(n *proto.Node) { n.Op = strings.Repeat("Relu", 100_000) }), "is not supported"},
	{"domain that steers the terminal", node(1, func(n *proto.Node) { n.Domain = "\n" }), `domain "\n"`},
	{"attribute that steers the terminal", node(1, func(n *proto.Node) { n.Attributes[0].Name = "\r" }), `attribute "\r"`},
	{"unknown attribute", node(4, func(n *proto.Node) { n.Attributes = append(n.Attributes, number("fast", 1)) }), "attribute fast of operator Softmax"},
	{"attribute of another type", node(1, func(n *proto.Node) { n.Attributes[0] = number("alpha", 1) }), "attribute alpha has type 2"},
	{"attribute of a type that is none", node(1, func(n *proto.Node) { n.Attributes[0].Type = 99 }), "attribute alpha has type 99"},
	{"node without inputs", node(1, func(n *proto.Node) { n.Inputs = nil }), "input 0 is missing"},
	{"too many results", node(1, func(n *proto.Node) { n.Outputs = append(n.Outputs, "a", "b") }), "output 1 of operator LeakyRelu"},
	{"many inputs", node(1, func(n *proto.Node) {
		n.Op, n.Attributes, n.Inputs = "Sum", nil, slices.Repeat([]string{"y0_0"}, 300_000)
	}), "more than"},
	{"many nodes", manyNodes(300_000), "more than"},
	{"a long chain to a shape", shapeBehind(20_000), `input "x0"`},

	{"text that is not UTF-8 in a name", node(1, func(n *proto.Node) { n.Name = "a\xff" }), "is not UTF-8"},
	{"text that is not UTF-8 in an operator", node(1, func(n *proto.Node) { n.Op = "\xc3\x28" }), "is not UTF-8"},
	{"text that is not UTF-8 in an input", node(1, func(n *proto.Node) { n.Inputs[0] = "\xff" }), "is not UTF-8"},
	{"text that is not UTF-8 in metadata", changed(func(m *proto.Model) { m.Metadata[0].Value = "\xff" }), "is not UTF-8"},
	{"attribute text that is not UTF-8", node(2, func(n *proto.Node) { n.Attributes[1].String = "\xff" }), `auto_pad "\xff"`},

	{"negative length", initializer(func(t *proto.Tensor) { t.Dims[0] = -3 }), "a dimension of -3"},
	{"2^40 elements", initializer(func(t *proto.Tensor) { t.Dims = []int64{1 << 20, 1 << 20} }), "more than 2 GiB"},
	{"2^62 elements", initializer(func(t *proto.Tensor) { t.Dims = []int64{1 << 62} }), "a dimension of"},
	{"elements that overflow to few", initializer(func(t *proto.Tensor) { t.Dims = []int64{1 << 31, 1 << 31, 4, 54} }), "a dimension of"},
	{"many elements behind an empty axis", initializer(func(t *proto.Tensor) { t.Dims = []int64{0, 1 << 30, 1 << 30} }), "more than 2 GiB"},
	{"65 dimensions", initializer(func(t *proto.Tensor) { t.Dims = slices.Repeat([]int64{1}, 65) }), "65 dimensions"},
	{"a million dimensions", initializer(func(t *proto.Tensor) { t.Dims = slices.Repeat([]int64{1}, 1_000_000) }), "1000000 dimensions"},
	{"wrong lengths", initializer(func(t *proto.Tensor) { t.Dims[0] = 4 }), "holds 216 bytes, its type F32[4×2×3×3] takes 288"},
	{"data too short", initializer(func(t *proto.Tensor) { t.Raw = t.Raw[4:] }), "holds 212 bytes"},
	{"data too long", initializer(func(t *proto.Tensor) { t.Raw = append(t.Raw, 0) }), "holds 217 bytes"},
	{"no element type", initializer(func(t *proto.Tensor) { t.Type = 0 }), "element type 0 is not supported"},
	{"negative element type", initializer(func(t *proto.Tensor) { t.Type = -1 }), "element type -1 is not supported"},
	{"text", initializer(func(t *proto.Tensor) { t.Type = proto.String }), "element type string is not supported"},
	{"complex numbers", initializer(func(t *proto.Tensor) { t.Type = proto.Complex64 }), "element type complex64 is not supported"},
	{"another type", initializer(func(t *proto.Tensor) { t.Type = proto.Int32 }), ""},
	{"bool that is neither", initializer(func(t *proto.Tensor) { t.Type, t.Dims, t.Raw = proto.Bool, []int64{1}, []byte{2} }), "other than 0 and 1"},
	{"segments", initializerField(3), "a tensor in segments is not supported"},
	{"external data", initializerField(13, message(1, []byte("location")...)...), "its data lie in another file"},

	{"input without a type", inGraph(message(11, message(1, 'z')...)), "an input that is a value of unknown type is not supported"},
	{"input without a shape", inGraph(message(11, slices.Concat(message(1, 'z'), message(2, message(1, 8, 1)...))...)), `input "z": has no shape`},
	{"input of half precision", changed(func(m *proto.Model) { m.Graph.Inputs[0].Type.Elem = proto.Float16 }), "element type float16 is not supported"},
	{"input of negative length", changed(func(m *proto.Model) { m.Graph.Inputs[0].Type.Shape[2].Length = -1 }), "a dimension of -1"},
	{"input of 2^40 elements", changed(func(m *proto.Model) { m.Graph.Inputs[0].Type.Shape[2].Length = 1 << 40 }), "a dimension of"},
	{"input of open height", changed(func(m *proto.Model) { m.Graph.Inputs[0].Type.Shape[2] = proto.Dim{Param: "h\n"} }), `dimension 2 ("h\n") is open`},
	{"input of another type", changed(func(m *proto.Model) { m.Graph.Inputs[0].Type.Elem = proto.Int64 }), ""},

	{"subgraphs in subgraphs", inGraph(message(1, slices.Concat(message(4, []byte("If")...), nested(100_000, 5, 6, 1))...)), "operator If is not supported"},
	{"tensors in attributes of subgraphs", inGraph(message(1, slices.Concat(message(4, []byte("Loop")...), nested(99_999, 5, 11, 1))...)), "operator Loop is not supported"},
	{"sequences of sequences", inGraph(message(11, slices.Concat(message(1, 'z'), nested(100_001, 2, 4, 1))...)), "an input that is a sequence is not supported"},
	{"optionals of optionals", inGraph(message(11, slices.Concat(message(1, 'z'), message(2, nested(100_000, 9, 1)...))...)), "an input that is a optional is not supported"},
}

// initializerField is the sound model with a further initializer that has one
// field more than a float32 tensor of one element.
func initializerField(number protowire.Number, content ...byte) []byte {
	return inGraph(message(5, slices.Concat([]byte{2 << 3, 1}, message(8, 'z'), message(1, 1), message(number, content...))...))
}

func manyNodes(count int) []byte {
	return changed(func(m *proto.Model) {
		m.Graph.Nodes = nil
		for i := range count {
			m.Graph.Nodes = append(m.Graph.Nodes, proto.Node{Op: "Exp", Inputs: []string{"x0"}, Outputs: []string{fmt.Sprint(i)}})
		}
	})
}

// shapeBehind is a model with a shape that depends on an input, over many nodes.
func shapeBehind(count int) []byte {
	n := newNetwork(17)
	x := n.input(proto.Int64, 2)
	y := x
	for range count {
		y = n.apply("Neg", []string{y})
	}
	return n.returns(n.apply("Reshape", []string{x, y})).Bytes()
}

func TestDamagedModels(t *testing.T) {
	if _, err := onnx.Import(sound().Bytes(), onnx.Options{}); err != nil {
		t.Fatal(err)
	}
	for _, d := range damaged {
		t.Run(d.name, func(t *testing.T) {
			err := tryWithinLimits(t, d.name, d.data)
			if err == nil || !strings.Contains(err.Error(), d.want) {
				t.Errorf("%v, want %q", err, d.want)
			}
		})
	}
}

func TestTruncatedModels(t *testing.T) {
	data := changed(func(m *proto.Model) { m.Metadata = nil })
	for n := range data {
		if _, err := onnx.Import(data[:n], onnx.Options{}); err == nil {
			t.Errorf("the first %d of %d bytes are a model", n, len(data))
		} else {
			checkLine(t, err)
		}
	}
}

func TestFlippedBytes(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	data := sound().Bytes()
	for i := range data {
		for range 8 {
			flipped := slices.Clone(data)
			flipped[i] ^= byte(1 + random.IntN(255))
			tryImport(t, flipped)
		}
	}
}

// A tensor may come in typed fields instead of raw bytes.
func TestTypedFields(t *testing.T) {
	for _, c := range []struct {
		name  string
		kind  proto.DataType
		field []byte
		want  tensor.Tensor
	}{
		{"floats", proto.Float, message(4, 0, 0, 0x80, 0x3f, 0, 0, 0, 0xc0), list[float32](1, -2)},
		{"doubles", proto.Double, message(10, 0, 0, 0, 0, 0, 0, 0xf0, 0x3f, 0, 0, 0, 0, 0, 0, 0, 0xc0), list[float64](1, -2)},
		{"int64", proto.Int64, message(7, slices.Concat([]byte{1}, protowire.AppendVarint(nil, ^uint64(1)))...), list[int64](1, -2)},
		{"int8 in int32", proto.Int8, message(5, slices.Concat([]byte{1}, protowire.AppendVarint(nil, ^uint64(1)))...), list[int8](1, -2)},
		{"uint8 in int32", proto.UInt8, message(5, 200, 1, 3), list[uint8](200, 3)},
		{"bool in int32", proto.Bool, []byte{5 << 3, 1, 5 << 3, 0}, list(true, false)},
		{"uint32 in uint64", proto.UInt32, message(11, 0xff, 0xff, 0xff, 0xff, 0x0f, 3), list[uint32](1<<32-1, 3)},
		{"uint64", proto.UInt64, []byte{11 << 3, 1, 11 << 3, 2}, list[uint64](1, 2)},
	} {
		got, err := onnx.ParseTensor(slices.Concat([]byte{2 << 3, byte(c.kind)}, message(1, 2), c.field))
		if err != nil || !got.Type.Equal(c.want.Type) || !bytes.Equal(got.Data, c.want.Data) {
			t.Errorf("%s: %v %v (%v), want %v", c.name, got.Type, got.Data, err, c.want.Data)
		}
		if _, err := onnx.ParseTensor(slices.Concat([]byte{2 << 3, byte(c.kind)}, message(1, 3), c.field)); err == nil {
			t.Errorf("%s: two elements were taken for three", c.name)
		}
	}
}
