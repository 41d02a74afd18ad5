package quant_test

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/quant"
	"megl-edge/quant/calibration"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

const side, classes = 16, 5

// source is a seeded stream of numbers (a linear congruential generator).
type source uint64

func (s *source) next() float32 {
	*s = *s*6364136223846793005 + 1442695040888963407
	return float32(int32(*s>>32)) / (1 << 31)
}

func (s *source) weights(b *graph.Builder, scale float32, shape ...int) graph.ID {
	values := make([]float32, tensor.Shape(shape).Elements())
	for i := range values {
		values[i] = scale * s.next()
	}
	return b.Constant("w", tensor.Must(tensor.Of(shape, values)))
}

func square(stride, pad, groups int) graph.Conv {
	return graph.Conv{Stride: graph.HW{stride, stride}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{pad, pad, pad, pad}, Groups: groups}
}

// floatModel is a classifier with a stem, a depthwise layer, a pointwise layer, a
// residual addition and a linear head. damage multiplies the weights of one
// channel of the layer named there by 1000, and the head makes up for it.
func floatModel(t testing.TB, damage string) *model.Model {
	t.Helper()
	var s source = 1
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, side, side, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	conv := func(name string, at graph.Conv, scale float32, shape ...int) {
		w := s.weights(b, scale, shape...)
		if name == damage {
			values := tensor.Elements[float32](*b.Node(w).Value)
			for i := range shape[1] * shape[2] * shape[3] {
				values[i] *= 1000
			}
		}
		x = b.Apply(graph.OpConv, name, at, x, w, s.weights(b, 0.1, shape[0]))
	}
	relu := func(r graph.Clamp) { x = b.Apply(graph.OpClamp, "relu", r, x) }
	conv("stem", square(2, 1, 1), 0.4, 8, 3, 3, 3)
	relu(graph.ReLU6)
	conv("depthwise", square(1, 1, 8), 0.5, 8, 3, 3, 1)
	relu(graph.ReLU)
	conv("expand", square(1, 0, 1), 0.5, 12, 1, 1, 8)
	relu(graph.ReLU)
	trunk := x
	conv("inner", square(1, 1, 1), 0.15, 12, 3, 3, 12)
	x = b.Apply(graph.OpAdd, "sum", nil, x, trunk)
	relu(graph.ReLU)
	x = b.Apply(graph.OpReduceMean, "pool", graph.Reduce{Axes: []int{1, 2}}, x)
	head := s.weights(b, 1, classes, 12)
	if damage != "" {
		values := tensor.Elements[float32](*b.Node(head).Value)
		for class := range classes {
			values[class*12] /= 1000
		}
	}
	x = b.Apply(graph.OpLinear, "scores", nil, x, head, s.weights(b, 0.1, classes))
	b.Output("output", x)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Labels: []string{"a", "b", "c", "d", "e"}, Preprocess: vision.Preprocess{
		Width: side, Height: side, Mode: vision.CropStretch, Crop: 1, Filter: vision.Bilinear, Std: [3]float32{1, 1, 1},
	}}
	if m.Graph, m.TargetLayer, err = gradcam.Attach(g, ""); err != nil {
		t.Fatal(err)
	}
	return m
}

// photo draws blobs; the same number draws the same.
func photo(number int) tensor.Tensor {
	pixels := make([]uint8, side*side*3)
	s := source(number + 99)
	cx, cy, r := s.next()*6+8, s.next()*6+8, s.next()*2+5
	for i := range side * side {
		dx, dy := float32(i%side)-cx, float32(i/side)-cy
		inside := dx*dx+dy*dy < r*r
		for c := range 3 {
			v := 128 + 60*s.next()
			if inside {
				v += float32(20 * ((number+c)%5 - 1))
			}
			pixels[3*i+c] = uint8(min(max(v, 0), 255))
		}
	}
	return tensor.Must(tensor.Of(tensor.Shape{1, side, side, 3}, pixels))
}

func photos(first, count int) quant.Photos {
	return func(yield func(tensor.Tensor, error) bool) {
		for i := range count {
			if !yield(photo(first+i), nil) {
				return
			}
		}
	}
}

