package main

import (
	"encoding/binary"
	"hash/crc32"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"megl-edge/runtime/model"
)

// resnet is the smallest of the real networks: 10 classes, photos of 32×32.
func resnet(t testing.TB) string {
	return imported(t, "mlperf_tiny_resnet8_cifar10_int8.tflite")
}

func TestExplainWritesTheOverlay(t *testing.T) {
	m, photo := resnet(t), drawn(t, 80, 60)
	output := filepath.Join(t.TempDir(), "why.png")
	text := done(t, "explain", "-m", m, photo, "-o", output, "--class", "class 3")
	if !strings.Contains(text, `where it looked for "class 3": `+output) {
		t.Errorf("explain prints %q", text)
	}
	f, err := os.Open(output)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	picture, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if got := picture.Bounds().Size(); got.X != 80 || got.Y != 60 {
		t.Errorf("the overlay is %v, the photo 80×60", got)
	}
}

func TestExplainAsJSON(t *testing.T) {
	line := done(t, "explain", "-m", resnet(t), drawn(t, 80, 60), "--json", "--class", "#7", "--top", "2")
	if !strings.HasPrefix(line, `{"schema":"megl-edge/explain/1","file":`) || strings.Count(line, "\n") != 1 {
		t.Errorf("the line is %q", line)
	}
	r := decoded[explainResult](t, line)
	if r.Class != "class 7" || len(r.Top) != 2 || r.Map.Height != 8 || r.Map.Width != 8 || len(r.Map.Values) != 64 {
		t.Errorf("the result is %+v", r)
	}
	if r.Region != (regionJSON{10, 0, 60, 60}) {
		t.Errorf("the region is %+v, want the middle 60×60 of 80×60", r.Region)
	}
	if r.Timing != nil || r.Overlay != "" || strings.Contains(line, "level") || strings.Contains(line, "threads") {
		t.Errorf("the line tells of this machine: %q", line)
	}
}

func TestTimingIsAddedWhenAsked(t *testing.T) {
	m, photo := resnet(t), drawn(t, 40, 40)
	for _, command := range []string{"classify", "explain"} {
		r := decoded[classifyResult](t, done(t, command, "-m", m, photo, "--json", "--timing", "--threads", "2"))
		if r.Timing == nil || r.Timing.Threads != 2 || r.Timing.Level == "" {
			t.Errorf("%s: timing is %+v", command, r.Timing)
		}
	}
}

func TestSeveralPhotosAndABadOne(t *testing.T) {
	m, good := resnet(t), drawn(t, 40, 40)
	bad := written(t, "bad.jpg", []byte("\xff\xd8\xff\xe0 not much of a photo"))
	o := megl(t, "classify", "-m", m, "--json", good, bad, good)
	if o.status != statusUsage || strings.Count(o.out, "\n") != 2 {
		t.Errorf("status %d, printed %q", o.status, o.out)
	}
	if !strings.Contains(o.err, "bad.jpg") || !strings.Contains(o.err, "1 of 3 photos") || strings.Count(o.err, "\n") != 2 {
		t.Errorf("messages are %q", o.err)
	}
}

// bigPNG is a PNG of a hundred bytes that claims 50 gigapixels.
func bigPNG() []byte {
	header := []byte("IHDR\x00\x03\x0d\x40\x00\x03\x0d\x40\x08\x02\x00\x00\x00") // 200000×200000, RGB
	data := []byte("\x89PNG\r\n\x1a\n\x00\x00\x00\x0d")
	data = append(data, header...)
	data = binary.BigEndian.AppendUint32(data, crc32.ChecksumIEEE(header))
	return append(data, make([]byte, 60)...)
}

func TestBadPhotos(t *testing.T) {
	m, folder := resnet(t), t.TempDir()
	output := filepath.Join(folder, "why.png")
	jpeg, err := os.ReadFile(shared(t, "data", "imagenet_sample", "n01440764_tench.JPEG"))
	if err != nil {
		t.Fatal(err)
	}
	for phrase, photo := range map[string]string{
		"no such file":  filepath.Join(folder, "absent.jpg"),
		"directory":     folder,
		"not an image":  written(t, "text.jpg", []byte("this is no photo, whatever its name says")),
		"truncated":     written(t, "cut.jpg", jpeg[:len(jpeg)/2]),
		"200000x200000": written(t, "big.png", bigPNG()),
		"is empty":      written(t, "empty.jpg", nil),
		"HEIC":          written(t, "phone.heic", []byte("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic")),
	} {
		refused(t, phrase, "explain", "-m", m, photo, "-o", output)
		refused(t, phrase, "classify", "-m", m, photo, "--json")
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("bad photos left %v behind (%v)", entries, err)
	}
}

func TestBadNetworks(t *testing.T) {
	folder := t.TempDir()
	output := filepath.Join(folder, "m.megl")
	whole, err := os.ReadFile(shared(t, "models", "mlperf_tiny_resnet8_cifar10_int8.tflite"))
	if err != nil {
		t.Fatal(err)
	}
	random := make([]byte, 5000)
	for i := range random {
		random[i] = byte(i * i * 31 >> 2)
	}
	marked := append([]byte{}, random...)
	copy(marked[4:], "TFL3")
	for name, data := range map[string][]byte{
		"cut.tflite": whole[:len(whole)/2], "short.tflite": whole[:20], "random.tflite": random, "marked.tflite": marked,
	} {
		refused(t, name, "import", written(t, name, data), "-o", output)
	}
	if entries, err := os.ReadDir(folder); err != nil || len(entries) != 0 {
		t.Errorf("bad networks left %v behind (%v)", entries, err)
	}
}

