package tflite

import (
	"math"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// classifier is the smallest network: the mean of each channel.
func classifier(input fixtureTensor) *network {
	n := newNetwork(input)
	return n.scores(0)
}

func TestImageOfOneOrThreeChannels(t *testing.T) {
	for _, channels := range []int32{1, 3} {
		forEachKind(t, func(t *testing.T, kind elementType) {
			m, err := Import(classifier(image(kind, 1, 5, 7, channels)).bytes(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			if m.Height != 5 || m.Width != 7 {
				t.Errorf("the size is %d×%d, want 5×7", m.Height, m.Width)
			}
			in := found(t, m.Graph, "image")
			if want := (tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 5, 7, int(channels)}}); !in.Type.Equal(want) || in.Op != graph.OpInput {
				t.Errorf("the input is %v, want %v", in.Type, want)
			}
			if id, ok := m.Graph.Output("output"); !ok || !m.Graph.Node(id).Type.Shape.Equal(tensor.Shape{1, int(channels)}) {
				t.Errorf("the output is %v", m.Graph.Node(id).Type)
			}
		})
	}
}

func TestBatchBecomesOne(t *testing.T) {
	g := classifier(image(typeFloat32, 8, 5, 7, 3)).imported(t)
	if in := found(t, g, "image"); in.Type.Shape[0] != 1 {
		t.Errorf("the input is %v", in.Type)
	}
}

func TestInputsThatAreRefused(t *testing.T) {
	for _, shape := range [][]int32{{1, 5, 7, 2}, {1, 5, 7}, {1, 5, 7, 4}, {1, 0, 7, 3}, {1, 5, -1, 3}, {}, {1, 1, 5, 7, 3}, {1, 1 << 30, 1 << 30, 3}} {
		classifier(image(typeFloat32, append(shape, []int32{}...)...)).refused(t, "input \"input\"")
	}
	classifier(fixtureTensor{kind: typeInt32, shape: []int32{1, 5, 7, 3}}).refused(t, "int32")
	classifier(fixtureTensor{kind: typeInt8, shape: []int32{1, 5, 7, 3}}).refused(t, "has no scale")
	for _, scale := range []float32{0, -1, 1e-45, float32(math.Inf(1)), float32(math.NaN())} {
		classifier(activationTensor(typeUInt8, scale, 0, 1, 5, 7, 3)).refused(t, "input \"input\"")
	}
	for _, zero := range []int64{-129, 128, 1 << 40, -1 << 62} {
		classifier(activationTensor(typeInt8, 1, zero, 1, 5, 7, 3)).refused(t, "zero point")
		classifier(activationTensor(typeUInt8, 1, zero, 1, 5, 7, 3)).refused(t, "zero point")
	}
	perChannel := image(typeInt8, 1, 5, 7, 3)
	perChannel.scale, perChannel.zero, perChannel.axis = []float32{1, 2, 3}, []int64{0, 0, 0}, 3
	classifier(perChannel).refused(t, "only weights may have")
	perChannel.zero = []int64{1, 2}
	classifier(perChannel).refused(t, "3 scales and 2 zero points")
}

func TestOutputsThatAreRefused(t *testing.T) {
	n := classifier(image(typeFloat32, 1, 5, 7, 3))
	n.outputs = []int32{0}
	n.refused(t, "1×5×7×3", "classification")
	n.outputs = []int32{1, 0}
	n.refused(t, "2 outputs", "classification")
	n.outputs = nil
	n.refused(t, "0 outputs")
	n.outputs = []int32{1}
	n.refused(t, "no operator computes")
	n.outputs = []int32{7}
	n.refused(t, "tensor 7 of 3")
}

// The real pixel, normalised and quantized with the arithmetic that the graph
// defines, must be stored as itself less 128, whatever it stands for.
func TestPixelsAreStoredAsThemselves(t *testing.T) {
	for _, kind := range []elementType{typeInt8, typeUInt8} {
		for _, scale := range []float32{1, 0.0078125, 1.0 / 255, 0.003921569, 0.00784314, 0.017507, 3.1415927, 1e-6, 1e6, 0x1p-100, 0x1p100} {
			for zero := int64(-128); zero <= 127; zero++ {
				checkPixels(t, kind, scale, zero)
			}
		}
	}
}

func checkPixels(t *testing.T, kind elementType, scale float32, zero int64) {
	t.Helper()
	m, err := Import(classifier(activationTensor(kind, scale, zero, 1, 2, 2, 3)).bytes(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	quantize := found(t, m.Graph, "input")
	normalize := inputOf(m.Graph, quantize, 0)
	at, to := normalize.Attr.(graph.Normalize), quantize.Attr.(graph.Quantized)
	if m.NormalizationSource != FromQuantization || m.Mean != [3]float32(at.Mean) || m.Std != [3]float32(at.Std) {
		t.Fatalf("scale %v, zero point %d: the model says %v %v from %q", scale, zero, m.Mean, m.Std, m.NormalizationSource)
	}
	for pixel := range 256 {
		real := float32(float32(pixel)-at.Mean[1]) / at.Std[1]
		q := math.RoundToEven(float64(real/to.Scale)) + float64(to.ZeroPoint)
		if got := int(min(max(q, float64(to.Min)), float64(to.Max))); got != pixel-128 {
			t.Fatalf("scale %v, zero point %d: pixel %d is stored as %d, want %d", scale, zero, pixel, got, pixel-128)
		}
	}
}

func TestNormalizationOfFloatInput(t *testing.T) {
	number := func(v float32) []float32 { return []float32{v} }
	three := metadata([]float32{1, 2, 3}, []float32{4, 5, 6})
	assumedMean := [3]float32{127.5, 127.5, 127.5}
	for _, c := range []struct {
		name      string
		metadata  []byte
		options   Options
		mean, std [3]float32
		source    Source
	}{
		{"nobody says", nil, Options{}, assumedMean, assumedMean, Assumed},
		{"metadata", three, Options{}, [3]float32{1, 2, 3}, [3]float32{4, 5, 6}, FromMetadata},
		{"one for all", metadata([]float32{7}, []float32{8}), Options{}, [3]float32{7, 7, 7}, [3]float32{8, 8, 8}, FromMetadata},
		{"the caller", three, Options{Mean: number(0), Std: number(255)}, [3]float32{}, [3]float32{255, 255, 255}, FromOption},
		{"the caller, of the mean", three, Options{Mean: number(0)}, [3]float32{}, [3]float32{4, 5, 6}, FromOption},
		{"the caller, of the deviation", nil, Options{Std: number(2)}, assumedMean, [3]float32{2, 2, 2}, FromOption},
		{"two channels", metadata([]float32{1, 2}, []float32{3, 4}), Options{}, assumedMean, assumedMean, Assumed},
		{"a deviation of 0", metadata([]float32{1}, []float32{0}), Options{}, assumedMean, assumedMean, Assumed},
		{"an infinite mean", metadata([]float32{float32(math.Inf(1))}, []float32{1}), Options{}, assumedMean, assumedMean, Assumed},
		{"damaged", three[:len(three)/2], Options{}, assumedMean, assumedMean, Assumed},
		{"no metadata at all", []byte("hello, this is something else"), Options{}, assumedMean, assumedMean, Assumed},
	} {
		n := classifier(image(typeFloat32, 1, 2, 2, 3))
		n.metadata = c.metadata
		m, err := Import(n.bytes(), c.options)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if m.Mean != c.mean || m.Std != c.std || m.NormalizationSource != c.source {
			t.Errorf("%s: %v %v from %q, want %v %v from %q", c.name, m.Mean, m.Std, m.NormalizationSource, c.mean, c.std, c.source)
		}
		want(t, found(t, m.Graph, "input"), graph.OpNormalize, graph.Normalize{Mean: c.mean[:], Std: c.std[:]}, 1, 2, 2, 3)
	}
}

func TestOptionsThatAreRefused(t *testing.T) {
	zero, nan := float32(0), float32(math.NaN())
	for _, c := range []struct {
		kind    elementType
		options Options
		word    string
	}{
		{typeInt8, Options{Mean: []float32{zero}}, "is quantized"},
		{typeUInt8, Options{Std: []float32{zero}}, "is quantized"},
		{typeFloat32, Options{Std: []float32{zero}}, "above 0"},
		{typeFloat32, Options{Mean: []float32{nan}}, "finite"},
	} {
		_, err := Import(classifier(image(c.kind, 1, 2, 2, 3)).bytes(), c.options)
		if err == nil || !strings.Contains(err.Error(), c.word) {
			t.Errorf("%v: the error is %v, want %q in it", c.kind, err, c.word)
		}
	}
}
