package tflite

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// real says what each of the real networks is.
var real = map[string]struct {
	size, classes int
	int8          bool
	labels        bool
}{
	"mlperf_tiny_resnet8_cifar10_float.tflite": {32, 10, false, false},
	"mlperf_tiny_resnet8_cifar10_int8.tflite":  {32, 10, true, false},
	"mobilenet_v1_0.25_224_float.tflite":       {224, 1001, false, false},
	"mobilenet_v2_1.0_224_quant.tflite":        {224, 1001, true, true},
	"tf2_mobilenet_v2_1.0_224_ptq.tflite":      {224, 1001, true, true},
	"vww_96_float.tflite":                      {96, 2, false, false},
	"vww_96_int8.tflite":                       {96, 2, true, false},
}

func TestRealNetworks(t *testing.T) {
	shared := os.Getenv("MEGL_SHARED")
	if shared == "" {
		t.Skip("MEGL_SHARED is not set: no real networks to import")
	}
	if !filepath.IsAbs(shared) {
		shared = filepath.Join("..", "..", shared) // relative to the top folder
	}
	files, err := filepath.Glob(filepath.Join(shared, "models", "*.tflite"))
	if err != nil || len(files) < len(real) {
		t.Fatalf("%d networks in %s, want %d: %v", len(files), shared, len(real), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) { checkRealNetwork(t, file) })
	}
}

func checkRealNetwork(t *testing.T, file string) {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m, err := Import(data, Options{})
	if err != nil {
		t.Fatal(err)
	}
	tryImport(t, data)
	want, known := real[filepath.Base(file)]
	if !known {
		t.Skip("nothing is known of this network, except that it can be imported")
	}
	if m.Width != want.size || m.Height != want.size {
		t.Errorf("photos are %d×%d, want %d", m.Width, m.Height, want.size)
	}
	id, _ := m.Graph.Output("output")
	if result := m.Graph.Node(id).Type; !result.Shape.Equal(tensor.Shape{1, want.classes}) || (result.DType == tensor.Int8) != want.int8 {
		t.Errorf("the output is %v, want %d classes, as int8: %v", result, want.classes, want.int8)
	}
	if (m.Labels != nil) != want.labels {
		t.Errorf("there are %d labels", len(m.Labels))
	}
	checkPooledHead(t, m.Graph)
	if want.int8 {
		checkStaysInt8(t, m.Graph)
	}
	if source := m.NormalizationSource; (source == FromQuantization) != want.int8 {
		t.Errorf("the normalisation is from %q", source)
	}
	for _, n := range m.Graph.Nodes() {
		if strings.ContainsAny(n.Name, ";\n") {
			t.Errorf("a node is named %q", n.Name)
		}
	}
}

// checkPooledHead fails unless the network ends in a mean and one linear layer,
// whichever way the file writes it.
func checkPooledHead(t *testing.T, g *graph.Graph) {
	t.Helper()
	count := map[graph.Op]int{}
	for _, n := range g.Nodes() {
		count[n.Op]++
	}
	if count[graph.OpReduceMean]+count[graph.OpQuantMean] != 1 || count[graph.OpLinear]+count[graph.OpQuantLinear] != 1 {
		t.Errorf("the ops are %v, want one mean and one linear layer", count)
	}
}

// checkStaysInt8 fails unless everything from the quantized image to the class
// scores is int8.
func checkStaysInt8(t *testing.T, g *graph.Graph) {
	t.Helper()
	head := false
	for _, n := range g.Nodes() {
		switch n.Op {
		case graph.OpInput, graph.OpConstant, graph.OpNormalize:
		case graph.OpDequantize:
			head = true
		default:
			if n.Type.DType != tensor.Int8 && !head {
				t.Errorf("%s %q before the head is %v", n.Op, n.Name, n.Type)
			}
		}
		if n.Op == graph.OpDequantize && len(n.Type.Shape) != 2 {
			t.Errorf("%q dequantizes %v, want only class scores", n.Name, n.Type)
		}
	}
}
