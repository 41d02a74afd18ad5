package runtime_test

import (
	"bytes"
	"fmt"
	"math"
	"testing"

	"megl-edge/kernels/asm"
	"megl-edge/runtime"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/internal/eval64"
	"megl-edge/runtime/tensor"
)

// trainee is a small network whose weights are fed, with a batch of images.
type trainee struct {
	*network
	weights []graph.ID
	layer   graph.ID // the activation that is explained
	logits  graph.ID
}

const (
	trainedBatch   = 2
	trainedSide    = 12
	trainedClasses = 3
)

// weight declares a weight.
func (n *trainee) weight(shape ...int) graph.ID {
	name := fmt.Sprintf("weight %d", len(n.weights))
	id := n.Input(name, tensor.Type{DType: tensor.Float32, Shape: shape})
	n.weights = append(n.weights, id)
	return id
}

func (n *trainee) apply(op graph.Op, attr graph.Attr, inputs ...graph.ID) graph.ID {
	return n.Apply(op, "", attr, inputs...)
}

func (n *trainee) conv(x graph.ID, filters, kernel, stride, groups int) graph.ID {
	w := n.weight(filters, kernel, kernel, n.Shape(x)[3]/groups)
	return n.apply(graph.OpConv, square(stride, kernel/2, groups), x, w)
}

// norm is a batch normalisation with frozen statistics.
func (n *trainee) norm(x graph.ID) graph.ID {
	c := n.Shape(x)[3]
	values := make([]float32, c)
	for i := range values {
		values[i] = 0.25 + float32(i%3)/4
	}
	statistics := n.Constant("statistics", tensor.Must(tensor.Of(tensor.Shape{c}, values)))
	return n.apply(graph.OpBatchNorm, graph.BatchNorm{Epsilon: 1e-3}, x, n.weight(c), n.weight(c), statistics, statistics)
}

func (n *trainee) linear(x graph.ID, width int) graph.ID {
	return n.apply(graph.OpLinear, nil, x, n.weight(width, n.Shape(x)[1]), n.weight(width))
}

func (n *trainee) head(x graph.ID) {
	n.layer = x
	n.logits = n.linear(n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}}, x), trainedClasses)
}

func newTrainee(build func(n *trainee, image graph.ID)) *trainee {
	n := &trainee{network: newNetwork(3)}
	shape := tensor.Shape{trainedBatch, trainedSide, trainedSide, 3}
	build(n, n.Input("image", tensor.Type{DType: tensor.Float32, Shape: shape}))
	return n
}

// resNet has a stem, a maximum pooling and two residual blocks, one of them with
// a stride.
func resNet(n *trainee, x graph.ID) {
	relu := func(x graph.ID) graph.ID { return n.apply(graph.OpClamp, graph.ReLU, x) }
	x = relu(n.norm(n.conv(x, 4, 5, 1, 1)))
	x = n.apply(graph.OpMaxPool, graph.Pool{Kernel: graph.HW{3, 3}, Stride: graph.HW{2, 2}, Pad: graph.Sides{1, 1, 1, 1}}, x)
	y := n.norm(n.conv(relu(n.norm(n.conv(x, 4, 3, 1, 1))), 4, 3, 1, 1))
	x = relu(n.Add(x, y))
	y = n.norm(n.conv(relu(n.norm(n.conv(x, 6, 3, 2, 1))), 6, 3, 1, 1))
	n.layer = relu(n.Add(n.norm(n.conv(x, 6, 1, 2, 1)), y))
	n.head(n.layer)
}

// mobileNet has a stem and two inverted residual blocks.
func mobileNet(n *trainee, x graph.ID) {
	relu6 := func(x graph.ID) graph.ID { return n.apply(graph.OpClamp, graph.ReLU6, x) }
	x = relu6(n.norm(n.conv(x, 4, 3, 2, 1)))
	for _, stride := range []int{1, 2} {
		y := relu6(n.norm(n.conv(x, 9, 1, 1, 1)))
		y = relu6(n.norm(n.conv(y, 9, 3, stride, 9)))
		y = n.norm(n.conv(y, 4, 1, 1, 1))
		if stride == 1 {
			y = n.Add(x, y)
		}
		x = y
	}
	n.head(x)
}

