package export_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
	"megl-edge/runtime/vision"
)

// side is the height and width of the photos.
const side = 8

// network is a model under construction.
type network struct {
	*graph.Builder
	rng   *rand.Rand
	image graph.ID // the normalised photo, float32 [1 × 8 × 8 × 3]
}

func newNetwork() *network {
	b := graph.NewBuilder()
	photo := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, side, side, 3}})
	at := graph.Normalize{Mean: []float32{120, 110, 100}, Std: []float32{60, 64, 70}}
	return &network{b, rand.New(rand.NewPCG(1, 2)), b.Apply(graph.OpNormalize, "normalised", at, photo)}
}

// apply appends an op under its own name.
func (n *network) apply(op graph.Op, attr graph.Attr, inputs ...graph.ID) graph.ID {
	return n.Apply(op, "", attr, inputs...)
}

// floats adds a constant with elements between −1 and 1.
func (n *network) floats(shape ...int) graph.ID {
	elements := make([]float32, tensor.Shape(shape).Elements())
	for i := range elements {
		elements[i] = n.rng.Float32()*2 - 1
	}
	return n.Constant("floats", tensor.Must(tensor.Of(shape, elements)))
}

// positive adds a constant with elements between 0.5 and 1.5.
func (n *network) positive(shape ...int) graph.ID {
	elements := make([]float32, tensor.Shape(shape).Elements())
	for i := range elements {
		elements[i] = 0.5 + n.rng.Float32()
	}
	return n.Constant("positive", tensor.Must(tensor.Of(shape, elements)))
}

func (n *network) int32s(values ...int32) graph.ID {
	return n.Constant("integers", tensor.Must(tensor.Of(tensor.Shape{len(values)}, values)))
}

// weights adds an int8 constant with one scale for each output channel, or one
// for all.
func (n *network) weights(perChannel bool, shape ...int) graph.ID {
	q := tensor.PerTensor(0.01, 3)
	if perChannel {
		q = &tensor.Quantization{}
		for i := range shape[0] {
			q.Scale, q.ZeroPoint = append(q.Scale, float32(8+i)/1000), append(q.ZeroPoint, 0)
		}
	}
	elements := make([]int8, tensor.Shape(shape).Elements())
	for i := range elements {
		elements[i] = int8(n.rng.IntN(255) - 127)
	}
	return n.Constant("weights", tensor.Must(tensor.Of(shape, elements)).WithQuant(q))
}

// bias adds an int32 constant in units of x scale · weight scale.
func (n *network) bias(x, weights graph.ID) graph.ID {
	xScale, w := n.Type(x).Quant.Scale[0], n.Type(weights)
	q := &tensor.Quantization{}
	for _, scale := range w.Quant.Scale {
		q.Scale, q.ZeroPoint = append(q.Scale, xScale*scale), append(q.ZeroPoint, 0)
	}
	elements := make([]int32, w.Shape[0])
	for i := range elements {
		elements[i] = int32(n.rng.IntN(2000) - 1000)
	}
	return n.Constant("bias", tensor.Must(tensor.Of(tensor.Shape{len(elements)}, elements)).WithQuant(q))
}

// quantized is the photo in int8.
func (n *network) quantized() graph.ID {
	return n.apply(graph.OpQuantize, graph.QuantizedTo(0.02, -5), n.image)
}

// row is the photo as one row of 192 numbers.
func (n *network) row() graph.ID { return n.Reshape(n.image, tensor.Shape{1, 3 * side * side}) }

// vector is the mean of every channel, [1 × 3].
func (n *network) vector() graph.ID {
	return n.apply(graph.OpReduceMean, graph.Reduce{Axes: []int{1, 2}}, n.image)
}

// model returns the model whose logits are all elements of y.
func (n *network) model(t testing.TB, y graph.ID) *model.Model {
	t.Helper()
	real := n.Real(y)
	if n.Type(real).DType != tensor.Float32 {
		real = n.apply(graph.OpCast, graph.Cast{DType: tensor.Float32}, real)
	}
	logits := n.Reshape(real, tensor.Shape{1, n.Shape(real).Elements()})
	n.Output(model.LogitsOutput, logits)
	n.Output(model.ProbabilitiesOutput, n.apply(graph.OpSoftmax, nil, logits))
	return n.finish(t)
}

// finish returns the model of the outputs declared.
func (n *network) finish(t testing.TB) *model.Model {
	t.Helper()
	g, err := n.Build()
	if err != nil {
		t.Fatal(err)
	}
	m := &model.Model{Graph: g, Preprocess: vision.Preprocess{
		Width: side, Height: side, Mode: vision.CropStretch, Crop: 1, Filter: vision.Bilinear,
		Mean: [3]float32{120, 110, 100}, Std: [3]float32{60, 64, 70},
	}}
	for i := range m.Classes() {
		m.Labels = append(m.Labels, fmt.Sprintf("class %d", i))
	}
	if err := m.Check(); err != nil {
		t.Fatal(err)
	}
	return m
}

// ops returns the ops that the logits depend on.
func ops(m *model.Model) []graph.Op {
	logits, _ := m.Graph.Output(model.LogitsOutput)
	needed := m.Graph.Ancestors(logits)
	var list []graph.Op
	for id, node := range m.Graph.Nodes() {
		if needed[id] && !slices.Contains(list, node.Op) {
			list = append(list, node.Op)
		}
	}
	return list
}
