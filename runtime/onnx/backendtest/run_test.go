package backendtest_test

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"megl-edge/runtime/onnx/backendtest"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// of is a tensor with one axis.
func of[T tensor.Element](kind proto.DataType, elements ...T) *proto.Tensor {
	t := tensor.Must(tensor.Of(tensor.Shape{len(elements)}, elements))
	return &proto.Tensor{Type: kind, Dims: []int64{int64(len(elements))}, Raw: t.Data}
}

func floats(elements ...float32) *proto.Tensor { return of(proto.Float, elements...) }

func shaped(t *proto.Tensor, dims ...int64) *proto.Tensor {
	t.Dims = dims
	return t
}

// unary is a model of one operator: y = op(x).
func unary(op string, kind proto.DataType, dims ...int64) *proto.Model {
	x := proto.ValueType{Kind: proto.KindTensor, Elem: kind, HasShape: true}
	for _, d := range dims {
		x.Shape = append(x.Shape, proto.Dim{Length: d, Known: true})
	}
	return &proto.Model{IRVersion: 8, Opsets: []proto.OperatorSet{{Version: 17}}, Graph: proto.Graph{
		Nodes:   []proto.Node{{Op: op, Inputs: []string{"x"}, Outputs: []string{"y"}}},
		Inputs:  []proto.Value{{Name: "x", Type: x}},
		Outputs: []proto.Value{{Name: "y", Type: x}},
	}}
}

// files is a test folder: what to write, by path.
type files map[string][]byte

// oneSet is a test with one input and one expected output.
func oneSet(m *proto.Model, x, y *proto.Tensor) files {
	return files{
		"model.onnx":                     m.Bytes(),
		"test_data_set_0/input_0.pb":     x.Bytes(),
		"test_data_set_0/output_0.pb":    y.Bytes(),
		"test_data_set_0/notes/ignored?": nil,
	}
}

func (f files) with(path string, content []byte) files {
	f[path] = content
	return f
}

func (f files) without(path string) files {
	delete(f, path)
	return f
}

