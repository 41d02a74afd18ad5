package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"megl-edge/runtime/model"
	"megl-edge/runtime/onnx/export"
	"megl-edge/runtime/onnx/proto"
)

// Through ONNX and back a model says the same of a photo, to the byte: classes,
// probabilities and heat map; and it is exported the same once more.
func TestExportComesBack(t *testing.T) {
	needsSpeed(t)
	photo := shared(t, "data", "imagenet_sample", "n01440764_tench.JPEG")
	files, err := filepath.Glob(filepath.Join(shared(t, "models"), "*.tflite"))
	if err != nil || len(files) < 7 {
		t.Fatalf("%d TFLite files, want at least 7 (%v)", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			m := imported(t, filepath.Base(file))
			want := done(t, "explain", "-m", m, "--json", photo)
			for _, opset := range []int{export.OldestOpset, export.DefaultOpset, export.NewestOpset} {
				exported := exportedTo(t, m, opset)
				back := filepath.Join(t.TempDir(), "back.megl")
				done(t, "import", exported, "-o", back)
				if got := done(t, "explain", "-m", back, "--json", photo); got != want {
					t.Fatalf("opset %d: after a way through ONNX: %.300s, before: %.300s", opset, got, want)
				}
				checkSecondExport(t, back, opset)
			}
		})
	}
}

func exportedTo(t *testing.T, m string, opset int) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "exported.onnx")
	done(t, "export", m, "-o", path, "--opset", strconv.Itoa(opset))
	return path
}

// checkSecondExport: from the first import on nothing changes any more.
func checkSecondExport(t *testing.T, m string, opset int) {
	t.Helper()
	second := exportedTo(t, m, opset)
	again := filepath.Join(t.TempDir(), "again.megl")
	done(t, "import", second, "-o", again)
	if !bytes.Equal(graphOf(t, again), graphOf(t, m)) {
		t.Errorf("opset %d: the graph changes with every way through ONNX", opset)
	}
}

func graphOf(t *testing.T, path string) []byte {
	t.Helper()
	m, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	m.Provenance = model.Provenance{} // it names the file
	var out bytes.Buffer
	if err := m.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// The labels and the second output are where other programs find them.
func TestExportForOthers(t *testing.T) {
	m := imported(t, "mlperf_tiny_resnet8_cifar10_int8.tflite")
	path := filepath.Join(t.TempDir(), "with.onnx")
	done(t, "export", m, "-o", path, "--with-saliency")
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	data, err := io.ReadAll(f)
	if err != nil {
		t.Fatal(err)
	}
	file, err := proto.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	var outputs []string
	for _, o := range file.Graph.Outputs {
		outputs = append(outputs, o.Name)
	}
	if !slices.Equal(outputs, []string{"logits", "saliency"}) {
		t.Errorf("outputs are %v", outputs)
	}
	var labels []string
	for _, e := range file.Metadata {
		if e.Key == export.KeyLabels {
			if err := json.Unmarshal([]byte(e.Value), &labels); err != nil {
				t.Error(err)
			}
		}
	}
	if len(labels) != 10 {
		t.Errorf("labels are %q", labels)
	}
}

func TestWrongExports(t *testing.T) {
	m := imported(t, "vww_96_int8.tflite")
	out := filepath.Join(t.TempDir(), "out.onnx")
	refused(t, "versions 13 to 21 can be written", "export", m, "-o", out, "--opset", "12")
	refused(t, "no such file", "export", m+"x", "-o", out)
	refused(t, "no safetensors file", "export", written(t, "x.megl", []byte("hello, this is text")), "-o", out)
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written all the same")
	}
}
