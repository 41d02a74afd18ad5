package onnx_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	"megl-edge/runtime"
	"megl-edge/runtime/onnx"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// network is an ONNX model that a test writes node by node.
type network struct{ proto.Model }

func newNetwork(opset int64) *network {
	return &network{proto.Model{IRVersion: 8, Opsets: []proto.OperatorSet{{Version: opset}}}}
}

// input declares an input of the model and returns its name.
func (n *network) input(kind proto.DataType, shape ...int) string {
	name := fmt.Sprintf("x%d", len(n.Graph.Inputs))
	n.Graph.Inputs = append(n.Graph.Inputs, port(name, kind, shape...))
	return name
}

func port(name string, kind proto.DataType, shape ...int) proto.Value {
	v := proto.Value{Name: name, Type: proto.ValueType{Kind: proto.KindTensor, Elem: kind, HasShape: true}}
	for _, d := range shape {
		v.Type.Shape = append(v.Type.Shape, proto.Dim{Length: int64(d), Known: true})
	}
	return v
}

// constant adds an initializer and returns its name.
func (n *network) constant(v tensor.Tensor) string {
	name := fmt.Sprintf("c%d", len(n.Graph.Initializers))
	n.Graph.Initializers = append(n.Graph.Initializers, stored(name, v))
	return name
}

// kinds has the ONNX number of every element type.
var kinds = map[tensor.DType]proto.DataType{
	tensor.Float32: proto.Float, tensor.Float64: proto.Double, tensor.Bool: proto.Bool,
	tensor.UInt8: proto.UInt8, tensor.Int8: proto.Int8, tensor.UInt16: proto.UInt16, tensor.Int16: proto.Int16,
	tensor.UInt32: proto.UInt32, tensor.Int32: proto.Int32, tensor.UInt64: proto.UInt64, tensor.Int64: proto.Int64,
}

func stored(name string, v tensor.Tensor) proto.Tensor {
	t := proto.Tensor{Name: name, Type: kinds[v.DType], Raw: v.Data}
	for _, d := range v.Shape {
		t.Dims = append(t.Dims, int64(d))
	}
	return t
}

// apply adds a node with one result and returns the result's name.
func (n *network) apply(op string, inputs []string, attributes ...proto.Attribute) string {
	return n.applyMany(op, 1, inputs, attributes...)[0]
}

func (n *network) applyMany(op string, results int, inputs []string, attributes ...proto.Attribute) []string {
	outputs := make([]string, results)
	for i := range outputs {
		outputs[i] = fmt.Sprintf("y%d_%d", len(n.Graph.Nodes), i)
	}
	n.Graph.Nodes = append(n.Graph.Nodes, proto.Node{Op: op, Inputs: inputs, Outputs: outputs, Attributes: attributes})
	return outputs
}

// returns names the outputs of the model.
func (n *network) returns(names ...string) *network {
	for _, name := range names {
		n.Graph.Outputs = append(n.Graph.Outputs, port(name, proto.Float))
	}
	return n
}

func number(name string, v int64) proto.Attribute {
	return proto.Attribute{Name: name, Type: proto.AttributeInt, Int: v}
}

func numbers(name string, v ...int64) proto.Attribute {
	return proto.Attribute{Name: name, Type: proto.AttributeInts, Ints: v}
}

func real(name string, v float32) proto.Attribute {
	return proto.Attribute{Name: name, Type: proto.AttributeFloat, Float: v}
}

func text(name, v string) proto.Attribute {
	return proto.Attribute{Name: name, Type: proto.AttributeString, String: v}
}

// of returns a tensor with the given elements.
func of[T tensor.Element](shape tensor.Shape, elements ...T) tensor.Tensor {
	return tensor.Must(tensor.Of(shape, elements))
}

// list is a tensor with one axis.
func list[T tensor.Element](elements ...T) tensor.Tensor {
	return of(tensor.Shape{len(elements)}, elements...)
}

// ramp has small numbers of both signs that do not repeat soon.
func ramp[T float32 | float64 | int8 | int32 | int64](shape ...int) tensor.Tensor {
	elements := make([]T, tensor.Shape(shape).Elements())
	for i := range elements {
		elements[i] = T(i*7%23) - 11
	}
	return of(shape, elements...)
}