func (f files) write(t *testing.T, folder string) {
	t.Helper()
	for path, content := range f {
		full := filepath.Join(folder, filepath.FromSlash(path))
		if err := os.MkdirAll(filepath.Dir(full), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// identity is a test in which the model returns what it gets.
func identity(got, want *proto.Tensor) files {
	return oneSet(unary("Identity", got.Type, got.Dims...), got, want)
}

var (
	nan = float32(math.NaN())
	inf = float32(math.Inf(1))
)

// absModel is a model whose tests below lack or break one thing.
func absModel() files {
	return oneSet(unary("Abs", proto.Float, 2), floats(-1, 2), floats(1, 2))
}

func secondSet(y float32) files {
	return absModel().
		with("test_data_set_1/input_0.pb", floats(3, -4).Bytes()).
		with("test_data_set_1/output_0.pb", floats(3, y).Bytes())
}

var runs = []struct {
	name  string
	files files
	want  backendtest.Outcome
	words string // in the detail
}{
	{"equal", absModel(), backendtest.Passed, ""},
	{"two data sets", secondSet(4), backendtest.Passed, ""},
	{"second data set wrong", secondSet(5), backendtest.Failed, `test_data_set_1: output "y": element [1] is 4, want 5`},

	// 1 ± (1e-7 + 1e-3·want) and 0 ± 1e-7, from both sides.
	{"just inside above", identity(floats(1), floats(1.0010009)), backendtest.Passed, ""},
	{"just outside above", identity(floats(1), floats(1.0010014)), backendtest.Failed, "element [0] is 1, want 1.0010014"},
	{"just inside below", identity(floats(1), floats(0.9990011)), backendtest.Passed, ""},
	{"just outside below", identity(floats(1), floats(0.9990007)), backendtest.Failed, "element [0] is 1, want 0.9990007"},
	{"near zero inside", identity(floats(0), floats(1e-7)), backendtest.Passed, ""},
	{"near zero outside", identity(floats(0), floats(-1.01e-7)), backendtest.Failed, "is 0, want -1.01e-07"},
	{"double inside", identity(of(proto.Double, 1.0), of(proto.Double, 1.0010011)), backendtest.Passed, ""},
	{"double outside", identity(of(proto.Double, 1.0), of(proto.Double, 1.0010012)), backendtest.Failed, "want 1.0010012"},

	{"zeros of both signs", identity(floats(float32(math.Copysign(0, -1))), floats(0)), backendtest.Passed, ""},
	{"no numbers", identity(floats(nan), floats(nan)), backendtest.Passed, ""},
	{"no number for a number", identity(floats(nan), floats(1)), backendtest.Failed, "is NaN, want 1"},
	{"a number for no number", identity(floats(1), floats(nan)), backendtest.Failed, "is 1, want NaN"},
	{"infinities", identity(floats(inf, -inf), floats(inf, -inf)), backendtest.Passed, ""},
	{"a number for infinity", identity(floats(3e38), floats(inf)), backendtest.Failed, "is 3e+38, want +Inf"},
	{"infinity for a number", identity(floats(-inf), floats(-3e38)), backendtest.Failed, "is -Inf, want -3e+38"},
	{"the other infinity", identity(floats(inf), floats(-inf)), backendtest.Failed, "is +Inf, want -Inf"},
	{"no number for infinity", identity(floats(nan), floats(inf)), backendtest.Failed, "is NaN, want +Inf"},

	{"int8 off by one", identity(of[int8](proto.Int8, 1, -128), of[int8](proto.Int8, 1, -127)), backendtest.Failed, "element [1] is -128, want -127"},
	{"uint8 off by one", identity(of[uint8](proto.UInt8, 255), of[uint8](proto.UInt8, 254)), backendtest.Failed, "is 255, want 254"},
	{"int16 off by one", identity(of[int16](proto.Int16, 5), of[int16](proto.Int16, 6)), backendtest.Failed, "is 5, want 6"},
	{"uint16 off by one", identity(of[uint16](proto.UInt16, 5), of[uint16](proto.UInt16, 6)), backendtest.Failed, "is 5, want 6"},
	{"int32 off by one", identity(of[int32](proto.Int32, 1e9), of[int32](proto.Int32, 1e9+1)), backendtest.Failed, "want 1000000001"},
	{"uint32 off by one", identity(of[uint32](proto.UInt32, 4e9), of[uint32](proto.UInt32, 4e9+1)), backendtest.Failed, "want 4000000001"},
	{"int64 off by one", identity(of[int64](proto.Int64, 1e18), of[int64](proto.Int64, 1e18+1)), backendtest.Failed, "want 1000000000000000001"},
	{"uint64 off by one", identity(of[uint64](proto.UInt64, 1e19), of[uint64](proto.UInt64, 1e19+1)), backendtest.Failed, "want 10000000000000000001"},
	{"the other bool", identity(of(proto.Bool, true, false), of(proto.Bool, true, true)), backendtest.Failed, "element [1] is false, want true"},
	{"position in a matrix", identity(shaped(floats(1, 2, 3, 4, 5, 6), 2, 3), shaped(floats(1, 2, 3, 4, 9, 6), 2, 3)), backendtest.Failed, "element [1 1] is 5, want 9"},
	{"another shape", identity(floats(1, 2), shaped(floats(1, 2), 2, 1)), backendtest.Failed, "is F32[2], want F32[2×1]"},
	{"another type", identity(of[int32](proto.Int32, 1), of[int64](proto.Int64, 1)), backendtest.Failed, "is I32[1], want I64[1]"},

	{"unknown operator", oneSet(unary("SVD", proto.Float, 1), floats(1), floats(1)), backendtest.Skipped, "operator SVD is not supported"},
	{"known operator of another domain", oneSet(elsewhere(), floats(1), floats(1)), backendtest.Skipped, "operator Abs of domain com.example is not supported"},
	{"unknown element type", oneSet(unary("Abs", proto.BFloat16, 1), &proto.Tensor{Type: proto.BFloat16, Dims: []int64{1}, Raw: make([]byte, 2)}, floats(1)), backendtest.Skipped, "element type bfloat16 is not supported"},
	{"sequence", oneSet(unary("Abs", proto.Float, 1), floats(1), floats(1)).with("model.onnx", sequence()), backendtest.Skipped, "an input that is a sequence is not supported"},

	{"no data set", files{"model.onnx": unary("Abs", proto.Float, 2).Bytes()}, backendtest.Failed, "has no test_data_set_N folder"},
	{"no input", absModel().without("test_data_set_0/input_0.pb"), backendtest.Failed, "input_0.pb: no such file"},
	{"no output", absModel().without("test_data_set_0/output_0.pb"), backendtest.Failed, "output_0.pb: no such file"},
	{"an output too many", absModel().with("test_data_set_0/output_1.pb", floats(1).Bytes()), backendtest.Failed, "output_1.pb is there, but the model has 1 output"},
	{"an input of another shape", absModel().with("test_data_set_0/input_0.pb", floats(1, 2, 3).Bytes()), backendtest.Failed, `input "x": is not what the value is, F32[3]`},
	{"an input of another type", absModel().with("test_data_set_0/input_0.pb", of[int32](proto.Int32, 1, 2).Bytes()), backendtest.Failed, "I32[2]"},
	{"a damaged model", absModel().with("model.onnx", []byte("\x0a\xff")), backendtest.Failed, "model.onnx: is no ONNX model or is damaged"},
	{"an empty model", absModel().with("model.onnx", nil), backendtest.Failed, "model.onnx: is no ONNX model"},
	{"a damaged input", absModel().with("test_data_set_0/input_0.pb", []byte("\x08")), backendtest.Failed, "input_0.pb: is no tensor or is damaged"},
	{"an empty output", absModel().with("test_data_set_0/output_0.pb", nil), backendtest.Failed, "output_0.pb: is no tensor"},
	{"a data set that is a file", files{"model.onnx": unary("Abs", proto.Float, 2).Bytes(), "test_data_set_0": nil}, backendtest.Failed, "not a directory"},
}

func elsewhere() *proto.Model {
	m := unary("Abs", proto.Float, 1)
	m.Graph.Nodes[0].Domain = "com.example"
	return m
}

// sequence is a model whose input is a sequence: its type lies in field 4 of the
// TypeProto, a tensor's in field 1.
func sequence() []byte {
	tensor := unary("Abs", proto.Float, 1).Bytes()
	return bytes.Replace(tensor, []byte("\x0a\x01x\x12\x0a\x0a\x08"), []byte("\x0a\x01x\x12\x0a\x22\x08"), 1)
}

func TestRun(t *testing.T) {
	for _, r := range runs {
		t.Run(r.name, func(t *testing.T) {
			folder := t.TempDir()
			r.files.write(t, folder)
			got := backendtest.Run(folder, 1)
			if got.Folder != folder || got.Outcome != r.want || !strings.Contains(got.Detail, r.words) || strings.Contains(got.Detail, "\n") {
				t.Errorf("%s %q, want %s %q", got.Outcome, got.Detail, r.want, r.words)
			}
			if r.want == backendtest.Passed && got.Detail != "" {
				t.Errorf("passed, and says %q", got.Detail)
			}
		})
	}
}

func TestFind(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"b", "a/deeper", "a", "with [brackets] *"} {
		absModel().write(t, filepath.Join(root, name))
	}
	if err := os.Symlink(filepath.Join(root, "a"), filepath.Join(root, "link")); err != nil {
		t.Fatal(err)
	}
	files{"empty/notes.txt": nil, "empty/model.onnx/notes.txt": nil}.write(t, root)
	below := func(names ...string) string {
		for i, name := range names {
			names[i] = filepath.Join(root, name)
		}
		return strings.Join(names, "\n")
	}
	for _, c := range []struct {
		name  string
		roots []string
		want  string
	}{
		{"everything", []string{root}, below("a", "a/deeper", "b", "with [brackets] *")},
		{"one test", []string{filepath.Join(root, "b")}, below("b")},
		{"the same twice", []string{filepath.Join(root, "b"), root}, below("a", "a/deeper", "b", "with [brackets] *")},
		{"no test", []string{filepath.Join(root, "empty")}, ""},
		{"a link", []string{filepath.Join(root, "link")}, below("link", "link/deeper")},
	} {
		found, err := backendtest.Find(c.roots...)
		if got := strings.Join(found, "\n"); err != nil || got != c.want {
			t.Errorf("%s: found\n%s (%v), want\n%s", c.name, got, err, c.want)
		}
		for _, folder := range found {
			if r := backendtest.Run(folder, 1); r.Outcome != backendtest.Passed {
				t.Errorf("%s: %+v", c.name, r)
			}
		}
	}
	for _, path := range []string{filepath.Join(root, "absent"), filepath.Join(root, "empty", "notes.txt")} {
		if found, err := backendtest.Find(path); err == nil {
			t.Errorf("%s: found %q", path, found)
		}
	}
}
