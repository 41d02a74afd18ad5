package gradcam_test

import (
	"errors"
	"math"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/kernels/asm"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

const (
	side, channels, classes = 5, 6, 4
)

// values returns n numbers between −1 and 1, the same every time.
func values(n int, seed uint32) []float32 {
	out := make([]float32, n)
	for i := range out {
		seed = seed*1664525 + 1013904223
		out[i] = float32(int32(seed)>>16) / (1 << 15)
	}
	return out
}

func constant(b *graph.Builder, seed uint32, shape ...int) graph.ID {
	s := tensor.Shape(shape)
	return b.Constant("w", tensor.Must(tensor.Of(s, values(s.Elements(), seed))))
}

var pointwise = graph.Conv{Stride: [2]int{1, 1}, Dilation: [2]int{1, 1}, Groups: 1}

// floatClassifier is pixels, a 1×1 layer "early", a 3×3 layer "last", pooling
// and a linear head, with or without a softmax.
func floatClassifier(t testing.TB, softmax bool) *graph.Graph {
	return classifierOf(t, side, side, softmax)
}

// classifierOf is floatClassifier for images of the given size.
func classifierOf(t testing.TB, height, width int, softmax bool) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, height, width, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	x = b.Apply(graph.OpConv, "", pointwise, x, constant(b, 1, channels, 1, 1, 3), constant(b, 2, channels))
	x = b.Apply(graph.OpClamp, "early", graph.ReLU, x)
	same := pointwise
	same.Pad = [4]int{1, 1, 1, 1}
	x = b.Apply(graph.OpConv, "", same, x, constant(b, 3, channels, 3, 3, channels), constant(b, 4, channels))
	x = b.Apply(graph.OpClamp, "last", graph.ReLU, x)
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, x)
	x = b.Reshape(x, tensor.Shape{1, channels})
	x = b.Apply(graph.OpLinear, "scores", nil, x, constant(b, 5, classes, channels), constant(b, 6, classes))
	if softmax {
		x = b.Apply(graph.OpSoftmax, "", nil, x)
	}
	b.Output("output", x)
	return build(t, b)
}

func build(t testing.TB, b *graph.Builder) *graph.Graph {
	t.Helper()
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func attach(t testing.TB, g *graph.Graph, target string) (*graph.Graph, string) {
	t.Helper()
	return attachWith(t, g, target, gradcam.GradCAM)
}

func attachWith(t testing.TB, g *graph.Graph, target string, method gradcam.Method) (*graph.Graph, string) {
	t.Helper()
	explained, name, err := gradcam.AttachWith(g, target, method)
	if err != nil {
		t.Fatal(err)
	}
	return explained, name
}

// run computes all outputs of an explaining graph.
func run(t testing.TB, g *graph.Graph, class int32, pixels []uint8) map[string]tensor.Tensor {
	t.Helper()
	plan, err := runtime.Compile(g, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := plan.NewSession(2)
	defer s.Close()
	image, err := s.Input(model.ImageInput)
	if err != nil {
		t.Fatal(err)
	}
	copy(image.Data, pixels)
	asked, err := s.Input(model.ClassInput)
	if err != nil {
		t.Fatal(err)
	}
	tensor.Elements[int32](asked)[0] = class
	s.Run()
	results := map[string]tensor.Tensor{}
	for _, o := range g.Outputs() {
		if results[o.Name], err = s.Output(o.Name); err != nil {
			t.Fatal(err)
		}
	}
	return results
}

func photo() []uint8 {
	pixels := make([]uint8, side*side*3)
	for i := range pixels {
		pixels[i] = uint8(i * i * 7)
	}
	return pixels
}

func TestTargetLayerIsTheLastWithPositions(t *testing.T) {
	for _, softmax := range []bool{true, false} {
		if _, name := attach(t, floatClassifier(t, softmax), ""); name != "last" {
			t.Errorf("softmax %v: the target layer is %q, want last", softmax, name)
		}
	}
}

// Of a pooling-plus-linear head Grad-CAM is CAM: the class's weights on the
// channels of the target layer (Zhou et al., 2016).
func TestMapOfLinearHeadIsCAM(t *testing.T) {
	g := floatClassifier(t, true)
	explained, _ := attach(t, g, "")
	last, _ := explained.Find("last")
	b := graph.Extend(explained)
	b.Output("features", last)
	explained = build(t, b)
	weights := values(classes*channels, 5)
	for class := range int32(classes) {
		results := run(t, explained, class, photo())
		features := tensor.Elements[float32](results["features"])
		want := make([]float64, side*side)
		for p := range want {
			for c := range channels {
				want[p] += float64(weights[int(class)*channels+c]) / (side * side) * float64(features[p*channels+c])
			}
			want[p] = max(want[p], 0)
		}
		checkMap(t, tensor.Elements[float32](results[model.SaliencyOutput]), normalise(want))
	}
}

func normalise(heat []float64) []float64 {
	least, most := math.Inf(1), math.Inf(-1)
	for _, v := range heat {
		least, most = min(least, v), max(most, v)
	}
	out := make([]float64, len(heat))
	for i, v := range heat {
		out[i] = (v - least) / (most - least + 1e-7)
	}
	return out
}

func checkMap(t *testing.T, got []float32, want []float64) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("the map has %d cells, want %d", len(got), len(want))
	}
	for i := range got {
		if d := math.Abs(float64(got[i]) - want[i]); d > 1e-5 {
			t.Fatalf("cell %d is %v, want %v", i, got[i], want[i])
		}
	}
}

