package train_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/kernels/asm"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/tflite"
	"megl-edge/runtime/vision"
	"megl-edge/train"
	"megl-edge/train/loss"
	"megl-edge/train/optim"
)

// golden has the SHA-256 of all weights after two and after ten steps: one
// constant for every processor, level and number of threads. A change here is a
// change of results, to be named in the changelog.
var golden = map[string]struct{ two, ten string }{
	"MobileNetV2": {
		"414c507a35a4e4c2b4c5ec9fe75ec40338cb0f92143710a186e63519d7574543",
		"159e21b5217fbb4d5e7f557ca71c3fbba5e25e417c3b85231d3839f1803d64a7",
	},
	"ResNet-18": {
		"1f13771622fdb843aea5d9e32c78be6a802b06d29843e67c0cf59bce5228a0af",
		"70ec4575867aa3a65ce01b306de0699e5de019a8410ddc126ba82a7cd2b757c7",
	},
	"ViT-Tiny": {
		"c3e819fefba22d07edcce5a41fd8cd03584f6e78480b5b78c84f12ef582e2ad0",
		"bd97065799b4ce923a1fe8bf13772e795a9a80dfada004f154e8456333de3363",
	},
}

// Where kernels are not in assembly, or the processor is emulated, ten steps
// take too long: two show the same.
func manySteps() bool {
	level, _ := asm.Current()
	return runtime.GOARCH == "amd64" && level != asm.Ref
}

// Training with the heat maps in the loss gives the same weights everywhere.
func TestGoldenWeights(t *testing.T) {
	for name, build := range map[string]func(*testing.T) (*model.Model, string){
		"MobileNetV2": mobileNetV2, "ResNet-18": resNet18, "ViT-Tiny": vitTiny,
	} {
		t.Run(name, func(t *testing.T) {
			m, target := build(t)
			steps, want := 2, golden[name].two
			if manySteps() {
				steps = 10
			}
			for _, threads := range []int{1, 2, 7} {
				two, last := weightsAfter(t, m, target, steps, threads)
				if two != want {
					t.Errorf("%d threads: after two steps %s, want %s", threads, two, want)
				}
				if steps == 10 && last != golden[name].ten {
					t.Errorf("%d threads: after ten steps %s, want %s", threads, last, golden[name].ten)
				}
			}
		})
	}
}

