package gradcam_test

import (
	"math"
	"slices"
	"strings"
	"testing"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
	"megl-edge/runtime/tensor"
)

// onImages lists the methods that draw for any network.
func onImages() []gradcam.Method {
	return slices.DeleteFunc(gradcam.Methods(), func(m gradcam.Method) bool { return m == gradcam.AttentionRollout })
}

// attentionClassifier is a small vision transformer on a 2×3 image: pixels are
// patches, a class token in front if asked for, two attention layers, and a head
// on the class token or on the mean.
func attentionClassifier(t *testing.T, classToken bool) *graph.Graph {
	b := graph.NewBuilder()
	x := b.Input(model.ImageInput, tensor.Type{DType: tensor.UInt8, Shape: tensor.Shape{1, 2, 3, 3}})
	x = b.Apply(graph.OpNormalize, "", graph.Normalize{Mean: []float32{128, 128, 128}, Std: []float32{64, 64, 64}}, x)
	x = b.Apply(graph.OpConv, "", pointwise, x, constant(b, 1, channels, 1, 1, 3))
	tokens := 6
	x = b.Reshape(x, tensor.Shape{1, tokens, channels})
	if classToken {
		tokens++
		x = b.Apply(graph.OpConcat, "", graph.Axis{Axis: 1}, constant(b, 2, 1, 1, channels), x)
	}
	for layer := range 2 {
		x = b.Apply(graph.OpLayerNorm, "norm", graph.LayerNorm{Epsilon: 1e-5}, x, constant(b, 3, channels), constant(b, 4, channels))
		head := func(seed uint32) graph.ID { // two heads
			y := b.Apply(graph.OpLinear, "", nil, b.Reshape(x, tensor.Shape{tokens, channels}), constant(b, seed+uint32(layer), channels, channels))
			y = b.Reshape(y, tensor.Shape{1, tokens, 2, channels / 2})
			return b.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, y)
		}
		scores := b.Apply(graph.OpMatMul, "", graph.MatMul{TransposeB: true}, head(10), head(20))
		attention := b.Apply(graph.OpSoftmax, "attention", nil, scores)
		y := b.Apply(graph.OpMatMul, "", graph.MatMul{}, attention, head(30))
		y = b.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, y)
		x = b.Add(x, b.Reshape(y, tensor.Shape{1, tokens, channels}))
	}
	if classToken {
		x = b.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0, 0}, Size: tensor.Shape{1, 1, channels}}, x)
	}
	x = b.Apply(graph.OpReduceMean, "", graph.Reduce{Axes: []int{1}}, x)
	b.Output("output", b.Apply(graph.OpLinear, "scores", nil, x, constant(b, 5, classes, channels)))
	return build(t, b)
}

// The map is the first row, or the mean of the rows, of the product of
// (A + I)/2 over the layers.
func TestRolloutFollowsItsFormula(t *testing.T) {
	for _, classToken := range []bool{true, false} {
		g, _ := attachWith(t, attentionClassifier(t, classToken), "", gradcam.AttentionRollout)
		b := graph.Extend(g)
		for _, name := range []string{"attention", "attention_2"} {
			id, ok := g.Find(name)
			if !ok {
				t.Fatalf("there is no node %q", name)
			}
			b.Output(name, id)
		}
		values := run(t, build(t, b), 1, pixelsOf(2, 3))
		want := rolledOut(values, classToken)
		got := tensor.Elements[float32](values[model.SaliencyOutput])
		for i := range want {
			if math.Abs(float64(got[i])-want[i]) > 1e-5 {
				t.Errorf("class token %v: map is %v, want %v", classToken, got, want)
				break
			}
		}
	}
}

func rolledOut(values map[string]tensor.Tensor, classToken bool) []float64 {
	n := 6
	if classToken {
		n++
	}
	row := make([]float64, n)
	for i := range row {
		if !classToken {
			row[i] = 1 / float64(n)
		}
	}
	if classToken {
		row[0] = 1
	}
	for _, name := range []string{"attention_2", "attention"} {
		a := tensor.Elements[float32](values[name]) // [1 × 2 × n × n]
		next := make([]float64, n)
		for j := range n {
			next[j] = row[j] / 2
			for i := range n {
				next[j] += row[i] * (float64(a[i*n+j]) + float64(a[(n+i)*n+j])) / 4
			}
		}
		row = next
	}
	grid := row[n-6:]
	least, most := slices.Min(grid), slices.Max(grid)
	normalised := make([]float64, 6)
	for i, v := range grid {
		normalised[i] = (v - least) / (most - least + 1e-7)
	}
	return normalised
}

func TestRolloutNeedsAttention(t *testing.T) {
	for _, g := range []*graph.Graph{floatClassifier(t, true), tokenClassifier(t)} {
		if _, _, err := gradcam.AttachWith(g, "", gradcam.AttentionRollout); err == nil || !strings.Contains(err.Error(), "needs a vision transformer") {
			t.Errorf("error is %v", err)
		}
	}
}
