package model_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	goruntime "runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/model/safetensors"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// small returns a model that looks at 2×2 photos and knows three classes.
func small(t testing.TB) *model.Model {
	t.Helper()
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 2, 2, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{1, 2, 3}, Std: []float32{4, 5, 6}}, x)
	weights := make([]float32, 36)
	for i := range weights {
		weights[i] = float32(i) / 8
	}
	w := b.Constant("weights", tensor.Must(tensor.Of(tensor.Shape{3, 12}, weights)))
	x = b.Apply(graph.OpLinear, "head", nil, b.Reshape(x, tensor.Shape{1, 12}), w)
	b.Output(model.LogitsOutput, x)
	b.Output(model.ProbabilitiesOutput, b.Apply(graph.OpSoftmax, "", nil, x))
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return &model.Model{
		Graph: g, Labels: []string{"cat", "dog", "鳥"},
		Preprocess: vision.Preprocess{
			Width: 2, Height: 2, Mode: vision.ShorterSide, Shorter: 2, Filter: vision.Bilinear,
			Mean: [3]float32{1, 2, 3}, Std: [3]float32{4, 5, 6},
		},
		Provenance: model.Provenance{Source: "small.tflite", Note: "made by a test"},
		Metrics:    map[string]float64{"accuracy": 0.875, "mean_iou": 1. / 3},
		Vocabulary: `{"tokens":["鳥"]}`,
	}
}

func encoded(t testing.TB, m *model.Model) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := m.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestRoundTrip(t *testing.T) {
	path := filepath.Join(t.TempDir(), "small.megl")
	want := small(t)
	if err := want.Save(path); err != nil {
		t.Fatal(err)
	}
	got, err := model.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	defer got.Close()
	if fmt.Sprint(got.Labels, got.Preprocess, got.Provenance, got.TargetLayer, got.Vocabulary, got.Metrics) != fmt.Sprint(want.Labels, want.Preprocess, want.Provenance, want.TargetLayer, want.Vocabulary, want.Metrics) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if !bytes.Equal(encoded(t, got), encoded(t, want)) {
		t.Error("a loaded model is written with other bytes")
	}
	if got.Classes() != 3 {
		t.Errorf("%d classes", got.Classes())
	}
}

// Files that were written before there were metrics and priors have none.
func TestFileWithoutMetrics(t *testing.T) {
	m, err := model.Parse(container(t, func(metadata map[string]string) { delete(metadata, "metrics") }))
	if err != nil || m.Metrics != nil || m.Prior != nil {
		t.Errorf("%+v: %v", m, err)
	}
}

// A model without heat map has no prior for one.
func TestPriorWithoutHeatMap(t *testing.T) {
	bad := container(t, func(metadata map[string]string) { metadata["prior"] = `{"height":1,"width":1,"all":[1]}` })
	if _, err := model.Parse(bad); err == nil || !strings.Contains(err.Error(), "no heat map") {
		t.Errorf("%v", err)
	}
}

func TestWritingIsDeterministic(t *testing.T) {
	if !bytes.Equal(encoded(t, small(t)), encoded(t, small(t))) {
		t.Error("the same model gives other bytes")
	}
}

// container returns the bytes of a container with changed metadata, which no checksum
// covers, as in files of version 1.
func container(t testing.TB, change func(metadata map[string]string)) []byte {
	t.Helper()
	f, err := safetensors.Parse(encoded(t, small(t)))
	if err != nil {
		t.Fatal(err)
	}
	metadata := f.Metadata()
	metadata["format"] = "megl-edge/1"
	delete(metadata, "header_sha256")
	change(metadata)
	var entries []safetensors.Entry
	for _, name := range f.Names() {
		value, err := f.Tensor(name)
		if err != nil {
			t.Fatal(err)
		}
		entries = append(entries, safetensors.Entry{Name: name, Tensor: value})
	}
	var b bytes.Buffer
	if err := safetensors.Write(&b, metadata, entries); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBadModels(t *testing.T) {
	set := func(key, value string) func(map[string]string) {
		return func(m map[string]string) { m[key] = value }
	}
	replaced := func(key, old, new string) func(map[string]string) {
		return func(m map[string]string) {
			if !strings.Contains(m[key], old) {
				t.Fatalf("%s does not hold %q: %s", key, old, m[key])
			}
			m[key] = strings.Replace(m[key], old, new, 1)
		}
	}
	for name, c := range map[string]struct {
		change func(map[string]string)
		phrase string
	}{
		"no format":          {func(m map[string]string) { delete(m, "format") }, "not a megl-edge model"},
		"other format":       {set("format", "pt"), "not a megl-edge model"},
		"version 0":          {set("format", "megl-edge/0"), "unknown format"},
		"version text":       {set("format", "megl-edge/x"), "unknown format"},
		"newer":              {set("format", "megl-edge/3"), "update this program"},
		"checksum":           {set("sha256", strings.Repeat("0", 64)), "checksum"},
		"no graph":           {set("graph", ""), "graph"},
		"graph of nothing":   {set("graph", `{"nodes":[],"outputs":[]}`), "no outputs"},
		"graph, more fields": {replaced("graph", `{"nodes"`, `{"extra":1,"nodes"`), "extra"},
		"no logits":          {replaced("graph", `"name":"logits"`, `"name":"scores"`), `no output "logits"`},
		"unknown op":         {replaced("graph", `"op":"linear"`, `"op":"linea"`), `"linea"`},
		"no such tensor":     {replaced("graph", `"tensor":"weights"`, `"tensor":"weight"`), "weight"},
		"tensor's shape":     {replaced("graph", `"shape":[3,12]`, `"shape":[4,9]`), "weights"},
		"no preprocess":      {set("preprocess", ""), "preprocess"},
		"input size":         {replaced("preprocess", `"width":2`, `"width":1`), "image"},
		"labels, too few":    {set("labels", `["cat","dog"]`), "2 labels for 3 classes"},
		"labels, empty":      {set("labels", `["cat","dog",""]`), "label 2"},
		"labels, control":    {set("labels", `["cat","dog","\u001b[2J"]`), "cannot be printed"},
		"labels, long":       {set("labels", `["cat","dog","`+strings.Repeat("x", 2000)+`"]`), "2000 bytes"},
		"vocabulary":         {set("vocabulary", `{`), "vocabulary"},
		"labels, number":     {set("labels", `3`), "labels"},
		"provenance":         {set("provenance", `{"who":1}`), "provenance"},
		"target layer":       {set("target_layer", "head"), `no input "class"`},
	} {
		_, err := model.Parse(container(t, c.change))
		if err == nil || !strings.Contains(err.Error(), c.phrase) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v, want one line with %q", name, err, c.phrase)
		}
	}
	if _, err := model.Parse(container(t, set("format", "megl-edge/99"))); !errors.Is(err, model.ErrNewer) {
		t.Errorf("a newer format gives %v, want ErrNewer", err)
	}
	if _, err := model.Parse(container(t, func(map[string]string) {})); err != nil {
		t.Errorf("the unchanged container: %v", err)
	}
}

