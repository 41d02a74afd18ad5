package loss

import (
	"fmt"
	"slices"
	"strings"

	"megl-edge/runtime/graph"
	"megl-edge/runtime/tensor"
)

// Visual is a way to compare a heat map M, in [0,1], with a mask F, both [N ×
// height × width].
type Visual string

// The ways.
const (
	// L1 is mean|M − F| (MEGL, equation 1).
	L1 Visual = "l1"
	// HAICS is the binary cross-entropy of M against F (Shen et al., "Human-AI
	// interactive and continuous sensemaking", 2021).
	HAICS Visual = "haics"
	// RESG is relu(mean|tanh(5·(M − a)) − S| − 0.1) + mean|M − G|, with S = ±1 on
	// and off the mask, a the threshold on which M and S agree most, and G the mask
	// blurred by a 3×3 Gaussian and divided by its maximum (Gao et al., "RES", KDD
	// 2022).
	RESG Visual = "res-g"
	// RESL is the same with a blur that is learned.
	RESL Visual = "res-l"
	// GRADIA weighs prediction and explanation by whether each is right already
	// (Gao et al., "Aligning eyes between humans and deep neural network", CSCW
	// 2022): see [Losses].
	GRADIA Visual = "gradia"
)

// Visuals lists all ways, the default first.
func Visuals() []Visual { return []Visual{L1, HAICS, RESG, RESL, GRADIA} }

// Check fails on a name that is none.
func (v Visual) Check() error {
	if slices.Contains(Visuals(), v) {
		return nil
	}
	names := make([]string, 0, len(Visuals()))
	for _, known := range Visuals() {
		names = append(names, string(known))
	}
	return fmt.Errorf("visual loss %.32q is not known; there are: %s", string(v), strings.Join(names, ", "))
}

// cells are the axes of a map.
var cells = graph.Reduce{Axes: []int{1, 2}}

// difference returns mean|m − f| over the cells of every photo, [N].
func difference(b *graph.Builder, m, f graph.ID) graph.ID {
	return b.Apply(graph.OpReduceMean, "", cells, magnitude(b, b.Sub(m, f)))
}

func magnitude(b *graph.Builder, x graph.ID) graph.ID {
	return b.Apply(graph.OpMaximum, "", nil, x, negated(b, x))
}

// haics keeps logarithms finite where the map is 0 or 1.
func haics(b *graph.Builder, m, f graph.ID) graph.ID {
	const least = 1e-6
	inside := b.Apply(graph.OpClamp, "", graph.Clamp{Min: least, Max: 1 - least}, m)
	one := b.Scalar(1)
	on := b.Mul(f, b.Apply(graph.OpLog, "", nil, inside))
	off := b.Mul(b.Sub(one, f), b.Apply(graph.OpLog, "", nil, b.Sub(one, inside)))
	return negated(b, b.Apply(graph.OpReduceMean, "", cells, b.Add(on, off)))
}

// The constants of RES.
const (
	resSteepness  = 5
	resTolerance  = 0.1
	resThresholds = 32
)

// res compares m with the signs of the mask and with a blurred mask.
func res(b *graph.Builder, m, f, blurred graph.ID) graph.ID {
	signs := b.Sub(b.Mul(greater(b, f, b.Scalar(0.5)), b.Scalar(2)), b.Scalar(1))
	steep := b.Apply(graph.OpTanh, "", nil, b.Mul(b.Sub(m, threshold(b, m, signs)), b.Scalar(resSteepness)))
	robust := b.Apply(graph.OpClamp, "", graph.ReLU, b.Sub(difference(b, steep, signs), b.Scalar(resTolerance)))
	return b.Add(robust, difference(b, m, blurred))
}

// greater returns 1 where x > y, else 0.
func greater(b *graph.Builder, x, y graph.ID) graph.ID {
	return b.Apply(graph.OpCast, "", graph.Cast{DType: tensor.Float32}, b.Apply(graph.OpGreater, "", nil, x, y))
}

// threshold returns, for every photo, the one of 32 thresholds at which most cells
// of m lie on the side that signs say, [N × 1 × 1]. It has no gradient.
func threshold(b *graph.Builder, m, signs graph.ID) graph.ID {
	shape := b.Shape(m)
	if b.Err() != nil {
		return 0
	}
	n, area := shape[0], shape[1]*shape[2]
	levels := make([]float32, resThresholds)
	for i := range levels {
		levels[i] = (float32(i) + 0.5) / resThresholds
	}
	values := b.Constant("thresholds", tensor.Must(tensor.Of(tensor.Shape{1, resThresholds, 1}, levels)))
	m = b.Apply(graph.OpStopGradient, "", nil, m)
	above := greater(b, b.Reshape(m, tensor.Shape{n, 1, area}), values)
	sides := b.Mul(b.Sub(b.Mul(above, b.Scalar(2)), b.Scalar(1)), b.Reshape(signs, tensor.Shape{n, 1, area}))
	agreement := b.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{2}}, sides)
	best := b.Apply(graph.OpOneHot, "", graph.OneHot{Depth: resThresholds}, b.Apply(graph.OpArgMax, "", nil, agreement))
	chosen := b.Mul(best, b.Reshape(values, tensor.Shape{1, resThresholds}))
	return b.Reshape(b.Apply(graph.OpReduceSum, "", graph.Reduce{Axes: []int{1}}, chosen), tensor.Shape{n, 1, 1})
}

// gaussian is the blur of RES-G and the start of that of RES-L, [1 × 3 × 3 × 1].
var gaussian = []float32{
	1. / 16, 2. / 16, 1. / 16,
	2. / 16, 4. / 16, 2. / 16,
	1. / 16, 2. / 16, 1. / 16,
}

// blur returns the mask after a 3×3 filter, divided by its maximum or, where the
// filter is learned and may be negative, brought to [0,1] between its extremes.
func blur(b *graph.Builder, f, filter graph.ID, learned bool) graph.ID {
	const epsilon = 1e-7
	shape := b.Shape(f)
	if b.Err() != nil {
		return 0
	}
	image := b.Reshape(f, tensor.Shape{shape[0], shape[1], shape[2], 1})
	place := graph.Conv{Stride: graph.HW{1, 1}, Dilation: graph.HW{1, 1}, Pad: graph.Sides{1, 1, 1, 1}, Groups: 1}
	soft := b.Reshape(b.Apply(graph.OpConv, "", place, image, filter), shape)
	keep := graph.Reduce{Axes: cells.Axes, KeepDims: true}
	most := b.Apply(graph.OpReduceMax, "", keep, soft)
	if !learned {
		return b.Div(soft, b.Add(most, b.Scalar(epsilon)))
	}
	least := b.Apply(graph.OpReduceMin, "", keep, soft)
	return b.Div(b.Sub(soft, least), b.Add(b.Sub(most, least), b.Scalar(epsilon)))
}