func held(first, count int) []quant.Photo {
	var list []quant.Photo
	for i := range count {
		list = append(list, quant.Photo{Name: fmt.Sprint(i), Input: photo(first + i)})
	}
	return list
}

func calibrated(t testing.TB, m *model.Model) *quant.Calibration {
	t.Helper()
	c, err := quant.Calibrate(m, photos(0, 24), calibration.MSE)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestInt8ModelSaysTheSame(t *testing.T) {
	m := floatModel(t, "")
	c := calibrated(t, m)
	if got, want := c.Layers(), []string{"stem", "depthwise", "expand", "inner", "scores"}; !slices.Equal(got, want) {
		t.Fatalf("layers are %v, want %v", got, want)
	}
	q, err := c.Quantize()
	if err != nil {
		t.Fatal(err)
	}
	for op, want := range map[graph.Op]int{graph.OpQuantConv: 4, graph.OpConv: 0, graph.OpInt8Linear: 1, graph.OpQuantAdd: 1, graph.OpQuantMean: 1} {
		if n := count(forward(t, q), op); n != want {
			t.Errorf("%d %s ops, want %d", n, op, want)
		}
	}
	r, err := c.Compare(q, held(1000, 60), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Agreement < 0.95 || r.LogitsCosine < 0.998 || !r.HasMaps || r.MapIoU < 0.85 || r.MapCorrelation < 0.9 {
		t.Errorf("agreement %.3f, cosine %.5f, maps %.3f and %.3f", r.Agreement, r.LogitsCosine, r.MapIoU, r.MapCorrelation)
	}
	if len(r.Layers) != 5 || r.Photos != 60 || r.Calibration != 24 || r.Advice == "" || len(r.Examples) == 0 {
		t.Errorf("report is %+v", r)
	}
	for _, l := range r.Layers {
		if l.SignalToNoise < 15 || l.Cosine < 0.98 {
			t.Errorf("layer %s: %.1f dB, cosine %.4f", l.Name, l.SignalToNoise, l.Cosine)
		}
	}
}

// forward returns what computes the logits of a model.
func forward(t *testing.T, m *model.Model) *graph.Graph {
	t.Helper()
	id, _ := m.Graph.Output(model.LogitsOutput)
	b := graph.Extend(m.Graph)
	b.ClearOutputs()
	b.Output("logits", id)
	g, err := b.Build()
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func count(g *graph.Graph, op graph.Op) int {
	var roots []graph.ID
	for _, o := range g.Outputs() {
		roots = append(roots, o.Node)
	}
	needed, n := g.Ancestors(roots...), 0
	for id, node := range g.Nodes() {
		if needed[id] && node.Op == op {
			n++
		}
	}
	return n
}

func TestQuantizationIsReproducible(t *testing.T) {
	var files [2]bytes.Buffer
	for i := range files {
		q, err := calibrated(t, floatModel(t, "")).Quantize()
		if err != nil {
			t.Fatal(err)
		}
		if err := q.Write(&files[i]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(files[0].Bytes(), files[1].Bytes()) {
		t.Error("two runs give two files")
	}
}

func TestLayersStayFloat(t *testing.T) {
	c := calibrated(t, floatModel(t, ""))
	q, err := c.Quantize("expand", "scores")
	if err != nil {
		t.Fatal(err)
	}
	g := forward(t, q)
	if count(g, graph.OpConv) != 1 || count(g, graph.OpLinear) != 1 || count(g, graph.OpQuantConv) != 3 {
		t.Errorf("%d conv, %d linear, %d quant_conv", count(g, graph.OpConv), count(g, graph.OpLinear), count(g, graph.OpQuantConv))
	}
	if _, err := c.Quantize("nowhere"); err == nil || !strings.Contains(err.Error(), `no layer "nowhere"`) {
		t.Errorf("error is %v", err)
	}
}

// A channel a thousand times too large takes the scale of its layer's result: the
// report names the layer first, and it is the one that is kept float.
func TestDamagedLayerIsFound(t *testing.T) {
	c := calibrated(t, floatModel(t, "inner"))
	q, r, err := c.Auto(held(1000, 40), 0.99, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Layers[0].Name != "inner" || !r.Layers[0].Float {
		t.Errorf("layers are %+v, agreement %v", r.Layers, r.Agreement)
	}
	if r.Agreement < 0.99 {
		t.Errorf("agreement is %.3f", r.Agreement)
	}
	if count(forward(t, q), graph.OpQuantConv) == 0 {
		t.Error("no layer is int8")
	}
}

// With 7 bits every weight of a layer that gains from it stays within ±63, those
// of a depthwise layer do not, and the model still says the same.
func TestWeightBits(t *testing.T) {
	c := calibrated(t, floatModel(t, ""))
	c.WeightBits = 7
	q, err := c.Quantize()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int8{"stem": 63, "expand": 63, "depthwise": 127} {
		id, ok := q.Graph.Find(name)
		if !ok {
			t.Fatalf("layer %q is gone", name)
		}
		greatest := int8(0)
		for _, w := range tensor.Elements[int8](*q.Graph.Node(q.Graph.Node(id).Inputs[1]).Value) {
			greatest = max(greatest, w, -w)
		}
		if greatest != want {
			t.Errorf("the greatest weight of %q is %d, want %d", name, greatest, want)
		}
	}
	r, err := c.Compare(q, held(1000, 60), nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Agreement < 0.9 {
		t.Errorf("agreement is %.3f", r.Agreement)
	}
}

func TestWhatCannotBeQuantized(t *testing.T) {
	m := floatModel(t, "")
	q, err := calibrated(t, m).Quantize()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := quant.Calibrate(q, photos(0, 1), calibration.MinMax); !errors.Is(err, quant.ErrQuantized) {
		t.Errorf("of an int8 model: %v", err)
	}
	damaged := floatModel(t, "")
	for _, n := range damaged.Graph.Nodes() {
		if n.Op == graph.OpConstant && len(n.Type.Shape) == 4 {
			tensor.Elements[float32](*n.Value)[0] = float32(math.NaN())
		}
	}
	if _, err := quant.Calibrate(damaged, photos(0, 1), calibration.MinMax); err == nil || !strings.Contains(err.Error(), "not finite") {
		t.Errorf("of damaged weights: %v", err)
	}
	broken := errors.New("broken photo")
	_, err = quant.Calibrate(m, func(yield func(tensor.Tensor, error) bool) { yield(tensor.Tensor{}, broken) }, calibration.MinMax)
	if !errors.Is(err, broken) {
		t.Errorf("of a broken photo: %v", err)
	}
	if _, err := quant.Calibrate(m, photos(0, 0), calibration.MinMax); !errors.Is(err, quant.ErrNoPhotos) {
		t.Errorf("of no photos: %v", err)
	}
	small := tensor.Must(tensor.Of(tensor.Shape{1, 1, 1, 3}, make([]uint8, 3)))
	_, err = quant.Calibrate(m, func(yield func(tensor.Tensor, error) bool) { yield(small, nil) }, calibration.MinMax)
	if err == nil || !strings.Contains(err.Error(), "the model takes") {
		t.Errorf("of a photo of another size: %v", err)
	}
}

// Calibrating changes nothing of the float model that it was given.
func TestFloatModelStays(t *testing.T) {
	m := floatModel(t, "")
	before := logits(t, m, photo(3))
	if _, err := calibrated(t, m).Quantize(); err != nil {
		t.Fatal(err)
	}
	if after := logits(t, m, photo(3)); !slices.Equal(before, after) {
		t.Errorf("logits were %v, are %v", before, after)
	}
}

func logits(t *testing.T, m *model.Model, input tensor.Tensor) []float32 {
	t.Helper()
	p, err := runtime.Compile(m.Graph, runtime.Options{Outputs: []string{model.LogitsOutput}})
	if err != nil {
		t.Fatal(err)
	}
	s := p.NewSession(1)
	defer s.Close()
	image, err := s.Input(model.ImageInput)
	if err != nil {
		t.Fatal(err)
	}
	copy(image.Data, input.Data)
	s.Run()
	out, err := s.Output(model.LogitsOutput)
	if err != nil {
		t.Fatal(err)
	}
	values := slices.Clone(tensor.Elements[float32](out))
	for _, v := range values {
		if math.IsNaN(float64(v)) {
			t.Fatal("a logit is not a number")
		}
	}
	return values
}