// The head's gradient becomes one row of the weights: no product with all of
// them, and nothing of the pooling's gradient is left.
func TestLinearHeadNeedsNoBackwardPass(t *testing.T) {
	for name, g := range map[string]*graph.Graph{"float": floatClassifier(t, true), "int8": int8Classifier(t)} {
		explained, _ := attach(t, g, "")
		for id, n := range explained.Nodes() {
			switch {
			case n.Op == graph.OpOneHot, n.Op == graph.OpBroadcast, n.Op == graph.OpConvInputGrad:
				t.Errorf("%s: node %d is a %s", name, id, n.Op)
			case n.Op == graph.OpDequantize && explained.Node(n.Inputs[0]).Op == graph.OpConstant:
				t.Errorf("%s: the weights %q are dequantized as a whole", name, explained.Node(n.Inputs[0]).Name)
			}
		}
	}
}

// An earlier target layer needs the gradient through the layers behind it: here
// compared with differences of the score.
func TestMapOfEarlierLayer(t *testing.T) {
	g := floatClassifier(t, true)
	explained, name := attach(t, g, "early")
	if name != "early" {
		t.Fatalf("target layer %q", name)
	}
	early, _ := explained.Find("early")
	b := graph.Extend(explained)
	b.Output("features", early)
	results := run(t, build(t, b), 2, photo())
	features := append([]float32{}, tensor.Elements[float32](results["features"])...)

	score := scoreAfterEarly(t)
	alpha := make([]float64, channels)
	const step = 1.0 / 64
	for i, v := range features {
		features[i] = v + step
		up := score(features)
		features[i] = v - step
		down := score(features)
		features[i] = v
		alpha[i%channels] += (up - down) / (2 * step) / (side * side)
	}
	want := make([]float64, side*side)
	for i, v := range features {
		want[i/channels] += alpha[i%channels] * float64(v)
	}
	for i := range want {
		want[i] = max(want[i], 0)
	}
	got, expected := tensor.Elements[float32](results[model.SaliencyOutput]), normalise(want)
	for i := range got {
		if d := math.Abs(float64(got[i]) - expected[i]); d > 0.05 {
			t.Errorf("cell %d is %v, differences give %v", i, got[i], expected[i])
		}
	}
}

// scoreAfterEarly returns the logit of class 2 as a function of layer early.
func scoreAfterEarly(t *testing.T) func([]float32) float64 {
	whole := floatClassifier(t, false)
	early, _ := whole.Find("early")
	tail, err := graph.Rewrite(whole, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Name == whole.Node(early).Name {
			return b.Input("features", n.Type)
		}
		return graph.None
	})
	if err != nil {
		t.Fatal(err)
	}
	plan, err := runtime.Compile(tail, runtime.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := plan.NewSession(1)
	t.Cleanup(s.Close)
	return func(features []float32) float64 {
		in, err := s.Input("features")
		if err != nil {
			t.Fatal(err)
		}
		copy(tensor.Elements[float32](in), features)
		s.Run()
		out, err := s.Output("output")
		if err != nil {
			t.Fatal(err)
		}
		return float64(tensor.Elements[float32](out)[2])
	}
}

func TestClassIsTheLikeliestUnlessAsked(t *testing.T) {
	explained, _ := attach(t, floatClassifier(t, true), "")
	automatic := run(t, explained, gradcam.Automatic, photo())
	logits := tensor.Elements[float32](automatic[model.LogitsOutput])
	best := 0
	for i, v := range logits {
		if v > logits[best] {
			best = i
		}
	}
	if got := tensor.Elements[int32](automatic[model.ClassOutput])[0]; int(got) != best {
		t.Errorf("explained class %d, the likeliest is %d", got, best)
	}
	asked := run(t, explained, 3, photo())
	if got := tensor.Elements[int32](asked[model.ClassOutput])[0]; got != 3 {
		t.Errorf("explained class %d, asked for 3", got)
	}
	for i, v := range tensor.Elements[float32](asked[model.LogitsOutput]) {
		if v != logits[i] {
			t.Errorf("logit %d depends on the class that is explained", i)
		}
	}
}