// visionTransformer has patches of 4×4 pixels, a class token and two blocks; its
// explained layer is the input of the second one.
func visionTransformer(n *trainee, x graph.ID) {
	const width, heads, side = 6, 2, trainedSide / 4
	const tokens, rows = side*side + 1, trainedBatch * (side*side + 1)
	x = n.apply(graph.OpConv, square(4, 0, 1), x, n.weight(width, 4, 4, 3), n.weight(width))
	x = n.Reshape(x, tensor.Shape{trainedBatch, side * side, width})
	class := n.apply(graph.OpBroadcast, graph.Shape{Shape: tensor.Shape{trainedBatch, 1, width}}, n.weight(1, 1, width))
	x = n.Add(n.apply(graph.OpConcat, graph.Axis{Axis: 1}, class, x), n.weight(1, tokens, width))
	norm := func(x graph.ID) graph.ID {
		return n.Reshape(n.apply(graph.OpLayerNorm, graph.LayerNorm{Epsilon: 1e-3}, x, n.weight(width), n.weight(width)), tensor.Shape{rows, width})
	}
	for range 2 {
		n.layer = x
		qkv := n.Reshape(n.linear(norm(x), 3*width), tensor.Shape{trainedBatch, tokens, 3, heads, width / heads})
		part := func(i int) graph.ID {
			p := n.apply(graph.OpSlice, graph.Slice{Start: []int{0, 0, i, 0, 0}, Size: tensor.Shape{trainedBatch, tokens, 1, heads, width / heads}}, qkv)
			return n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{0, 2, 1, 3}}, n.Reshape(p, tensor.Shape{trainedBatch, tokens, heads, width / heads}))
		}
		scores := n.Mul(n.apply(graph.OpMatMul, graph.MatMul{TransposeB: true}, part(0), part(1)), n.Scalar(0.57735026))
		y := n.apply(graph.OpMatMul, graph.MatMul{}, n.apply(graph.OpSoftmax, nil, scores), part(2))
		y = n.apply(graph.OpTranspose, graph.Transpose{Perm: []int{0, 2, 1, 3}}, y)
		y = n.linear(n.Reshape(y, tensor.Shape{rows, width}), width)
		x = n.Add(x, n.Reshape(y, tensor.Shape{trainedBatch, tokens, width}))
		y = n.linear(n.apply(graph.OpGelu, nil, n.linear(norm(x), 2*width)), width)
		x = n.Add(x, n.Reshape(y, tensor.Shape{trainedBatch, tokens, width}))
	}
	x = n.Reshape(norm(x), tensor.Shape{trainedBatch, tokens, width})
	first := n.apply(graph.OpSlice, graph.Slice{Start: []int{0, 0, 0}, Size: tensor.Shape{trainedBatch, 1, width}}, x)
	n.logits = n.linear(n.Reshape(first, tensor.Shape{trainedBatch, width}), trainedClasses)
}

// loss appends the cross-entropy of the labels, and what Grad-CAM's map of the
// labelled class is away from a mask: the map is a gradient itself.
func (n *trainee) loss() graph.ID {
	last := graph.Reduce{Axes: []int{1}, KeepDims: true}
	labels := n.Constant("labels", tensor.Must(tensor.Of(tensor.Shape{trainedBatch, 1}, []int32{2, 0})))
	score := n.apply(graph.OpGatherElements, graph.Axis{Axis: 1}, n.logits, labels)
	greatest := n.apply(graph.OpStopGradient, nil, n.apply(graph.OpReduceMax, last, n.logits))
	sum := n.apply(graph.OpReduceSum, last, n.apply(graph.OpExp, nil, n.Sub(n.logits, greatest)))
	entropy := n.Sub(n.Add(n.apply(graph.OpLog, nil, sum), greatest), score)
	all := graph.Reduce{Axes: []int{0, 1}}

	slope := n.Grad(n.apply(graph.OpReduceSum, all, score), n.layer)[0]
	s := n.Shape(n.layer)
	positions, channels := s[1:len(s)-1].Elements(), s[len(s)-1]
	rows := tensor.Shape{trainedBatch, positions, channels}
	alpha := n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1}, KeepDims: true}, n.Reshape(slope, rows))
	weighted := n.apply(graph.OpReduceSum, graph.Reduce{Axes: []int{2}}, n.Mul(alpha, n.Reshape(n.layer, rows)))
	// Without the usual ReLU: on so few positions all may be negative.
	least := n.apply(graph.OpReduceMin, last, weighted)
	height := n.Sub(n.apply(graph.OpReduceMax, last, weighted), least)
	saliency := n.Div(n.Sub(weighted, least), n.Add(height, n.Scalar(1e-3)))
	away := n.Sub(saliency, n.floats(1, positions))
	distance := n.apply(graph.OpMaximum, nil, away, n.Mul(away, n.Scalar(-1)))
	return n.Add(n.apply(graph.OpReduceMean, all, entropy), n.apply(graph.OpReduceMean, all, distance))
}

var trainees = []struct {
	name  string
	build func(n *trainee, image graph.ID)
}{
	{"ResNet", resNet},
	{"MobileNetV2", mobileNet},
	{"vision transformer", visionTransformer},
}