// weightsAfter trains on two photos of noise, one with a mask and one without, and
// returns the hash of the weights after two steps and after the last.
func weightsAfter(t *testing.T, m *model.Model, target string, steps, threads int) (two, last string) {
	t.Helper()
	n, err := train.Prepare(m, train.Settings{Side: 32, Target: target})
	if err != nil {
		t.Fatal(err)
	}
	losses := loss.Losses{Visual: loss.L1, LambdaVisual: 1, Consistency: true}
	s, err := train.NewStepper(n, train.StepOptions{Batch: 2, Losses: losses, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	batch := randomBatch(n, 2)
	batch.MaskWeight[1] = 0
	batch.PriorShare = []float32{0, 0.5}
	batch.Prior = make([]float32, 2*n.Height*n.Width)
	for i := range batch.Prior {
		batch.Prior[i] = 1 / float32(n.Height*n.Width)
	}
	optimizer, err := optim.New("adamw", 0.02)
	if err != nil {
		t.Fatal(err)
	}
	for step := range steps {
		terms, err := s.Run(batch)
		if err != nil {
			t.Fatal(err)
		}
		norm, damaged := optim.Norm(s.Parameters)
		if damaged >= 0 || terms.Visual == 0 || terms.Consistency == 0 {
			t.Fatalf("step %d: loss %+v, damaged gradient %d", step+1, terms, damaged)
		}
		if norm > 5 {
			optim.Scale(s.Parameters, float32(5/norm))
		}
		optimizer.Step(1e-4, s.Parameters)
		if step == 1 {
			two = weightSum(s, n)
		}
	}
	return two, weightSum(s, n)
}

func weightSum(s *train.Stepper, n *train.Network) string {
	s.Store(n)
	sum := sha256.New()
	for _, w := range n.Weights() {
		sum.Write(w.Value.Data)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// explained makes a model of a network whose output is class scores.
func explained(t *testing.T, g *graph.Graph, side int) *model.Model {
	t.Helper()
	attached, target, err := gradcam.Attach(g, "")
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{
		Graph: attached, TargetLayer: target,
		Preprocess: vision.Preprocess{Width: side, Height: side, Mode: vision.CropStretch, Crop: 1, Filter: vision.Bilinear, Std: [3]float32{1, 1, 1}},
	}
	for i := range m.Classes() {
		m.Labels = append(m.Labels, fmt.Sprint("class ", i))
	}
	return m
}

// mobileNetV2 is the real int8 one; its maps are of a layer in its middle, which
// has 4×4 places for photos of 32 pixels.
func mobileNetV2(t *testing.T) (*model.Model, string) {
	shared := os.Getenv("MEGL_SHARED")
	if shared == "" {
		t.Skip("MEGL_SHARED is not set: no real network to train")
	}
	if !filepath.IsAbs(shared) {
		shared = filepath.Join("..", shared) // relative to the top folder
	}
	data, err := os.ReadFile(filepath.Join(shared, "models", "tf2_mobilenet_v2_1.0_224_ptq.tflite"))
	if err != nil {
		t.Fatal(err)
	}
	imported, err := tflite.Import(data, tflite.Options{})
	if err != nil {
		t.Fatal(err)
	}
	target := ""
	for _, n := range imported.Graph.Nodes() {
		if n.Op == graph.OpQuantConv && n.Type.Shape[1] == 28 {
			target = n.Name
		}
	}
	return explained(t, imported.Graph, 224), target
}

// spread is the bound of uniform weights that keep the size of what goes through
// them.
func spread(inputs int) float32 { return float32(math.Sqrt(3 / float64(inputs))) }

// resNet18 has the layers of ResNet-18 (He et al., 2015) at a quarter of its
// width, batch normalisation folded, and weights from a seed.
func resNet18(t *testing.T) (*model.Model, string) {
	var s source = 18
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 32, 32, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	conv := func(name string, x graph.ID, channels, size, stride int) graph.ID {
		in := b.Shape(x)[3]
		return b.Apply(graph.OpConv, name, square(stride, size/2, 1), x,
			s.weights(b, name+"/w", spread(size*size*in), channels, size, size, in), s.weights(b, name+"/b", 0.1, channels))
	}
	relu := func(name string, x graph.ID) graph.ID { return b.Apply(graph.OpClamp, name, graph.ReLU, x) }
	x = relu("stem", conv("stem/conv", x, 16, 7, 2))
	x = b.Apply(graph.OpMaxPool, "pool", graph.Pool{Kernel: graph.HW{3, 3}, Stride: graph.HW{2, 2}, Pad: graph.Sides{1, 1, 1, 1}}, x)
	for stage, channels := range []int{16, 32, 64, 128} {
		for block := range 2 {
			name := fmt.Sprintf("layer%d.%d", stage+1, block)
			stride, shortcut := 1, x
			if stage > 0 && block == 0 {
				stride = 2
				shortcut = conv(name+"/shortcut", x, channels, 1, 2)
			}
			y := relu(name+"/relu", conv(name+"/1", x, channels, 3, stride))
			x = relu(name, b.Add(shortcut, conv(name+"/2", y, channels, 3, 1)))
		}
	}
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}}, x)
	b.Output("scores", b.Apply(graph.OpLinear, "scores", nil, x, s.weights(b, "head/w", spread(128), 10, 128), s.weights(b, "head/b", 0.1, 10)))
	return finished(t, b), "layer2.1"
}

func finished(t *testing.T, b *graph.Builder) *model.Model {
	t.Helper()
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return explained(t, g, 32)
}

// vitTiny has the layers of ViT-Tiny (Touvron et al., 2021), for photos of four
// patches, with weights from a seed.
func vitTiny(t *testing.T) (*model.Model, string) {
	const width, heads, tokens, depth = 192, 3, 5, 12
	var s source = 192
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 32, 32, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	patch := graph.Conv{Stride: graph.HW{16, 16}, Dilation: graph.HW{1, 1}, Groups: 1}
	x = b.Apply(graph.OpConv, "patches", patch, x, s.weights(b, "patches/w", spread(16*16*3), width, 16, 16, 3), s.weights(b, "patches/b", 0.1, width))
	x = b.Reshape(x, tensor.Shape{1, tokens - 1, width})
	x = b.Apply(graph.OpConcat, "", graph.Axis{Axis: 1}, s.weights(b, "class token", 0.1, 1, 1, width), x)
	x = b.Add(x, s.weights(b, "position", 0.1, 1, tokens, width))
	norm := func(name string, x graph.ID) graph.ID {
		return b.Apply(graph.OpLayerNorm, name, graph.LayerNorm{Epsilon: 1e-6}, x, s.weights(b, name+"/scale", 1, width), s.weights(b, name+"/offset", 0.1, width))
	}
	linear := func(name string, x graph.ID, n int) graph.ID {
		k := b.Shape(x)[2]
		y := b.Apply(graph.OpLinear, name, nil, b.Reshape(x, tensor.Shape{tokens, k}), s.weights(b, name+"/w", spread(k), n, k), s.weights(b, name+"/b", 0.1, n))
		return b.Reshape(y, tensor.Shape{1, tokens, n})
	}
	split := func(name string, x graph.ID) graph.ID {
		y := b.Reshape(linear(name, x, width), tensor.Shape{1, tokens, heads, width / heads})
		return b.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, y)
	}
	for i := range depth {
		name := fmt.Sprintf("block%d", i)
		y := norm(name+"/norm1", x)
		scores := b.Apply(graph.OpMatMul, "", graph.MatMul{TransposeB: true}, split(name+"/q", y), split(name+"/k", y))
		scores = b.Mul(scores, b.Scalar(0.125)) // 1/√64
		y = b.Apply(graph.OpMatMul, "", graph.MatMul{}, b.Apply(graph.OpSoftmax, name+"/attention", nil, scores), split(name+"/v", y))
		y = b.Reshape(b.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, y), tensor.Shape{1, tokens, width})
		x = b.Add(x, linear(name+"/out", y, width))
		y = b.Apply(graph.OpGelu, "", nil, linear(name+"/mlp1", norm(name+"/norm2", x), 4*width))
		x = b.Add(x, linear(name+"/mlp2", y, width))
	}
	x = b.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0, 0}, Size: tensor.Shape{1, 1, width}}, norm("norm", x))
	x = b.Reshape(x, tensor.Shape{1, width})
	b.Output("scores", b.Apply(graph.OpLinear, "scores", nil, x, s.weights(b, "head/w", spread(width), 10, width), s.weights(b, "head/b", 0.1, 10)))
	return finished(t, b), ""
}
