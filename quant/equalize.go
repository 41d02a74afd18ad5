package quant

import (
	"math"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Channels of one activation share a scale, so that one with small values has few
// of the 256 steps. Cross-layer equalization (Nagel et al., "Data-Free
// Quantization", ICCV 2019, §4.1; here with the ranges that calibration photos
// show) gives each channel more of them: a factor in the layer before, its
// inverse in the layer after, through a ReLU the same function. Through a ReLU6 it
// is the same as long as no value grows beyond 6, which the ranges guarantee for
// the calibration photos.

// pair is two layers with nothing but an activation between them.
type pair struct {
	before, after graph.ID
	between       graph.ID // what the second layer reads
	limit         float32  // of the activation; infinite for none and ReLU
}

// largestFactor bounds how much a channel is stretched: what is hardly ever above
// 0 is not worth the precision of the weights behind it.
const largestFactor = 256

// pairs lists the layers of g that can be equalized.
func pairs(g *graph.Graph) []pair {
	readers := make([][]graph.ID, g.Len())
	for id, n := range g.Nodes() {
		for _, in := range n.Inputs {
			readers[in] = append(readers[in], id)
		}
	}
	for _, o := range g.Outputs() {
		readers[o.Node] = append(readers[o.Node], graph.None)
	}
	var list []pair
	for id, n := range g.Nodes() {
		if n.Op != graph.OpConv || !isLayer(g, n) || len(readers[id]) != 1 {
			continue
		}
		p := pair{before: id, between: id, limit: float32(math.Inf(1))}
		next := readers[id][0]
		if next != graph.None && g.Node(next).Op == graph.OpClamp && len(readers[next]) == 1 {
			at := g.Node(next).Attr.(graph.Clamp)
			if at.Min != 0 {
				continue
			}
			p.between, p.limit = next, at.Max
			next = readers[next][0]
		}
		if next == graph.None {
			continue
		}
		if after := g.Node(next); after.Op == graph.OpConv && isLayer(g, after) && after.Inputs[0] == p.between && dividesInputs(g, after) {
			p.after = next
			list = append(list, p)
		}
	}
	return list
}

// dividesInputs tells whether the weights of a convolution can take a factor for
// each input channel: it is depthwise with one filter a channel, or not grouped.
func dividesInputs(g *graph.Graph, n *graph.Node) bool {
	groups, filter := convOf(n).Groups, g.Node(n.Inputs[1]).Type.Shape
	channels := g.Node(n.Inputs[0]).Type.Shape[3]
	return groups == 1 || groups == channels && filter[0] == channels
}

func convOf(n *graph.Node) graph.Conv { return n.Attr.(graph.Conv) }

// equalize returns g with the factors that seen tells. In front of a depthwise
// layer, whose weights have scales of their own for each channel, a channel is
// stretched to the full range; in front of others by the root of the ratio, since
// what the activation gains the weights lose.
func equalize(g *graph.Graph, seen map[string]*channels) (*graph.Graph, error) {
	weights := map[graph.ID][]float32{} // of constants that change
	values := func(id graph.ID) []float32 {
		if w, ok := weights[id]; ok {
			return w
		}
		w := append([]float32{}, tensor.Elements[float32](*g.Node(id).Value)...)
		weights[id] = w
		return w
	}
	for _, p := range pairs(g) {
		between := g.Node(p.between)
		factors := stretch(seen[between.Name].greatest, p.limit, convOf(g.Node(p.after)).Groups > 1)
		before, after := g.Node(p.before), g.Node(p.after)
		scaleRows(values(before.Inputs[1]), factors)
		if len(before.Inputs) == 3 {
			scaleRows(values(before.Inputs[2]), factors)
		}
		divideColumns(values(after.Inputs[1]), factors, convOf(after).Groups > 1)
	}
	return graph.Rewrite(g, func(b *graph.Builder, n *graph.Node) graph.ID {
		id, _ := g.Find(n.Name)
		if w, ok := weights[id]; ok && n.Op == graph.OpConstant {
			return b.Constant(n.Name, tensor.Must(tensor.Of(n.Type.Shape, w)))
		}
		return graph.None
	})
}

// stretch returns the factor of every channel, of its greatest magnitude.
func stretch(greatest []float32, limit float32, full bool) []float32 {
	most := float32(0)
	for _, m := range greatest {
		most = max(most, m)
	}
	most = min(most, limit)
	factors := make([]float32, len(greatest))
	for k, m := range greatest {
		factors[k] = 1
		if m <= 0 || most <= m {
			continue
		}
		ratio := most / m
		if !full {
			ratio = float32(math.Sqrt(float64(ratio)))
		}
		factors[k] = min(ratio, largestFactor)
	}
	return factors
}

// scaleRows multiplies every filter, or bias, by the factor of its channel.
func scaleRows(values, factors []float32) {
	size := len(values) / len(factors)
	for i := range values {
		values[i] *= factors[i/size]
	}
}

// divideColumns divides what a filter multiplies each input channel with.
func divideColumns(values, factors []float32, depthwise bool) {
	if depthwise {
		size := len(values) / len(factors)
		for i := range values {
			values[i] /= factors[i/size]
		}
		return
	}
	for i := range values {
		values[i] /= factors[i%len(factors)]
	}
}
