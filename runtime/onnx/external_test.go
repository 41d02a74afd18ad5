package onnx_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"megl-edge/runtime"
	"megl-edge/runtime/onnx"
	"megl-edge/runtime/onnx/proto"
	"megl-edge/runtime/tensor"
)

// external is the model y = x + w; w, two float32, lies in another file. Entries
// are keys and values in turn.
func external(entries ...string) []byte {
	n := newNetwork(17)
	n.returns(n.apply("Add", []string{n.input(proto.Float, 2), "w"}))
	w := slices.Concat([]byte{2 << 3, 1}, message(1, 2), message(8, 'w'), []byte{14 << 3, 1})
	for i := 0; i < len(entries); i += 2 {
		w = append(w, message(13, slices.Concat(message(1, []byte(entries[i])...), message(2, []byte(entries[i+1])...))...)...)
	}
	return inGraphOf(n.Bytes(), message(5, w...))
}

// folder is one that models may read from, "weights" in it, and a secret beside.
func folder(t *testing.T) string {
	t.Helper()
	outer := t.TempDir()
	inner := filepath.Join(outer, "allowed")
	if err := os.MkdirAll(filepath.Join(inner, "deeper"), 0o700); err != nil {
		t.Fatal(err)
	}
	numbers := list[float32](1, 2, 3, 4).Data
	for path, data := range map[string][]byte{"secret": numbers, "allowed/weights": numbers, "allowed/deeper/weights": numbers[:8], "allowed/empty": nil} {
		if err := os.WriteFile(filepath.Join(outer, path), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for from, to := range map[string]string{"link": "weights", "out": "../secret", "absolute": filepath.Join(outer, "secret"), "outside": "..", "inside": "deeper"} {
		if err := os.Symlink(to, filepath.Join(inner, from)); err != nil {
			t.Fatal(err)
		}
	}
	return inner
}

func TestExternalData(t *testing.T) {
	allowed := folder(t)
	for _, c := range []struct {
		entries []string
		want    []float32
	}{
		{[]string{"location", "weights", "offset", "0", "length", "8"}, []float32{1, 2}},
		{[]string{"location", "weights", "offset", "4", "length", "8"}, []float32{2, 3}},
		{[]string{"location", "weights", "offset", "8"}, []float32{3, 4}},
		{[]string{"location", "deeper/weights"}, []float32{1, 2}},
		{[]string{"location", "./deeper/../deeper/weights", "checksum", "of no interest"}, []float32{1, 2}},
	} {
		n, err := onnx.Import(external(c.entries...), onnx.Options{ExternalData: allowed})
		if err != nil {
			t.Errorf("%q: %v", c.entries, err)
			continue
		}
		plan, err := runtime.Compile(n.Graph, runtime.Options{})
		if err != nil {
			t.Fatal(err)
		}
		s := plan.NewSession(1)
		s.Run() // x is 0
		y, err := s.Output(n.Outputs[0].Node)
		if err != nil || !slices.Equal(tensor.Elements[float32](y), c.want) {
			t.Errorf("%q: %v (%v), want %v", c.entries, y, err, c.want)
		}
		s.Close()
	}
}

var refusedLocations = []struct {
	entries []string
	want    string
}{
	{[]string{"location", ""}, "outside"},
	{[]string{"offset", "0"}, "outside"},
	{[]string{"location", "."}, "no regular file"},
	{[]string{"location", "deeper"}, "no regular file"},
	{[]string{"location", "../secret"}, "outside"},
	{[]string{"location", "deeper/../../secret"}, "outside"},
	{[]string{"location", "/etc/passwd"}, "outside"},
	{[]string{"location", "link"}, "links are not followed"},
	{[]string{"location", "out"}, "links are not followed"},
	{[]string{"location", "absolute"}, "links are not followed"},
	{[]string{"location", "outside/secret"}, "links are not followed"},
	{[]string{"location", "inside/weights"}, "links are not followed"},
	{[]string{"location", "weights\x00"}, "external data"},
	{[]string{"location", "absent\n\x1b[2J"}, "no such file"},
	{[]string{"location", "weights/more"}, "external data"},
	{[]string{"location", strings.Repeat("a/", 1<<16)}, "external data"},
	{[]string{"location", strings.Repeat("a", 1<<16)}, "external data"},
	{[]string{"location", "empty"}, "0 bytes are named, the tensor takes 8"},
	{[]string{"location", "weights"}, "16 bytes are named, the tensor takes 8"},
	{[]string{"location", "weights", "length", "4"}, "4 bytes are named, the tensor takes 8"},
	{[]string{"location", "weights", "offset", "12", "length", "8"}, "has 16 bytes, 8 from 12 on are wanted"},
	{[]string{"location", "weights", "offset", "17"}, "has 16 bytes"},
	{[]string{"location", "weights", "offset", "-8", "length", "8"}, `offset is "-8"`},
	{[]string{"location", "weights", "offset", "x"}, `offset is "x"`},
	{[]string{"location", "weights", "offset", "9223372036854775807", "length", "8"}, "has 16 bytes"},
	{[]string{"location", "weights", "length", "9223372036854775807"}, "has 16 bytes"},
	{[]string{"location", "weights", "offset", "9223372036854775807", "length", "9223372036854775807"}, "has 16 bytes"},
	{[]string{"location", "weights", "offset", "99999999999999999999"}, "offset is"},
	{[]string{"location", "weights", "length", "-5"}, `length is "-5"`},
}

func TestExternalDataThatAreRefused(t *testing.T) {
	allowed := folder(t)
	for _, r := range refusedLocations {
		_, err := onnx.Import(external(r.entries...), onnx.Options{ExternalData: allowed})
		if err == nil || !strings.Contains(err.Error(), r.want) {
			t.Errorf("%.80q: %v, want %q", r.entries, err, r.want)
			continue
		}
		checkLine(t, err)
	}
	if _, err := onnx.Import(external("location", "weights", "length", "8"), onnx.Options{}); err == nil || !strings.Contains(err.Error(), "--allow-external-data") {
		t.Errorf("without a folder: %v", err)
	}
	if _, err := onnx.Import(sound().Bytes(), onnx.Options{ExternalData: filepath.Join(allowed, "absent")}); err == nil || !strings.Contains(err.Error(), "folder of external data") {
		t.Errorf("a folder that is not there: %v", err)
	}
}
