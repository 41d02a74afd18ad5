package main

import (
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/runtime/onnx/proto"
)

// convolutional is an ONNX model with a 3×3 convolution of 8×8 pixels from three
// channels to three, and the mean.
func convolutional(t *testing.T) string {
	t.Helper()
	weights := make([]byte, 4*3*3*3*3)
	for i := range weights {
		weights[i] = byte(i%4/3) * 0x3e // 0.125
	}
	return written(t, "conv.onnx", onnxClassifier(func(g *proto.Graph) {
		g.Initializers = []proto.Tensor{{Name: "w", Type: proto.Float, Dims: []int64{3, 3, 3, 3}, Raw: weights}}
		conv := proto.Node{Op: "Conv", Inputs: []string{"x", "w"}, Outputs: []string{"c"}, Attributes: []proto.Attribute{
			{Name: "pads", Type: proto.AttributeInts, Ints: []int64{1, 1, 1, 1}},
		}}
		g.Nodes[0].Inputs[0] = "c"
		g.Nodes = append([]proto.Node{conv}, g.Nodes...)
	}))
}

func TestBenchLayersOfONNX(t *testing.T) {
	file := convolutional(t)
	r := decoded[benchResult](t, done(t, "bench", file, "--runs", "3", "--threads", "1", "--layers", "--json"))
	const macs = 8 * 8 * 3 * 3 * 3 * 3
	if r.Schema != "megl-edge/bench/1" || r.MACs != macs || r.MACsInt8 != 0 || r.GMACsPerS <= 0 || r.PeakShare <= 0 {
		t.Errorf("bench says %+v", r)
	}
	if len(r.Peaks) != 1 || r.Peaks[0].Type != "float32" || r.Peaks[0].GMACsPerS <= 0 || r.ReadGBPerS <= 0 {
		t.Errorf("peaks %+v, %v GB/s", r.Peaks, r.ReadGBPerS)
	}
	if r.Memory.Weights <= 0 || r.Memory.Values <= 0 || r.Memory.Values > r.Memory.ValuesUnplaced {
		t.Errorf("memory %+v", r.Memory)
	}
	checkLayers(t, r, len(r.Layers))
	for _, l := range r.Layers {
		if l.Op != "conv" {
			continue
		}
		// Image, weights and result, all float32.
		if want := 4 * (8*8*3 + 3*3*3*3 + 8*8*3); l.MACs != macs || l.Bytes != want || l.Bound == "" || l.PeakShare <= 0 {
			t.Errorf("the convolution is %+v, want %d bytes", l, want)
		}
	}
	if entries, err := os.ReadDir(filepath.Dir(file)); err != nil || len(entries) != 1 {
		t.Errorf("the folder of the model holds %v (%v)", entries, err)
	}
}

// checkLayers fails unless steps and kernels add up to the whole model.
func checkLayers(t *testing.T, r benchResult, steps int) {
	t.Helper()
	var share, kernelShare float64
	var macs, kernelMACs int64
	for _, l := range r.Layers {
		share += l.Share
		macs += l.MACs
		if l.Bytes <= 0 || l.MedianMS < 0 || (l.MACs > 0) != (l.Bound != "") || (l.MACs > 0) != (l.PeakShare > 0) {
			t.Errorf("step %+v", l)
		}
	}
	for i, k := range r.Kernels {
		steps -= k.Steps
		kernelShare += k.Share
		kernelMACs += k.MACs
		if i > 0 && k.MS > r.Kernels[i-1].MS || (k.MACs > 0) != (k.PeakShare > 0) {
			t.Errorf("kernel %+v", k)
		}
	}
	if steps != 0 || kernelMACs != r.MACs || math.Abs(kernelShare-1) > 1e-9 {
		t.Errorf("kernels have %d steps more or less, %d MACs of %d, share %v", steps, kernelMACs, r.MACs, kernelShare)
	}
	if len(r.Layers) == 0 || macs != r.MACs || math.Abs(share-1) > 1e-9 {
		t.Errorf("%d steps have %d MACs of %d, share %v", len(r.Layers), macs, r.MACs, share)
	}
}

