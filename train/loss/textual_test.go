package loss_test

import (
	"math"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/sdtg"
	"megl-edge/train/loss"
)

// source is a seeded stream of numbers (a linear congruential generator).
type source uint64

// next returns a number from −1 to 1.
func (s *source) next() float32 {
	*s = *s*6364136223846793005 + 1442695040888963407
	return float32(int32(*s>>32)) / (1 << 31)
}

// The network of the test: two photos of 8×8 pixels, a target layer of 4×4 cells
// with a convolution and a clamp behind it, so that the slopes that weigh the
// layer's channels depend on the weights.
var (
	photos  = tensor.Shape{2, 8, 8, 3}
	decoder = sdtg.Shape{Vocabulary: 7, Classes: 3, Height: 4, Width: 4, Channels: 5, Embedding: 8, Layers: 2, Heads: 2, Length: 4}
)

// speaker is the textual loss of the network as a function of one weight.
type speaker struct {
	t        *testing.T
	detached bool // the heat map passes no gradient
	blind    bool // nothing is seen besides the heat map's product: W_I is 0
}

// build returns the graph of the loss and its gradient with respect to the
// backbone's filter.
func (s speaker) build() *graph.Graph {
	var numbers source = 3
	b := graph.NewBuilder()
	float := func(name string, shape ...int) graph.ID {
		return b.Input(name, tensor.Type{DType: tensor.Float32, Shape: shape})
	}
	constant := func(scale float32, shape ...int) graph.ID {
		values := make([]float32, tensor.Shape(shape).Elements())
		for i := range values {
			values[i] = scale * numbers.next()
		}
		return b.Constant("weights", tensor.Must(tensor.Of(shape, values)))
	}
	conv := func(stride int) graph.Conv {
		return graph.Conv{Stride: graph.HW{stride, stride}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{1, 1, 1, 1}, Groups: 1}
	}
	x, filter := float("image", photos...), float("filter", 5, 3, 3, 3)
	features := b.Apply(graph.OpTanh, "features", nil, b.Apply(graph.OpConv, "", conv(2), x, filter))
	y := b.Apply(graph.OpTanh, "", nil, b.Apply(graph.OpConv, "", conv(1), features, constant(0.6, 6, 3, 3, 5)))
	y = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1, 2}}, y)
	logits := b.Apply(graph.OpLinear, "", nil, y, constant(2, 3, 6))
	b.Output(model.LogitsOutput, logits)
	network, err := b.Build()
	if err != nil {
		s.t.Fatal(err)
	}
	b = graph.Extend(network)
	class := b.Constant("class", tensor.Must(tensor.Of(tensor.Shape{2}, []int32{2, 0})))
	saliency, err := gradcam.Saliency(b, network, logits, "features", class, false)
	if err != nil {
		s.t.Fatal(err)
	}
	if s.detached {
		saliency = b.Apply(graph.OpStopGradient, "", nil, saliency)
	}
	weights := decoder.NewWeights(5)
	if s.blind {
		clear(tensor.Elements[float32](weights["decoder/image"]))
	}
	said := []int32{1, 4, 6, 0, 2, 3, 0, 0}
	text, err := decoder.Logits(b, sdtg.Inputs{
		Features: features, Saliency: saliency, Class: class,
		Tokens: b.Constant("before", tensor.Must(tensor.Of(tensor.Shape{2, 3}, []int32{1, 4, 6, 2, 3, 0}))),
	}, func(name string) graph.ID { return b.Constant(name, weights[name]) })
	if err != nil {
		s.t.Fatal(err)
	}
	shares := []float32{0.5, 0.5, 0.5, 0.5, 1, 1, 1, 0}
	total := loss.Textual(b, text, b.Constant("said", tensor.Must(tensor.Of(tensor.Shape{2, 4}, said))), b.Constant("shares", tensor.Must(tensor.Of(tensor.Shape{2, 4}, shares))))
	b.ClearOutputs()
	b.Output("loss", total)
	b.Output("saliency", saliency)
	b.Output("gradient", b.Grad(total, filter)[0])
	g, err := b.Build()
	if err != nil {
		s.t.Fatal(err)
	}
	return g
}

// run computes the loss and its gradient.
func run(t *testing.T, session *runtime.Session, image, filter []float32) (float64, []float32) {
	t.Helper()
	for name, values := range map[string][]float32{"image": image, "filter": filter} {
		to, err := session.Input(name)
		if err != nil {
			t.Fatal(err)
		}
		copy(tensor.Elements[float32](to), values)
	}
	session.Run()
	output := func(name string) []float32 {
		value, err := session.Output(name)
		if err != nil {
			t.Fatal(err)
		}
		return append([]float32(nil), tensor.Elements[float32](value)...)
	}
	return float64(output("loss")[0]), output("gradient")
}

// The loss of the sentences reaches the classifier through the heat map, which is
// itself a gradient: by double backpropagation.
func TestTextualLossReachesTheClassifier(t *testing.T) {
	var numbers source = 11
	image, filter := make([]float32, photos.Elements()), make([]float32, 5*3*3*3)
	for i := range image {
		image[i] = numbers.next()
	}
	for i := range filter {
		filter[i] = 0.5 * numbers.next()
	}
	gradients := map[speaker][]float32{}
	for _, s := range []speaker{{t, false, false}, {t, true, false}, {t, false, true}, {t, true, true}} {
		plan, err := runtime.Compile(s.build(), runtime.Options{})
		if err != nil {
			t.Fatal(err)
		}
		session := plan.NewSession(1)
		_, gradients[s] = run(t, session, image, filter)
		if !s.detached {
			checkDifferences(t, session, image, filter, gradients[s])
		}
		session.Close()
	}
	exact, detached := gradients[speaker{t, false, false}], gradients[speaker{t, true, false}]
	if change := distance(exact, detached) / norm(exact); change < 0.05 {
		t.Errorf("detaching the heat map changes the gradient by %.1f %% only", 100*change)
	}
	// Where the decoder sees nothing but Â ⊙ z, what is left without Â's own gradient
	// is another one still.
	if change := distance(gradients[speaker{t, false, true}], gradients[speaker{t, true, true}]) / norm(exact); change < 0.05 {
		t.Errorf("without W_I, detaching the heat map changes the gradient by %.1f %% only", 100*change)
	}
	if norm(exact) < 1e-3 {
		t.Errorf("the gradient is %v", exact)
	}
}

// checkDifferences compares a gradient with central differences, in float32.
func checkDifferences(t *testing.T, session *runtime.Session, image, filter, gradient []float32) {
	t.Helper()
	const h = 1.0 / 256
	differences := make([]float32, len(filter))
	for i := range filter {
		moved := append([]float32(nil), filter...)
		moved[i] += h
		above, _ := run(t, session, image, moved)
		moved[i] -= 2 * h
		below, _ := run(t, session, image, moved)
		differences[i] = float32((above - below) / (2 * h))
	}
	if off := distance(differences, gradient) / norm(gradient); off > 0.01 {
		t.Errorf("the gradient is off central differences by %.2f %%", 100*off)
	}
}

func norm(x []float32) float64 { return distance(x, make([]float32, len(x))) }

func distance(x, y []float32) float64 {
	sum := 0.0
	for i := range x {
		d := float64(x[i]) - float64(y[i])
		sum += d * d
	}
	return math.Sqrt(sum)
}
