package evaluate

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"megl-edge/gradcam"
	"megl-edge/gradcam/render"
	"megl-edge/runtime/graph"
	"megl-edge/runtime/model"
)

// disturbSteps is in how many steps pixels are shown or taken away.
const disturbSteps = 16

// areas returns the mean probability of a class while the pixels of a photo appear
// on its mean colour, the most salient first (insertion), and while they are
// replaced by it (deletion): areas under the curves, by the trapezoid rule
// (Petsiuk et al., "RISE", BMVC 2018).
func areas(e *gradcam.Explainer, pixels []uint8, m render.Map, class, height, width int) (insertion, deletion float64, err error) {
	order, err := bySaliency(m, height, width)
	if err != nil {
		return 0, 0, err
	}
	gray := meanColour(pixels)
	for step := range disturbSteps + 1 {
		shown := order[:len(order)*step/disturbSteps]
		appearing, vanishing := flat(gray, height*width), slices.Clone(pixels)
		for _, at := range shown {
			copy(appearing[3*at:3*at+3], pixels[3*at:])
			copy(vanishing[3*at:3*at+3], gray[:])
		}
		weight := 1.0
		if step == 0 || step == disturbSteps {
			weight = 0.5
		}
		for _, part := range []struct {
			image []uint8
			area  *float64
		}{{appearing, &insertion}, {vanishing, &deletion}} {
			x, err := e.ExplainInput(part.image, class)
			if err != nil {
				return 0, 0, err
			}
			*part.area += float64(weight * float64(x.Probabilities[class]))
		}
	}
	return insertion / disturbSteps, deletion / disturbSteps, nil
}

// bySaliency returns the pixels, the most salient first, of equal ones the first
// first.
func bySaliency(m render.Map, height, width int) ([]int, error) {
	levels, err := render.Upsample(m, width, height)
	if err != nil {
		return nil, err
	}
	order := make([]int, len(levels))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(levels[b], levels[a]) })
	return order, nil
}

func meanColour(pixels []uint8) [3]uint8 {
	var sums [3]int
	for i, v := range pixels {
		sums[i%3] += int(v)
	}
	n := len(pixels) / 3
	return [3]uint8{uint8(sums[0] / n), uint8(sums[1] / n), uint8(sums[2] / n)}
}

func flat(colour [3]uint8, pixels int) []uint8 {
	image := make([]uint8, 0, 3*pixels)
	for range pixels {
		image = append(image, colour[:]...)
	}
	return image
}

// scrambled returns the model with the elements of every filter and matrix in
// another order: a network that has learned nothing. Maps that look the same on it
// do not show what the model learned (Adebayo et al., "Sanity checks for saliency
// maps", NeurIPS 2018).
func scrambled(m *model.Model, seed uint64) (*model.Model, error) {
	random := rand.NewPCG(seed, 0x736372616d626c65)
	g, err := graph.Rewrite(m.Graph, func(b *graph.Builder, n *graph.Node) graph.ID {
		if n.Op != graph.OpConstant || len(n.Type.Shape) < 2 || n.Type.Shape.Elements() < 2 {
			return graph.None
		}
		value := n.Value.Clone()
		size := n.Type.DType.Size()
		for i := n.Type.Shape.Elements() - 1; i > 0; i-- {
			j := int(random.Uint64() % uint64(i+1))
			for k := range size {
				a, b := i*size+k, j*size+k
				value.Data[a], value.Data[b] = value.Data[b], value.Data[a]
			}
		}
		return b.Constant(n.Name, value)
	})
	if err != nil {
		return nil, err
	}
	return &model.Model{Graph: g, Labels: m.Labels, Preprocess: m.Preprocess, TargetLayer: m.TargetLayer}, nil
}