// fed draws the image and the weights.
func (n *trainee) fed() map[graph.ID][]float64 {
	fed := map[graph.ID][]float64{}
	for _, id := range append([]graph.ID{0}, n.weights...) {
		values := make([]float64, n.Shape(id).Elements())
		for i := range values {
			values[i] = float64(float32(int32(n.next())>>8) / (1 << 23)) // exact in float32
			if len(n.Shape(id)) == 1 {
				values[i] = 0.75 + values[i]/4 // scales and offsets
			}
		}
		fed[id] = values
	}
	return fed
}

// The gradient of a loss that contains a gradient, with respect to every weight,
// is what the loss changes by, and is the same to the bit everywhere.
func TestGradientsOfNetworks(t *testing.T) {
	for _, c := range trainees {
		t.Run(c.name, func(t *testing.T) {
			n := newTrainee(c.build)
			loss := n.loss()
			n.Output("loss", loss)
			fed := n.fed()
			forward := build(t, n.Builder)
			b := graph.Extend(forward)
			for i, gradient := range b.Grad(loss, n.weights...) {
				b.Output(fmt.Sprint("gradient ", i), gradient)
			}
			trained := build(t, b)
			values, err := eval64.Run(trained, fed)
			if err != nil {
				t.Fatal(err)
			}
			for i, w := range n.weights {
				id, _ := trained.Output(fmt.Sprint("gradient ", i))
				checkDirection(t, forward, fed, loss, w, values[id].Data)
			}
			checkTrained(t, trained, fed, values)
		})
	}
}

// checkDirection compares the gradient of a weight with a difference along a
// direction in which all of its elements change.
func checkDirection(t *testing.T, g *graph.Graph, fed map[graph.ID][]float64, loss, weight graph.ID, gradient []float64) {
	t.Helper()
	const h = 1e-6 // small, so that hardly any kink is near
	before := fed[weight]
	defer func() { fed[weight] = before }()
	var want, largest float64
	at := func(step float64) float64 {
		moved := make([]float64, len(before))
		want = 0
		for i, x := range before {
			direction := math.Cos(float64(i))
			moved[i] = x + step*direction
			want += direction * gradient[i]
			largest = max(largest, math.Abs(gradient[i]))
		}
		fed[weight] = moved
		values, err := eval64.Run(g, fed)
		if err != nil {
			t.Fatal(err)
		}
		return values[loss].Data[0]
	}
	got := (at(h) - at(-h)) / (2 * h)
	if math.Abs(got-want) > 1e-7*(1+math.Abs(want)) {
		t.Errorf("%s: the loss changes by %v, the gradient says %v", g.Node(weight).Name, got, want)
	}
	if largest == 0 {
		t.Errorf("%s: the gradient is 0", g.Node(weight).Name)
	}
}

// checkTrained runs a training graph at every level and number of threads.
func checkTrained(t *testing.T, g *graph.Graph, fed map[graph.ID][]float64, exact []eval64.Value) {
	t.Helper()
	simple, err := graph.Simplify(g)
	if err != nil {
		t.Fatal(err)
	}
	var want []byte
	for _, level := range asm.Levels() {
		for _, threads := range []int{1, 2, 7} {
			restore := asm.Force(level)
			s := compile(t, simple).NewSession(threads)
			for id, values := range fed {
				feed(t, s, g.Node(id).Name, values)
			}
			got := result(t, s, simple.Outputs())
			if want == nil {
				want = got
				near64(t, s, g, exact)
			}
			s.Close()
			restore()
			if !bytes.Equal(got, want) {
				t.Fatalf("level %v with %d threads differs from level ref with 1", level, threads)
			}
		}
	}
}

func feed(t *testing.T, s *runtime.Session, name string, values []float64) {
	t.Helper()
	input, err := s.Input(name)
	if err != nil {
		t.Fatal(err)
	}
	for i, v := range values {
		tensor.Elements[float32](input)[i] = float32(v)
	}
}

// near64 compares the results of a run with exact ones.
func near64(t *testing.T, s *runtime.Session, g *graph.Graph, exact []eval64.Value) {
	t.Helper()
	for _, o := range g.Outputs() {
		value, err := s.Output(o.Name)
		if err != nil {
			t.Fatal(err)
		}
		scale := 0.0
		for _, x := range exact[o.Node].Data {
			scale = max(scale, math.Abs(x))
		}
		for i, x := range tensor.Elements[float32](value) {
			if want := exact[o.Node].Data[i]; math.Abs(float64(x)-want) > 1e-4*scale {
				t.Errorf("%s: element %d is %v, want %v", o.Name, i, x, want)
				break
			}
		}
	}
}
