package main

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// doubling writes a test of the model y = x + x for x = 1, 2: it passes if y is
// 2, 4.
func doubling(t *testing.T, folder, op string, y ...float32) {
	t.Helper()
	port := func(name string) []proto.Value {
		shape := []proto.Dim{{Length: 2, Known: true}}
		return []proto.Value{{Name: name, Type: proto.ValueType{Kind: proto.KindTensor, Elem: proto.Float, Shape: shape}}}
	}
	m := proto.Model{IRVersion: 8, Opsets: []proto.OperatorSet{{Version: 17}}, Graph: proto.Graph{
		Nodes:  []proto.Node{{Op: op, Inputs: []string{"x", "x"}, Outputs: []string{"y"}}},
		Inputs: port("x"), Outputs: port("y"),
	}}
	set := filepath.Join(folder, "test_data_set_0")
	if err := os.MkdirAll(set, 0o700); err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(folder, "model.onnx"), m.Bytes())
	for name, v := range map[string][]float32{"input_0.pb": {1, 2}, "output_0.pb": y} {
		data := tensor.Must(tensor.Of(tensor.Shape{len(v)}, v)).Data
		save(t, filepath.Join(set, name), (&proto.Tensor{Type: proto.Float, Dims: []int64{int64(len(v))}, Raw: data}).Bytes())
	}
}

func save(t *testing.T, path string, data []byte) {
	t.Helper()
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// mixed is a folder with one test of each outcome.
func mixed(t *testing.T) string {
	root := t.TempDir()
	doubling(t, filepath.Join(root, "a", "right"), "Add", 2, 4)
	doubling(t, filepath.Join(root, "wrong"), "Add", 2, 5)
	doubling(t, filepath.Join(root, "strange"), "Bernoulli", 2, 4)
	return root
}

func TestVerify(t *testing.T) {
	root := mixed(t)
	t.Chdir(filepath.Dir(root)) // folders are shown as they were given
	given := filepath.Base(root)
	o := megl(t, "verify", given, "--threads", "2")
	want := strings.ReplaceAll(`pass R/a/right
skip R/strange: operator Bernoulli is not supported
FAIL R/wrong: test_data_set_0: output "y": element [1] is 4, want 5
1 passed, 1 failed, 1 skipped
`, "R", given)
	if o.status != statusFailed || o.out != want || o.err != "megl-edge: 1 of 3 tests failed\n" {
		t.Errorf("status %d, printed\n%sand %q, want status 1 and\n%s", o.status, o.out, o.err, want)
	}
	right := filepath.Join(given, "a")
	if got := done(t, "verify", right); got != "pass "+right+"/right\n1 passed, 0 failed, 0 skipped\n" {
		t.Errorf("a test that passes prints %q", got)
	}
	if got := done(t, "verify", right, filepath.Join(given, "strange"), right); !strings.HasSuffix(got, "\n1 passed, 0 failed, 1 skipped\n") {
		t.Errorf("two folders print %q", got)
	}
}

func TestVerifyJSON(t *testing.T) {
	root := mixed(t)
	o := megl(t, "verify", "--json", root)
	lines := strings.Split(strings.TrimSuffix(o.out, "\n"), "\n")
	if o.status != statusFailed || len(lines) != 4 || !strings.HasPrefix(lines[0], `{"schema":"megl-edge/verify/1",`) {
		t.Fatalf("status %d, printed %s", o.status, o.out)
	}
	if got := decoded[verifyResult](t, lines[2]); got.Folder != filepath.Join(root, "wrong") || got.Outcome != "FAIL" || !strings.Contains(got.Detail, "is 4, want 5") {
		t.Errorf("%+v", got)
	}
	if got := decoded[verifyTotals](t, lines[3]); got.Schema != "megl-edge/verify-totals/1" || got.Passed != 1 || got.Failed != 1 || got.Skipped != 1 {
		t.Errorf("%+v", got)
	}
}

func TestVerifyMistakes(t *testing.T) {
	refused(t, "no such file", "verify", filepath.Join(t.TempDir(), "absent"))
	refused(t, "is no folder", "verify", written(t, "model.onnx", nil))
	refused(t, "expected", "verify")
	refused(t, "--threads -1", "verify", "--threads=-1", t.TempDir())
	if o := megl(t, "verify", t.TempDir()); o.status != statusFailed || o.out != "0 passed, 0 failed, 0 skipped\n" || !strings.Contains(o.err, "no test here") {
		t.Errorf("an empty folder: %+v", o)
	}
	interrupted, cancel := context.WithCancel(context.Background())
	cancel()
	var out, err strings.Builder
	if status := run(interrupted, streams{out: &out, err: &err}, []string{"verify", mixed(t)}); status != statusFailed || out.Len() != 0 || !strings.Contains(err.String(), "interrupted") {
		t.Errorf("interrupted: status %d, %q, %q", status, &out, &err)
	}
}

// excuses is why a test of the ONNX project may be skipped: its element type is
// none of ours, or it draws random numbers.
var excuses = regexp.MustCompile(`: (element type (string|float16|bfloat16|float8e\w+|float4e2m1|u?int[24])|an input that is a (sequence|optional)|Dropout while training) is not supported$`)

func TestVerifyConformance(t *testing.T) {
	if raceDetected {
		t.Skip("741 models are too slow under the race detector")
	}
	root := shared(t, "conformance", "onnx")
	lines := strings.Split(strings.TrimSuffix(done(t, "verify", root), "\n"), "\n")
	passed := 0
	for _, line := range lines[:len(lines)-1] {
		switch {
		case strings.HasPrefix(line, "pass "):
			passed++
		case !strings.HasPrefix(line, "skip ") || !excuses.MatchString(line):
			t.Error(line)
		}
	}
	if passed < 620 {
		t.Errorf("%d tests pass, want at least 620", passed)
	}
}

// A comparison that never fails would let every test pass.
func TestVerifyNotesOneAlteredElement(t *testing.T) {
	for _, name := range []string{"test_basic_conv_with_padding", "test_argmax_default_axis_example", "test_qlinearconv", "test_equal", "test_maxpool_2d_uint8", "test_split_equal_parts_2d"} {
		t.Run(name, func(t *testing.T) {
			folder := filepath.Join(t.TempDir(), name)
			if err := os.CopyFS(folder, os.DirFS(shared(t, "conformance", "onnx", "node", name))); err != nil {
				t.Fatal(err)
			}
			done(t, "verify", folder)
			path := lastOutput(t, folder)
			data, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			expected, err := proto.ParseTensor(data)
			if err != nil || len(expected.Raw) == 0 {
				t.Fatalf("no raw data in %s (%v)", path, err)
			}
			expected.Raw[len(expected.Raw)-1] ^= 1 // of a float32, the exponent
			save(t, path, expected.Bytes())
			if o := megl(t, "verify", folder); o.status != statusFailed || !strings.Contains(o.out, "FAIL "+folder+": ") || !strings.Contains(o.out, "want") {
				t.Errorf("altered: %+v", o)
			}
		})
	}
}

func lastOutput(t *testing.T, folder string) string {
	t.Helper()
	files, err := fs.Glob(os.DirFS(folder), "test_data_set_*/output_*.pb")
	if err != nil || len(files) == 0 {
		t.Fatalf("no outputs in %s (%v)", folder, err)
	}
	return filepath.Join(folder, files[len(files)-1])
}