// int8Classifier is the int8 counterpart, with logits that saturate: the last
// one's bias is far beyond the int8 range.
func int8Classifier(t testing.TB) *graph.Graph {
	b := graph.NewBuilder()
	int8s := func(seed uint32, shape ...int) graph.ID {
		s := tensor.Shape(shape)
		q := make([]int8, s.Elements())
		for i, v := range values(len(q), seed) {
			q[i] = int8(v * 127)
		}
		scale := &tensor.Quantization{Axis: 0}
		for c := range shape[0] {
			scale.Scale = append(scale.Scale, 1./128+float32(c)/1024)
			scale.ZeroPoint = append(scale.ZeroPoint, 0)
		}
		return b.Constant("w", tensor.Must(tensor.Of(s, q)).WithQuant(scale))
	}
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, side, side, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{128, 128, 128}}, x)
	x = b.Apply(graph.OpQuantize, "", graph.QuantizedTo(1./128, 0), x)
	relu6 := graph.Quantized{Scale: 6. / 255, ZeroPoint: -128, Min: -128, Max: 127}
	x = b.Apply(graph.OpQuantConv, "last", graph.QuantConv{Conv: pointwise, Output: relu6}, x, int8s(1, channels, 1, 1, 3))
	x = b.Apply(graph.OpQuantMean, "", graph.QuantReduce{Reduce: graph.Reduce{Axes: []int{1, 2}, KeepDims: true}, Output: relu6}, x)
	x = b.Reshape(x, tensor.Shape{1, channels})
	bias := tensor.Must(tensor.Of(tensor.Shape{classes}, []int32{0, 0, 0, 1 << 20}))
	weights := int8s(5, classes, channels)
	q := &tensor.Quantization{Axis: 0, ZeroPoint: make([]int32, classes)}
	for _, scale := range b.Type(weights).Quant.Scale {
		q.Scale = append(q.Scale, relu6.Scale*scale)
	}
	x = b.Apply(graph.OpQuantLinear, "scores", graph.QuantizedTo(0.05, 0), x, weights, b.Constant("bias", bias.WithQuant(q)))
	x = b.Apply(graph.OpSoftmax, "", nil, b.Real(x))
	x = b.Apply(graph.OpQuantize, "", graph.QuantizedTo(1./256, -128), x)
	b.Output("output", x)
	return build(t, b)
}

// The forward pass of an int8 graph stays int8: what runs in float reads the
// target layer and the logits, and nothing before them.
func TestInt8StaysInt8(t *testing.T) {
	before, _ := attach(t, int8Classifier(t), "")
	for _, op := range []graph.Op{graph.OpConv, graph.OpLinear} {
		for id, n := range before.Nodes() {
			if n.Op == op {
				t.Errorf("node %d %q is a float %s", id, n.Name, op)
			}
		}
	}
}

// A logit at the end of the int8 range still has an explanation.
func TestSaturatedLogitHasAMap(t *testing.T) {
	explained, _ := attach(t, int8Classifier(t), "")
	results := run(t, explained, gradcam.Automatic, photo())
	if class := tensor.Elements[int32](results[model.ClassOutput])[0]; class != 3 {
		t.Fatalf("class %d is the likeliest, the test wants 3", class)
	}
	var most float32
	for _, v := range tensor.Elements[float32](results[model.SaliencyOutput]) {
		most = max(most, v)
	}
	if most < 0.99 {
		t.Errorf("the map's maximum is %v, want 1", most)
	}
}

func TestMapIsTheSameOnEveryLevel(t *testing.T) {
	for name, g := range map[string]*graph.Graph{"float": floatClassifier(t, true), "int8": int8Classifier(t)} {
		for _, method := range onImages() {
			explained, _ := attachWith(t, g, "", method)
			var want string
			for _, level := range asm.Levels() {
				restore := asm.Force(level)
				got := string(run(t, explained, gradcam.Automatic, photo())[model.SaliencyOutput].Data)
				restore()
				if want == "" {
					want = got
				}
				if got != want {
					t.Errorf("%s: level %v gives another map by %s", name, level, method)
				}
			}
		}
	}
}

func TestBadTargetIsNamed(t *testing.T) {
	for target, phrase := range map[string]string{
		"lst":    `there is no layer "lst"; those that keep positions are: "last"`,
		"scores": `layer "scores" has shape 1×4`,
	} {
		_, _, err := gradcam.Attach(floatClassifier(t, true), target)
		if err == nil || !strings.Contains(err.Error(), phrase) {
			t.Errorf("target %q: %v, want %q", target, err, phrase)
		}
	}
}

func TestNetworkWithoutPositions(t *testing.T) {
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 2, 2, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{0, 0, 0}, Std: []float32{1, 1, 1}}, x)
	x = b.Apply(graph.OpLinear, "", nil, b.Reshape(x, tensor.Shape{1, 12}), constant(b, 1, 3, 12))
	b.Output("output", x)
	g := build(t, b)
	if _, _, err := gradcam.Attach(g, ""); !errors.Is(err, gradcam.ErrNoTargetLayer) {
		t.Fatalf("got %v, want ErrNoTargetLayer", err)
	}
	scored, err := gradcam.AttachScores(g)
	if err != nil {
		t.Fatal(err)
	}
	if _, ok := scored.Output(model.ProbabilitiesOutput); !ok {
		t.Fatal("the scored graph has no probabilities")
	}
}
