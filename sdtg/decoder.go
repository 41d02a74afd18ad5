package sdtg

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Inputs of [Shape.Logits], for N photos.
type Inputs struct {
	Features graph.ID // of the target layer, float32 [N × Height × Width × Channels]
	Saliency graph.ID // the heat map, float32 [N × Height × Width] in [0,1]
	Class    graph.ID // that is explained, int32 [N]
	Tokens   graph.ID // of the sentences without their last one, int32 [N × Length − 1]
}

// Logits appends a decoder and returns what it expects at every place of the
// sentences, float32 [N × Length × Vocabulary]; the first place is behind the
// class. What stands at a place and after it has no influence there. weight returns
// the node of a weight by its name; see [Shape.Parameters].
//
// A cell of the map is seen as W_I·z + Â·(W_A·z), where z is the target layer's
// values and Â the cell's saliency (MEGL, V = V_I + V_A with Z_A = Z_I ⊙ Â).
func (s Shape) Logits(b *graph.Builder, in Inputs, weight func(name string) graph.ID) (graph.ID, error) {
	d := &decoder{Shape: s, Builder: b, weight: weight}
	if err := s.Check(); err != nil {
		return graph.None, err
	}
	if shape := b.Shape(in.Features); b.Err() == nil && len(shape) > 0 {
		d.photos = shape[0]
	}
	visual := d.visual(in.Features, in.Saliency)
	x, causal := d.words(in.Class, in.Tokens), d.causal()
	for layer := range s.Layers {
		self, cross, feed := layerName(layer, selfAttention), layerName(layer, crossAttention), layerName(layer, feedForward)
		normed := d.norm(self, x)
		x = b.Add(x, d.attend(self, normed, normed, s.Length, causal))
		x = b.Add(x, d.attend(cross, d.norm(cross, x), visual, s.cells(), graph.None))
		wide := b.Apply(graph.OpGelu, "", nil, d.linear(feed+"/wide", d.norm(feed, x)))
		x = b.Add(x, d.linear(feed+"/narrow", wide))
	}
	logits := b.Apply(graph.OpLinear, "decoder/logits", nil, d.norm(finalNorm, x), weight(tokenWeights))
	return b.Reshape(logits, tensor.Shape{d.photos, s.Length, s.Vocabulary}), b.Err()
}

// decoder is what the parts of a decoder's graph have in common. Values are
// [rows × Embedding], the rows of one photo after those of another.
type decoder struct {
	Shape
	*graph.Builder
	photos int
	weight func(string) graph.ID
}

// visual returns what the decoder sees of the cells.
func (d *decoder) visual(features, saliency graph.ID) graph.ID {
	cells := d.photos * d.cells()
	z := d.Reshape(features, tensor.Shape{cells, d.Channels})
	seen := d.Apply(graph.OpLinear, "", nil, z, d.weight(imageWeights), d.weight(visualOffset))
	salient := d.Apply(graph.OpLinear, "", nil, z, d.weight(salientWeights))
	seen = d.Add(seen, d.Mul(salient, d.Reshape(saliency, tensor.Shape{cells, 1})))
	return d.placed(seen, d.cells(), cellWeights)
}

// words returns the vectors of the class and of the tokens behind it.
func (d *decoder) words(class, tokens graph.ID) graph.ID {
	first := d.Apply(graph.OpGather, "", graph.Axis{}, d.weight(classWeights), d.Reshape(class, tensor.Shape{d.photos, 1}))
	x := first
	if d.Length > 1 {
		x = d.Apply(graph.OpConcat, "", graph.Axis{Axis: 1}, first, d.Apply(graph.OpGather, "", graph.Axis{}, d.weight(tokenWeights), tokens))
	}
	return d.placed(d.Reshape(x, tensor.Shape{d.photos * d.Length, d.Embedding}), d.Length, positionWeights)
}

// placed adds a vector for each of count places.
func (d *decoder) placed(x graph.ID, count int, weights string) graph.ID {
	shape := tensor.Shape{d.photos, count, d.Embedding}
	places := d.Reshape(d.weight(weights), tensor.Shape{1, count, d.Embedding})
	return d.Reshape(d.Add(d.Reshape(x, shape), places), tensor.Shape{d.photos * count, d.Embedding})
}

func (d *decoder) norm(name string, x graph.ID) graph.ID {
	const epsilon = 1e-5
	return d.Apply(graph.OpLayerNorm, "", graph.LayerNorm{Epsilon: epsilon}, x, d.weight(name+"/scale"), d.weight(name+"/offset"))
}

func (d *decoder) linear(name string, x graph.ID) graph.ID {
	return d.Apply(graph.OpLinear, "", nil, x, d.weight(name+"/weights"), d.weight(name+"/bias"))
}

// attend returns what the places of the sentences, x, take from count places of y
// (Vaswani et al., 2017). mask is added to the scores, [Length × count].
func (d *decoder) attend(name string, x, y graph.ID, count int, mask graph.ID) graph.ID {
	depth := d.Embedding / d.Heads
	// Divided by √depth, exactly rounded once.
	queries := d.Mul(d.linear(name+"/queries", x), d.Scalar(float32(1/math.Sqrt(float64(depth)))))
	scores := d.Apply(graph.OpMatMul, "", graph.MatMul{TransposeB: true}, d.heads(queries, d.Length), d.heads(d.linear(name+"/keys", y), count))
	if mask != graph.None {
		scores = d.Add(scores, mask)
	}
	shares := d.Apply(graph.OpSoftmax, "", nil, scores)
	taken := d.Apply(graph.OpMatMul, "", graph.MatMul{}, shares, d.heads(d.linear(name+"/values", y), count))
	together := d.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, taken)
	return d.linear(name+"/sum", d.Reshape(together, tensor.Shape{d.photos * d.Length, d.Embedding}))
}

// heads cuts vectors into those of the heads, [N × Heads × count × depth].
func (d *decoder) heads(x graph.ID, count int) graph.ID {
	cut := d.Reshape(x, tensor.Shape{d.photos, count, d.Heads, d.Embedding / d.Heads})
	return d.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, cut)
}

// hidden is added to the scores of places that must not be seen: far below any
// score, and finite.
const hidden = -1e9

// causal hides from every place of a sentence those behind it.
func (d *decoder) causal() graph.ID {
	mask := make([]float32, d.Length*d.Length)
	for row := range d.Length {
		for column := row + 1; column < d.Length; column++ {
			mask[row*d.Length+column] = hidden
		}
	}
	return d.Constant("decoder/causal", tensor.Must(tensor.Of(tensor.Shape{1, 1, d.Length, d.Length}, mask)))
}