// results imports the model and runs it on the given inputs.
func (n *network) results(t testing.TB, inputs ...tensor.Tensor) []tensor.Tensor {
	t.Helper()
	imported, err := onnx.Import(n.Bytes(), onnx.Options{})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := runtime.Compile(imported.Graph, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	session := plan.NewSession(2)
	defer session.Close()
	if len(inputs) != len(imported.Inputs) {
		t.Fatalf("the model has inputs %v, the test feeds %d", imported.Inputs, len(inputs))
	}
	for i, in := range inputs {
		to, err := session.Input(imported.Inputs[i].Node)
		if err != nil || !to.Type.Equal(in.Type) {
			t.Fatalf("input %d is %v (%v), the test feeds %v", i, to.Type, err, in.Type)
		}
		copy(to.Data, in.Data)
	}
	session.Run()
	var results []tensor.Tensor
	for _, p := range imported.Outputs {
		y, err := session.Output(p.Node)
		if err != nil {
			t.Fatal(err)
		}
		copied := tensor.Zeros(y.Type)
		copy(copied.Data, y.Data)
		results = append(results, copied)
	}
	return results
}

// written is the model of a few nodes that a line describes, the usual case one:
//
//	Conv f:1x2x5x5 =f:3x2x3x3 pads=[1,1,1,1] | Relu $
//
// Behind the operator stand its inputs: f:2x3 one of the model (f d b i8 u8 i16
// u16 i32 u32 i64 u64), =f:2x3 a constant with some numbers, [1,2] an int64
// list, {0.5,1} a float32 list, #1 and #0.5 scalars, _ none, $ the result of the
// node before. Then attributes: whole numbers, numbers with a point, lists,
// (0.5,1) of real ones, and words. The line may start with @opset, and a node
// end with ->2 for two results.
func written(line string) *network {
	n := newNetwork(22)
	if first, rest, _ := strings.Cut(line, " "); first[0] == '@' {
		n.Opsets[0].Version, line = int64(whole(first[1:])), rest
	}
	var last []string
	for node := range strings.SplitSeq(line, "|") {
		last = n.writeNode(strings.Fields(node), last)
	}
	return n.returns(last...)
}

func (n *network) writeNode(words []string, last []string) (outputs []string) {
	results := 1
	var inputs []string
	var attributes []proto.Attribute
	for _, w := range words[1:] {
		name, setting, assigned := strings.Cut(w, "=")
		switch {
		case strings.HasPrefix(w, "->"):
			results = whole(w[2:])
		case assigned && name != "":
			attributes = append(attributes, attribute(name, setting))
		case w == "$":
			inputs = append(inputs, last[0])
		default:
			inputs = append(inputs, n.operand(w))
		}
	}
	return n.applyMany(words[0], results, inputs, attributes...)
}

// dtypes of the notation.
var dtypes = map[string]tensor.DType{
	"f": tensor.Float32, "d": tensor.Float64, "b": tensor.Bool, "i8": tensor.Int8, "u8": tensor.UInt8,
	"i16": tensor.Int16, "u16": tensor.UInt16, "i32": tensor.Int32, "u32": tensor.UInt32, "i64": tensor.Int64, "u64": tensor.UInt64,
}

func (n *network) operand(w string) string {
	rest, constant := strings.CutPrefix(w, "=")
	if kind, dims, typed := strings.Cut(rest, ":"); typed {
		shape := tensor.Shape{}
		for _, d := range strings.FieldsFunc(dims, func(r rune) bool { return r == 'x' }) {
			shape = append(shape, whole(d))
		}
		if !constant {
			return n.input(kinds[dtypes[kind]], shape...)
		}
		v := tensor.Zeros(tensor.Type{DType: dtypes[kind], Shape: shape})
		for i := 0; i < len(v.Data); i += v.DType.Size() {
			v.Data[i] = byte(i / v.DType.Size() % 2) // the numbers 0 and 1, or tiny ones
		}
		return n.constant(v)
	}
	inner := strings.Trim(w, "[]{}#")
	switch {
	case w == "_":
		return ""
	case w[0] == '[':
		return n.constant(list(wholes(inner)...))
	case w[0] == '{':
		return n.constant(list(reals(inner)...))
	case strings.Contains(inner, "."):
		return n.constant(tensor.Scalar(reals(inner)[0]))
	}
	return n.constant(tensor.Scalar(wholes(inner)[0]))
}

func attribute(name, setting string) proto.Attribute {
	v, err := strconv.ParseFloat(setting, 32)
	switch {
	case setting[0] == '[':
		return numbers(name, wholes(strings.Trim(setting, "[]"))...)
	case setting[0] == '(':
		return proto.Attribute{Name: name, Type: proto.AttributeFloats, Floats: reals(strings.Trim(setting, "()"))}
	case err == nil && strings.Contains(setting, "."):
		return real(name, float32(v))
	case strings.Trim(setting, "-0123456789") == "":
		return number(name, wholes(setting)[0])
	}
	return text(name, setting)
}

func whole(s string) int { return int(wholes(s)[0]) }

func wholes(s string) (list []int64) {
	for _, part := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' }) {
		v, err := strconv.ParseInt(part, 10, 64)
		if err != nil {
			panic(err)
		}
		list = append(list, v)
	}
	return list
}

func reals(s string) (list []float32) {
	for _, part := range strings.Split(s, ",") {
		v, err := strconv.ParseFloat(part, 32)
		if err != nil {
			panic(err)
		}
		list = append(list, float32(v))
	}
	return list
}

// runSmall runs a network on zeros, unless that takes long.
func runSmall(n *onnx.Network) error {
	const most = 64 << 20
	bytes := 0
	for _, node := range n.Graph.Nodes() {
		if bytes += node.Type.Bytes(); bytes > most {
			return nil
		}
	}
	plan, err := runtime.Compile(n.Graph, runtime.Options{MemoryLimit: most})
	if err != nil {
		return err
	}
	var macs int64
	for _, l := range plan.Layers() {
		macs += l.MACs
	}
	if macs < most {
		session := plan.NewSession(1)
		defer session.Close()
		session.Run()
	}
	return nil
}