// Keys that a later minor version adds are left alone.
func TestUnknownMetadataIsIgnored(t *testing.T) {
	if _, err := model.Parse(container(t, func(m map[string]string) { m["later"] = "later" })); err != nil {
		t.Error(err)
	}
}

// A graph that claims to need far more memory than its file is refused when it
// is compiled, before the memory is taken.
func TestClaimsDoNotAllocate(t *testing.T) {
	data := container(t, func(m map[string]string) {
		var g map[string]any
		if err := json.Unmarshal([]byte(m["graph"]), &g); err != nil {
			t.Fatal(err)
		}
		nodes := g["nodes"].([]any)
		for range 20 {
			nodes = append(nodes, map[string]any{
				"op": "broadcast", "name": fmt.Sprint("huge", len(nodes)), "inputs": []int{len(nodes) - 1},
				"attributes": map[string]any{"shape": []int{100, 1000, 1000, 1, 3}},
			})
		}
		g["nodes"] = nodes
		g["outputs"] = append(g["outputs"].([]any), map[string]any{"name": "huge", "node": len(nodes) - 1})
		text, err := json.Marshal(g)
		if err != nil {
			t.Fatal(err)
		}
		m["graph"] = string(text)
	})
	var before, after goruntime.MemStats
	goruntime.ReadMemStats(&before)
	m, err := model.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	_, err = runtime.Compile(m.Graph, runtime.Options{})
	goruntime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "limit") {
		t.Fatalf("got %v, want an error on the limit", err)
	}
	if taken := after.TotalAlloc - before.TotalAlloc; taken > 8<<20 {
		t.Errorf("%d bytes were allocated for a file of %d", taken, len(data))
	}
}

// A file that differs in any one bit is refused, or says the same.
func TestTamperedByte(t *testing.T) {
	whole := encoded(t, small(t))
	for i := range whole {
		for bit := range 8 {
			whole[i] ^= 1 << bit
			if m, err := model.Parse(whole); err == nil && !bytes.Equal(encoded(t, m), encoded(t, small(t))) {
				t.Errorf("byte %d, bit %d: the change is not seen", i, bit)
			}
			whole[i] ^= 1 << bit
		}
	}
	unsummed := container(t, func(metadata map[string]string) { metadata["format"] = "megl-edge/2" })
	if _, err := model.Parse(unsummed); err == nil || !strings.Contains(err.Error(), "checksum") {
		t.Errorf("version 2 without a checksum of the header: %v", err)
	}
}

// FuzzParse mutates the metadata of a model: whatever is accepted compiles, or
// is refused, within a small memory, and runs without a panic.
func FuzzParse(f *testing.F) {
	whole := small(f)
	nodes, _, err := graph.Encode(whole.Graph)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(nodes)
	f.Add([]byte(`{"nodes":[{"op":"input","name":"image","type":{"dtype":"U8","shape":[1,2,2,3]}}],"outputs":[{"name":"logits","node":0}]}`))
	f.Fuzz(func(t *testing.T, nodes []byte) {
		if !utf8.Valid(nodes) {
			return // no container can hold it
		}
		m, err := model.Parse(container(t, func(metadata map[string]string) { metadata["graph"] = string(nodes) }))
		if err != nil {
			return
		}
		plan, err := runtime.Compile(m.Graph, runtime.Options{MemoryLimit: 1 << 22})
		if err != nil {
			return
		}
		s := plan.NewSession(1)
		defer s.Close()
		s.Run()
	})
}
