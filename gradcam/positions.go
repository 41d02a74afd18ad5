package gradcam

import (
	"slices"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// positions is a value that keeps the places of the image: [N, height, width,
// channels], or the tokens of a vision transformer, [N, tokens, channels], of
// which the last height·width are those of a grid.
type positions struct {
	layer         graph.ID
	height, width int
	first         int  // tokens before the grid, such as the class token
	tokens        bool // [N, tokens, channels]
}

// size is the height and the width of an image.
type size [2]int

// mostOthers is how many tokens can stand before those of the grid: class and
// distillation tokens, registers.
const mostOthers = 16

// gridsOf lists the sizes that image layers of g have, the largest first.
func gridsOf(g *graph.Graph) []size {
	var grids []size
	for _, n := range g.Nodes() {
		switch n.Op {
		case graph.OpConv, graph.OpConvInputGrad, graph.OpMaxPool, graph.OpAvgPool, graph.OpQuantConv, graph.OpQuantAvgPool:
			if s := n.Type.Shape; s[1]*s[2] > 1 {
				grids = append(grids, size{s[1], s[2]})
			}
		}
	}
	slices.SortStableFunc(grids, func(a, b size) int { return b[0]*b[1] - a[0]*a[1] })
	return slices.Compact(grids)
}

// positionsOf tells whether node id keeps the places of an image of one of the
// given sizes.
func positionsOf(g *graph.Graph, id graph.ID, grids []size) (positions, bool) {
	n := g.Node(id)
	s := n.Type.Shape
	if n.Op == graph.OpInput || n.Op == graph.OpConstant || n.Op == graph.OpNormalize || !isActivation(n.Type) {
		return positions{}, false
	}
	for _, grid := range grids {
		h, w := grid[0], grid[1]
		switch {
		case len(s) == 4 && s[1] == h && s[2] == w:
			return positions{layer: id, height: h, width: w}, true
		case len(s) == 3 && s[1] >= h*w && s[1]-h*w <= mostOthers:
			return positions{layer: id, height: h, width: w, first: s[1] - h*w, tokens: true}, true
		}
	}
	return positions{}, false
}

func isActivation(t tensor.Type) bool {
	return t.DType == tensor.Float32 || t.DType == tensor.Int8 && t.Quant != nil
}

// image returns a float32 value of the layer's shape as [N × height × width ×
// channels]: of tokens those of the grid.
func (p positions) image(b *graph.Builder, id graph.ID) graph.ID {
	if !p.tokens || b.Err() != nil {
		return id
	}
	s := b.Shape(id)
	if p.first > 0 {
		grid := graph.Slice{Start: []int{0, p.first, 0}, Size: tensor.Shape{s[0], p.height * p.width, s[2]}}
		id = b.Apply(graph.OpSlice, "", grid, id)
	}
	return b.Reshape(id, tensor.Shape{s[0], p.height, p.width, s[2]})
}
