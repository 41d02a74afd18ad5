package sdtg

import (
	"math"

	"megl-edge/gradcam"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Inputs of [Shape.Logits], for N photos.
type Inputs struct {
	Features graph.ID // of the target layer, float32 [N × Height × Width × Channels]
	Saliency graph.ID // the heat map, float32 [N × Height × Width] in [0,1]
	Class    graph.ID // that is explained, int32 [N]; Classes where it is not told
	Tokens   graph.ID // of the sentences without their last one, int32 [N × Length − 1]
}

// Logits appends a decoder and returns what it expects at every place of the
// sentences, float32 [N × Length × Vocabulary]; the first place is behind the
// class. What stands at a place and after it has no influence there. weight returns
// the node of a weight by its name; see [Shape.Parameters].
//
// A cell of the map is seen as W_I·z + Â·(W_A·z), where z is the target layer's
// values, and Â the cell's saliency (MEGL, V = V_I + V_A with Z_A = Z_I ⊙ Â); its place
// and its colour are added to that. What words take of the cells is weighed by the saliency once more: of a cell
// without any they take nothing, so that a sentence speaks of what the map shows.
func (s Shape) Logits(b *graph.Builder, in Inputs, weight func(name string) graph.ID) (graph.ID, error) {
	d, err := s.decoder(b, b.Shape(in.Features), s.Length, weight)
	if err != nil {
		return graph.None, err
	}
	cells := d.cellMemories(in.Features, in.Saliency)
	causal := d.Constant("decoder/causal", s.causal())
	logits := d.layers(d.words(in.Class, in.Tokens), cells, func(layer int, normed graph.ID) memory {
		own := d.remember(layerName(layer, selfAttention), normed, s.Length)
		own.mask = causal
		return own
	})
	return b.Reshape(logits, tensor.Shape{d.photos, s.Length, s.Vocabulary}), b.Err()
}

func (s Shape) decoder(b *graph.Builder, features tensor.Shape, places int, weight func(name string) graph.ID) (*decoder, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	if len(features) == 0 {
		return nil, b.Err()
	}
	return &decoder{Shape: s, Builder: b, photos: features[0], places: places, weight: weight}, nil
}

// decoder is what the parts of a decoder's graph have in common. Values are
// [rows × Embedding], the rows of one photo after those of another.
type decoder struct {
	Shape
	*graph.Builder
	photos int
	places int // of a sentence that are computed at once
	weight func(string) graph.ID
	shares []graph.ID // what each layer takes of the cells, [N × Heads × places × cells]
}

// memory is what an attention looks at, [N × Heads × count × depth].
type memory struct {
	keys, values graph.ID
	mask         graph.ID // added to the scores; None for nothing
	weights      graph.ID // of the shares, [N × 1 × 1 × count]; None where all count alike
}

// layers returns the logits of words, [N·places × Vocabulary]. own returns what a
// layer's words look at among the words.
func (d *decoder) layers(x graph.ID, cells []memory, own func(layer int, normed graph.ID) memory) graph.ID {
	for layer := range d.Layers {
		self, cross, feed := layerName(layer, selfAttention), layerName(layer, crossAttention), layerName(layer, feedForward)
		normed := d.norm(self, x)
		taken, _ := d.attend(self, normed, own(layer, normed))
		x = d.Add(x, taken)
		taken, shares := d.attend(cross, d.norm(cross, x), cells[layer])
		d.shares = append(d.shares, shares)
		x = d.Add(x, taken)
		wide := d.Apply(graph.OpGelu, "", nil, d.linear(feed+"/wide", d.norm(feed, x)))
		x = d.Add(x, d.linear(feed+"/narrow", wide))
	}
	return d.product("decoder/logits", d.norm(finalNorm, x), d.weight(tokenWeights))
}

// cellMemories returns what every layer looks at among the cells.
func (d *decoder) cellMemories(features, saliency graph.ID) []memory {
	if d.Blind {
		features = d.Mul(features, d.Scalar(0))
		saliency = d.Add(d.Mul(saliency, d.Scalar(0)), d.Scalar(1))
	}
	visual := d.visual(features, saliency)
	weights := d.Reshape(saliency, tensor.Shape{d.photos, 1, 1, d.cells()})
	memories := make([]memory, d.Layers)
	for layer := range memories {
		memories[layer] = d.remember(layerName(layer, crossAttention), visual, d.cells())
		memories[layer].weights = weights
	}
	return memories
}

// remember returns what attention finds in count rows for each photo.
func (d *decoder) remember(name string, x graph.ID, count int) memory {
	return memory{d.heads(d.linear(name+"/keys", x), count), d.heads(d.linear(name+"/values", x), count), graph.None, graph.None}
}

// visual returns what the decoder sees of the cells. The values are normalised: those of
// salient cells are large, and words would look where it is quiet instead.
func (d *decoder) visual(features, saliency graph.ID) graph.ID {
	cells := d.photos * d.cells()
	values := d.Channels - gradcam.Colours
	all := d.Reshape(features, tensor.Shape{cells, d.Channels})
	z := d.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, 0}, Size: tensor.Shape{cells, values}}, all)
	colours := d.Apply(graph.OpSlice, "", graph.Slice{Start: []int{0, values}, Size: tensor.Shape{cells, gradcam.Colours}}, all)
	seen := d.product("", z, d.weight(imageWeights), d.weight(visualOffset))
	salient := d.product("", z, d.weight(salientWeights))
	seen = d.Add(seen, d.Mul(salient, d.Reshape(saliency, tensor.Shape{cells, 1})))
	seen = d.Add(d.norm(visualNorm, seen), d.product("", colours, d.weight(colourWeights)))
	return d.placed(seen, d.cells(), cellWeights, math.Sqrt(float64(d.Embedding)))
}

