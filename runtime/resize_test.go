package runtime_test

import (
	"bytes"
	"strings"
	"testing"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// transformerNet has patches, a class token, learned positions and one block of
// attention, written as importers do for one image.
func transformerNet(t testing.TB) *graph.Graph {
	const heads, depth, width, tokens = 2, 4, 8, 10
	n := newNetwork(3)
	x := n.Apply(graph.OpNormalize, "", pixels, n.image(12))
	x = n.Apply(graph.OpConv, "patches", square(4, 0, 1), x, n.floats(width, 4, 4, 3))
	x = n.Reshape(x, tensor.Shape{1, 9, width})
	x = n.Apply(graph.OpConcat, "tokens", graph.Axis{Axis: 1}, n.floats(1, 1, width), x)
	x = n.Add(x, n.floats(1, tokens, width))
	y := n.Apply(graph.OpLayerNorm, "norm", graph.LayerNorm{Epsilon: 1e-6}, x, n.floats(width), n.floats(width))
	y = n.Reshape(y, tensor.Shape{tokens, width})
	y = n.Apply(graph.OpLinear, "qkv", nil, y, n.floats(3*width, width), n.floats(3*width))
	y = n.Reshape(y, tensor.Shape{1, tokens, 3, heads, depth})
	part := func(i int) graph.ID {
		p := n.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0, i, 0, 0}, Size: tensor.Shape{1, tokens, 1, heads, depth}}, y)
		// The axis of the image is gone here, and another of its length stands in:
		// the tokens of several images must not be mixed.
		p = n.Reshape(p, tensor.Shape{tokens, 1, heads, depth})
		return n.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{1, 2, 0, 3}}, p)
	}
	scores := n.Mul(n.Apply(graph.OpMatMul, "", graph.MatMul{TransposeB: true}, part(0), part(1)), n.Scalar(0.5))
	y = n.Apply(graph.OpMatMul, "", graph.MatMul{}, n.Apply(graph.OpSoftmax, "", nil, scores), part(2))
	y = n.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, y)
	x = n.Add(x, n.Reshape(y, tensor.Shape{1, tokens, width}))
	x = n.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0, 0}, Size: tensor.Shape{1, 1, width}}, x)
	x = n.Apply(graph.OpLinear, "head", nil, n.Reshape(x, tensor.Shape{1, width}), n.floats(5, width))
	n.Output("logits", x)
	return build(t, n.Builder)
}

// Several images at once give the bytes that each gives alone.
func TestResizeToSeveralImages(t *testing.T) {
	const images = 3
	for name, g := range map[string]*graph.Graph{
		"float32": floatNet(t), "int8": int8Net(t, 0), "transformer": transformerNet(t),
	} {
		t.Run(name, func(t *testing.T) {
			id, _ := g.Find("image")
			shape := g.Node(id).Type.Shape.Clone()
			shape[0] = images
			many, err := graph.Resize(g, "image", shape)
			if err != nil {
				t.Fatal(err)
			}
			one, all := compile(t, g).NewSession(1), compile(t, many).NewSession(2)
			defer one.Close()
			defer all.Close()
			image, _ := one.Input("image")
			batch, _ := all.Input("image")
			var want []byte
			for i := range images {
				fill(t, one, i+2)
				copy(batch.Data[i*len(image.Data):], image.Data)
				want = append(want, result(t, one, g.Outputs()[:1])...)
			}
			if got := result(t, all, many.Outputs()[:1]); !bytes.Equal(got, want) {
				t.Error("three images at once give other logits than each alone")
			}
		})
	}
}

func TestResizeToAnotherSize(t *testing.T) {
	larger, err := graph.Resize(floatNet(t), "image", tensor.Shape{2, 46, 32, 3})
	if err != nil {
		t.Fatal(err)
	}
	s := compile(t, larger).NewSession(1)
	defer s.Close()
	fill(t, s, 1)
	if got := result(t, s, larger.Outputs()[:1]); len(got) != 2*17*4 {
		t.Errorf("%d bytes of logits, want those of 2 images", len(got))
	}
	_, err = graph.Resize(transformerNet(t), "image", tensor.Shape{1, 16, 16, 3})
	if err == nil || !strings.Contains(err.Error(), "add") {
		t.Errorf("positions learned for 9 patches on 16: %v", err)
	}
}