func TestBenchOfKnownModel(t *testing.T) {
	m := resnet(t)
	r := decoded[benchResult](t, done(t, "bench", m, "--runs", "3", "--threads", "2", "--layers", "--parallel", "2", "--batch", "3", "--json"))
	inspected := decoded[inspectResult](t, done(t, "inspect", m, "--json"))
	// MLPerf Tiny states 12.5 million for ResNet-8.
	if r.MACs != 12_501_632 || r.MACsInt8 != r.MACs || r.Threads != 2 || r.Peaks[0].Type != "int8" {
		t.Errorf("bench says %+v", r)
	}
	if r.Memory.Weights > inspected.Memory.Weights || r.Memory.Values > inspected.Memory.Values {
		t.Errorf("memory %+v without the heat map, %+v with it", r.Memory, inspected.Memory)
	}
	if r.Batch == nil || r.Batch.Batch != 3 || r.Batch.ImagesPerS <= 0 {
		t.Errorf("in a batch %+v", r.Batch)
	}
	if r.Parallel == nil || r.Parallel.Sessions != 2 || r.Parallel.ImagesPerS <= 0 {
		t.Errorf("in parallel %+v", r.Parallel)
	}
	checkLayers(t, r, len(r.Layers))

	slowest := decoded[benchResult](t, done(t, "bench", m, "--runs", "3", "--slowest", "2", "--json"))
	if len(slowest.Layers) != 2 || slowest.Layers[0].MedianMS < slowest.Layers[1].MedianMS || slowest.StepsMS < slowest.Layers[0].MedianMS {
		t.Errorf("the slowest are %+v", slowest.Layers)
	}
}

func TestBenchText(t *testing.T) {
	text := done(t, "bench", convolutional(t), "--runs", "2", "--slowest", "1", "--parallel", "1")
	for _, phrase := range []string{"\nkernel ", "\nall ", "  rate ", "of the peak", "  peak ", "GMAC/s float32", "GB/s", "  memory ", "  parallel ", "photos/s"} {
		if !strings.Contains(text, phrase) {
			t.Errorf("bench does not print %q:\n%s", phrase, text)
		}
	}
	// Nothing is multiplied here, and nothing is said of a peak.
	sound := written(t, "mean.onnx", onnxClassifier(func(*proto.Graph) {}))
	if text := done(t, "bench", "model", sound, "--runs", "2"); strings.Contains(text, "GMAC/s") || strings.Contains(text, "layer ") {
		t.Errorf("without products it prints\n%s", text)
	}
}

func TestBenchRefuses(t *testing.T) {
	sound := onnxClassifier(func(*proto.Graph) {})
	file := written(t, "sound.onnx", sound)
	refused(t, "no such file", "bench", filepath.Join(t.TempDir(), "absent.onnx"))
	refused(t, "damaged.onnx", "bench", written(t, "damaged.onnx", sound[:len(sound)-3]))
	refused(t, "no safetensors file", "bench", written(t, "model.bin", sound))
	refused(t, `expected "<model>"`, "bench")
	refused(t, "--slowest -1", "bench", file, "--slowest=-1")
	refused(t, "--batch -1", "bench", file, "--batch=-1")
	refused(t, "--parallel 1000", "bench", file, "--parallel", "1000")
	refused(t, "--threads 1000", "bench", file, "--threads", "1000")
	refused(t, "--runs applies", "bench", "--runs", "2", "kernels")
	refused(t, "unexpected argument", "bench", "kernels", file)
	refused(t, "--filter: error parsing regexp", "bench", "kernels", "--filter", "(")
	refused(t, "no kernel has such a name", "bench", "kernels", "--filter", "no such kernel")
}

func TestBenchKernels(t *testing.T) {
	r := decoded[benchKernelsResult](t, done(t, "bench", "kernels", "--filter", "^add (int8|float32)", "--json"))
	level, _ := asm.Current()
	if r.Schema != "megl-edge/bench-kernels/1" || r.Level != level.String() || len(r.Kernels) != 2 {
		t.Errorf("bench kernels says %+v", r)
	}
	levels := asm.Levels()
	for _, k := range r.Kernels {
		if len(k.Rates) != len(levels) || k.Threads != 1 || k.Unit != "values/ns" || k.Shape == "" {
			t.Fatalf("kernel %+v", k)
		}
		for i, rate := range k.Rates {
			if rate.Level != levels[i].String() || rate.Rate <= 0 {
				t.Errorf("%s: rate %+v", k.Kernel, rate)
			}
		}
	}
	text := done(t, "bench", "kernels", "--filter", "^add int8")
	if !strings.Contains(text, level.String()+"*") || strings.Count(text, "\n") != 2 {
		t.Errorf("bench kernels prints\n%s", text)
	}
}