// words returns the vectors of the class and of the tokens behind it.
func (d *decoder) words(class, tokens graph.ID) graph.ID {
	first := d.Apply(graph.OpGather, "", graph.Axis{}, d.weight(classWeights), d.Reshape(class, tensor.Shape{d.photos, 1}))
	x := first
	if d.Length > 1 {
		x = d.Apply(graph.OpConcat, "", graph.Axis{Axis: 1}, first, d.Apply(graph.OpGather, "", graph.Axis{}, d.weight(tokenWeights), tokens))
	}
	return d.placed(d.Reshape(x, tensor.Shape{d.photos * d.Length, d.Embedding}), d.Length, positionWeights, 1)
}

// placed adds a vector for each of count places, times a factor.
func (d *decoder) placed(x graph.ID, count int, weights string, factor float64) graph.ID {
	shape := tensor.Shape{d.photos, count, d.Embedding}
	places := d.Reshape(d.weight(weights), tensor.Shape{1, count, d.Embedding})
	if factor != 1 {
		places = d.Mul(places, d.Scalar(float32(factor)))
	}
	return d.Reshape(d.Add(d.Reshape(x, shape), places), tensor.Shape{d.photos * count, d.Embedding})
}

func (d *decoder) norm(name string, x graph.ID) graph.ID {
	const epsilon = 1e-5
	return d.Apply(graph.OpLayerNorm, "", graph.LayerNorm{Epsilon: epsilon}, x, d.weight(name+"/scale"), d.weight(name+"/offset"))
}

func (d *decoder) linear(name string, x graph.ID) graph.ID {
	return d.product("", x, d.weight(name+"/weights"), d.weight(name+"/bias"))
}

// product returns the rows x times a matrix, int8 if that is, with an offset or none.
func (d *decoder) product(name string, x, matrix graph.ID, offset ...graph.ID) graph.ID {
	op := graph.OpLinear
	if d.Type(matrix).DType == tensor.Int8 {
		op = graph.OpInt8Linear
	}
	return d.Apply(op, name, nil, append([]graph.ID{x, matrix}, offset...)...)
}

// attend returns what the words x take from what they look at (Vaswani et al., 2017),
// and their shares.
func (d *decoder) attend(name string, x graph.ID, of memory) (taken, shares graph.ID) {
	depth := d.Embedding / d.Heads
	// Divided by √depth, exactly rounded once.
	queries := d.Mul(d.linear(name+"/queries", x), d.Scalar(float32(1/math.Sqrt(float64(depth)))))
	scores := d.Apply(graph.OpMatMul, "", graph.MatMul{TransposeB: true}, d.heads(queries, d.places), of.keys)
	if of.mask != graph.None {
		scores = d.Add(scores, of.mask)
	}
	shares = d.Apply(graph.OpSoftmax, "", nil, scores)
	if of.weights != graph.None {
		shares = d.weighed(shares, of.weights)
	}
	sums := d.Apply(graph.OpMatMul, "", graph.MatMul{}, shares, of.values)
	together := d.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, sums)
	return d.linear(name+"/sum", d.Reshape(together, tensor.Shape{d.photos * d.places, d.Embedding})), shares
}

// weighed returns shares times weights, which add up to 1 again, or to less where hardly
// anything has weight.
func (d *decoder) weighed(shares, weights graph.ID) graph.ID {
	const least = 1e-6
	shares = d.Mul(shares, weights)
	sum := d.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{3}, KeepDims: true}, shares)
	return d.Apply(graph.OpDiv, "", nil, shares, d.Add(sum, d.Scalar(least)))
}

// heads cuts vectors into those of the heads, [N × Heads × count × depth].
func (d *decoder) heads(x graph.ID, count int) graph.ID {
	cut := d.Reshape(x, tensor.Shape{d.photos, count, d.Heads, d.Embedding / d.Heads})
	return d.Apply(graph.OpTranspose, "", graph.Transpose{Perm: []int{0, 2, 1, 3}}, cut)
}

// hidden is added to the scores of places that must not be seen: far below any
// score, and finite.
const hidden = -1e9

// causal returns what hides from every place of a sentence those behind it.
func (s Shape) causal() tensor.Tensor {
	mask := make([]float32, s.Length*s.Length)
	for row := range s.Length {
		for column := row + 1; column < s.Length; column++ {
			mask[row*s.Length+column] = hidden
		}
	}
	return tensor.Must(tensor.Of(tensor.Shape{1, 1, s.Length, s.Length}, mask))
}