func TestOverlayNames(t *testing.T) {
	m, photo := resnet(t), drawn(t, 40, 40)
	folder := t.TempDir()
	done(t, "explain", "-m", m, photo, "-o", folder)
	if _, err := os.Stat(filepath.Join(folder, "drawn.explained.png")); err != nil {
		t.Error(err)
	}
	refused(t, "would both be", "explain", "-m", m, photo, drawn(t, 30, 30), "-o", folder)
	refused(t, "must be a folder", "explain", "-m", m, photo, photo, "-o", filepath.Join(folder, "x.png"))
	refused(t, "name it with .png", "explain", "-m", m, photo, "-o", filepath.Join(folder, "x.jpg"))
	refused(t, "nearest names are", "explain", "-m", m, photo, "--class", "clas 3", "-o", folder)
}

// A folder that does not exist is the work failing, not a wrong use.
func TestOverlayThatCannotBeWritten(t *testing.T) {
	o := megl(t, "explain", "-m", resnet(t), drawn(t, 40, 40), "-o", filepath.Join(t.TempDir(), "absent", "x.png"))
	if o.status != statusFailed || !strings.Contains(o.err, "absent") {
		t.Errorf("status %d: %q", o.status, o.err)
	}
}

func TestModelFromEnvironment(t *testing.T) {
	t.Setenv("MEGL_MODEL", resnet(t))
	done(t, "classify", drawn(t, 40, 40))
}

func TestInspect(t *testing.T) {
	m := resnet(t)
	r := decoded[inspectResult](t, done(t, "inspect", m, "--json"))
	// 12.5 million multiply-accumulates is what MLPerf Tiny states for ResNet-8.
	if r.MACs < 12_400_000 || r.MACs > 12_700_000 || r.MACsInt8 < r.MACs*99/100 {
		t.Errorf("%d MACs, %d of them int8", r.MACs, r.MACsInt8)
	}
	if r.Parameters < 77_000 || r.Parameters > 80_000 || r.Memory.Values >= r.Memory.ValuesUnplaced {
		t.Errorf("%d parameters, memory %+v", r.Parameters, r.Memory)
	}
	text := done(t, "inspect", m)
	for _, phrase := range []string{"convolution 3×3 int8", "I8[1×8×8×64]", "heat map of   model/activation_6/Relu", "quant_conv+quant_add"} {
		if !strings.Contains(text, phrase) {
			t.Errorf("inspect does not print %q:\n%s", phrase, text)
		}
	}
}

func TestBench(t *testing.T) {
	r := decoded[benchResult](t, done(t, "bench", resnet(t), "--runs", "3", "--threads", "1", "--json"))
	if r.MedianMS <= 0 || r.P10MS > r.MedianMS || r.MedianMS > r.P90MS || r.Threads != 1 || r.MapShare == nil {
		t.Errorf("bench says %+v", r)
	}
}

func TestImportNotesWhatItAssumed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "m.megl")
	source := shared(t, "models", "mlperf_tiny_resnet8_cifar10_float.tflite")
	r := decoded[importResult](t, done(t, "import", source, "-o", path, "--json"))
	if len(r.Notes) != 2 || r.Preprocess.Mean[0] != 127.5 {
		t.Errorf("import says %+v", r)
	}
	r = decoded[importResult](t, done(t, "import", source, "-o", path, "--mean", "0", "--std", "1", "--json"))
	if len(r.Notes) != 1 || r.Preprocess.Mean[0] != 0 || r.Preprocess.Std[0] != 1 {
		t.Errorf("with --mean and --std import says %+v", r)
	}
	refused(t, "has 2 labels, the model has 10 classes", "import", source, "-o", path, "--labels", written(t, "l.txt", []byte("a\nb\n")))
	refused(t, `no layer "nowhere"`, "import", source, "-o", path, "--target-layer", "nowhere")
}

func TestEarlierTargetLayer(t *testing.T) {
	m := imported(t, "mlperf_tiny_resnet8_cifar10_int8.tflite", "--target-layer", "model/activation_4/Relu")
	r := decoded[explainResult](t, done(t, "explain", "-m", m, drawn(t, 32, 32), "--json"))
	if r.Map.Height != 16 || r.Map.Width != 16 || !r.Evidence {
		t.Errorf("map %d×%d, evidence %v", r.Map.Height, r.Map.Width, r.Evidence)
	}
}

// A model that was changed by one byte, or cut, is refused.
func TestDamagedModel(t *testing.T) {
	path := resnet(t)
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	damaged := append([]byte{}, data...)
	damaged[len(damaged)-1] ^= 1
	refused(t, "do not match their checksum", "inspect", written(t, "m.megl", damaged))
	refused(t, "m.megl", "inspect", written(t, "m.megl", data[:len(data)/2]))
	newer := strings.Replace(string(data), `megl-edge/2`, `megl-edge/3`, 1)
	refused(t, model.ErrNewer.Error(), "inspect", written(t, "m.megl", []byte(newer)))
}
