package main

import (
	"bytes"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/kernels/asm"
	"megl-edge/quant"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// quantizedTo runs quantize on a model and returns what it says.
func quantizedTo(t *testing.T, m, output, photos string, flags ...string) quantizeResult {
	t.Helper()
	out := done(t, append([]string{"quantize", m, "-o", output, "--calibrate", photos, "--json"}, flags...)...)
	return decoded[quantizeResult](t, out)
}

// needsSpeed skips tests that run a network hundreds of times on an emulated
// processor or under the race detector; that results are the same there is tested
// elsewhere.
func needsSpeed(t *testing.T) {
	t.Helper()
	if level, _ := asm.Current(); level < asm.AVX2 || level > asm.VNNI || raceDetected {
		t.Skipf("level %v (race detector: %v) may be emulated, and is too slow for hundreds of photos", level, raceDetected)
	}
}

// Real networks lose little: the bounds are those that the project set itself.
func TestQuantizedNetworksAgree(t *testing.T) {
	needsSpeed(t)
	photos := shared(t, "data", "imagenet_sample")
	for name, make := range map[string]func(t *testing.T) string{
		"MobileNetV1 0.25": func(t *testing.T) string { return imported(t, "mobilenet_v1_0.25_224_float.tflite") },
		"MobileNetV2, dequantized": func(t *testing.T) string {
			return dequantized(t, imported(t, "tf2_mobilenet_v2_1.0_224_ptq.tflite"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			m := make(t)
			int8 := filepath.Join(t.TempDir(), "int8.megl")
			r := quantizedTo(t, m, int8, photos)
			t.Logf("agreement %.3f, cosine %.4f, maps %.3f and %.3f", r.Agreement, r.LogitsCosine, r.MapIoU, r.MapCorrelation)
			if r.LogitsCosine < 0.99 || r.MapIoU < 0.85 || r.Calibration != 64 {
				t.Errorf("cosine %.4f, overlap of maps %.3f, on %d photos", r.LogitsCosine, r.MapIoU, r.Calibration)
			}
			if n := turnedWrong(t, m, int8); n > 5 {
				t.Errorf("%d of 143 photos that were right are wrong", n)
			}
		})
	}
}

// turnedWrong counts the photos whose class was right and is not any more.
func turnedWrong(t *testing.T, before, after string) int {
	t.Helper()
	rows := readLines(t, shared(t, "data", "imagenet_sample", "labels.tsv"))[1:]
	args := []string{"--json", "--top", "1"}
	var classes []int
	for _, row := range rows {
		file, class, _ := strings.Cut(row, "\t")
		args = append(args, shared(t, "data", "imagenet_sample", file))
		classes = append(classes, atoi(t, class)+1) // the networks have "background" in front
	}
	var answers [2][]string
	for i, m := range []string{before, after} {
		for _, line := range strings.Split(strings.TrimSpace(done(t, append([]string{"classify", "-m", m}, args...)...)), "\n") {
			answers[i] = append(answers[i], decoded[classifyResult](t, line).Top[0].Label)
		}
	}
	m, err := model.Load(before)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	wrong := 0
	for i, class := range classes {
		if answers[0][i] == m.Labels[class] && answers[1][i] != m.Labels[class] {
			wrong++
		}
	}
	return wrong
}

// dequantized returns the float model that an int8 model stands for.
func dequantized(t *testing.T, path string) string {
	t.Helper()
	m, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	network, err := gradcam.Network(m.Graph)
	if err != nil {
		t.Fatal(err)
	}
	if network, err = quant.Dequantize(network); err != nil {
		t.Fatal(err)
	}
	if m.Graph, m.TargetLayer, err = gradcam.Attach(network, m.TargetLayer); err != nil {
		t.Fatal(err)
	}
	out := filepath.Join(t.TempDir(), "float.megl")
	if err := m.Save(out); err != nil {
		t.Fatal(err)
	}
	return out
}

// The int8 forms of the MLPerf Tiny networks say what their own int8 files say, as
// far as these say what the float files do: that of ResNet-8 gives another class
// than its float file on every fifth photo that is no CIFAR picture.
func TestQuantizedTinyNetworks(t *testing.T) {
	needsSpeed(t)
	photos := shared(t, "data", "imagenet_sample")
	for _, c := range []struct{ float, own, std string }{
		{"mlperf_tiny_resnet8_cifar10_float.tflite", "mlperf_tiny_resnet8_cifar10_int8.tflite", "1"},
		{"vww_96_float.tflite", "vww_96_int8.tflite", "255"},
	} {
		int8 := filepath.Join(t.TempDir(), "int8.megl")
		float := imported(t, c.float, "--mean", "0", "--std", c.std)
		r := quantizedTo(t, float, int8, photos)
		share := agreement(t, int8, imported(t, c.own), photos)
		reached := agreement(t, float, imported(t, c.own), photos)
		t.Logf("%s: %.3f as its own int8 file (which agrees with the float one on %.3f), %.3f as the float one", c.float, share, reached, r.Agreement)
		if share < min(0.97, reached-0.03) || r.LogitsCosine < 0.99 {
			t.Errorf("%s: %.3f of the photos get the class of its own int8 file, of which the float file reaches %.3f; cosine to the float file %.4f", c.float, share, reached, r.LogitsCosine)
		}
	}
}

func agreement(t *testing.T, a, b, photos string) float64 {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(photos, "*.JPEG"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no photos (%v)", err)
	}
	var some []string
	for i := 0; i < len(files); i += 2 {
		some = append(some, files[i])
	}
	args := append([]string{"--json", "--top", "1"}, some...)
	lines := func(m string) []string {
		return strings.Split(strings.TrimSpace(done(t, append([]string{"classify", "-m", m}, args...)...)), "\n")
	}
	same := 0
	one, two := lines(a), lines(b)
	for i := range one {
		if decoded[classifyResult](t, one[i]).Top[0].Label == decoded[classifyResult](t, two[i]).Top[0].Label {
			same++
		}
	}
	return float64(same) / float64(len(one))
}

func TestQuantizeReports(t *testing.T) {
	photos := shared(t, "data", "imagenet_sample")
	m := imported(t, "mlperf_tiny_resnet8_cifar10_float.tflite")
	folder := t.TempDir()
	file := func(name string) string { return filepath.Join(folder, name) }
	r := quantizedTo(t, m, file("a.megl"), photos, "--samples", "8", "--report", file("r.json"), "--keep-float", "model/dense/MatMul")
	if !slices.Equal(r.KeptFloat, []string{"model/dense/MatMul"}) || len(r.Layers) != 10 || r.BytesAfter == 0 || r.MillisecondsAfter <= 0 {
		t.Errorf("result is %+v", r)
	}
	data, err := os.ReadFile(file("r.json"))
	if err != nil || !json.Valid(data) {
		t.Errorf("report %.100s (%v)", data, err)
	}
	text := done(t, "quantize", m, "-o", file("b.megl"), "--calibrate", photos, "--samples", "8", "--report", file("r.html"))
	if !strings.Contains(text, "agrees with the float model on") {
		t.Errorf("it prints %s", text)
	}
	page, err := os.ReadFile(file("r.html"))
	if err != nil || !strings.Contains(string(page), "</html>") {
		t.Errorf("page %.100s (%v)", page, err)
	}
	// The same photos and the same seed give the same file.
	quantizedTo(t, m, file("c.megl"), photos, "--samples", "8")
	b, _ := os.ReadFile(file("b.megl"))
	c, _ := os.ReadFile(file("c.megl"))
	if len(b) == 0 || string(b) != string(c) {
		t.Error("two runs give two files")
	}
	refused(t, "has int8 layers already", "quantize", file("b.megl"), "-o", file("d.megl"), "--calibrate", photos)
	refused(t, `no layer "x"`, "quantize", m, "-o", file("d.megl"), "--calibrate", photos, "--samples", "2", "--keep-float", "x")
	if _, err := os.Stat(file("d.megl")); err == nil {
		t.Error("a file was written all the same")
	}
}

func TestWrongCalibrationData(t *testing.T) {
	m := imported(t, "mlperf_tiny_resnet8_cifar10_float.tflite")
	out := filepath.Join(t.TempDir(), "out.megl")
	black := filepath.Dir(written(t, "black.png", pictureOf(t, func(int) uint8 { return 0 })))
	for phrase, path := range map[string]string{
		"no such file":                   filepath.Join(t.TempDir(), "nowhere"),
		"no photos in the folder":        t.TempDir(),
		"are of one colour":              black,
		"not an image of a known format": filepath.Dir(written(t, "x.png", []byte("no picture"))),
		"data.jsonl:1":                   written(t, "data.jsonl", []byte("{\"label\": 3}\n")),
	} {
		o := megl(t, "quantize", m, "-o", out, "--calibrate", path)
		if o.status != statusUsage || strings.Count(o.err, "\n") != 1 || !strings.Contains(o.err, phrase) || strings.Contains(o.err, "model.megl") {
			t.Errorf("status %d and %q, want status 2 and a line with %q", o.status, o.err, phrase)
		}
	}
	refused(t, "--samples 0", "quantize", m, "-o", out, "--calibrate", black, "--samples", "0")
	refused(t, "must end in .json or .html", "quantize", m, "-o", out, "--calibrate", black, "--report", "x.txt")
	if _, err := os.Stat(out); err == nil {
		t.Error("a file was written all the same")
	}
}

// pictureOf returns a PNG file whose pixels are given by their number.
func pictureOf(t *testing.T, level func(i int) uint8) []byte {
	t.Helper()
	pixels := make([]uint8, 64*64*3)
	for i := range pixels {
		pixels[i] = level(i)
	}
	return encodedPNG(t, tensor.Must(tensor.Of(tensor.Shape{64, 64, 3}, pixels)))
}

func encodedPNG(t *testing.T, pixels tensor.Tensor) []byte {
	t.Helper()
	height, width := pixels.Shape[0], pixels.Shape[1]
	im := image.NewRGBA(image.Rect(0, 0, width, height))
	for i := range height * width {
		copy(im.Pix[4*i:], pixels.Data[3*i:][:3])
		im.Pix[4*i+3] = 255
	}
	var out bytes.Buffer
	if err := png.Encode(&out, im); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}
