package evaluate

import (
	"megl-edge/gradcam"
	"megl-edge/gradcam/mapmetric"
	"megl-edge/gradcam/render"
	"megl-edge/train/data"
)

// outcome is what the model said of one photo.
type outcome struct {
	class      int // of the label; data.NoClass without one
	predicted  int
	confidence float64 // probability of the predicted class

	unknown float32 // how unlike all classes it is; 0 of a model that does not know

	masked   bool // the scores of the mask are there
	iou      float64
	pointing float64 // 1 or 0
	energy   float64
	centre   float64 // IoU of the centre prior

	said  *said // of the model; nil of one that says nothing, or without references
	blind *said // of the blind one, likewise

	disturbed bool // the next ones are there
	insertion float64
	deletion  float64
	scrambled float64 // rank correlation with the map of the scrambled model
}

// explained returns the class whose map is scored: the labelled one, if there is a
// label.
func explained(e *data.Example) int {
	if e.LabelWeight > 0 {
		return e.Class
	}
	return gradcam.Automatic
}

// outcomeOf notes classes and confidence.
func outcomeOf(e *data.Example, x *gradcam.Explanation) outcome {
	o := outcome{class: data.NoClass, predicted: x.Top(1)[0]}
	if e.LabelWeight > 0 {
		o.class = e.Class
	}
	o.confidence = float64(x.Probabilities[o.predicted])
	if x.Unknown != nil {
		o.unknown = x.Unknown.Score
	}
	return o
}

// salient is the least value of a map that counts as marked.
const salient = 0.5

// maskOf returns the pixels that the object covers at least half of.
func maskOf(e *data.Example, height, width int) *mapmetric.Mask {
	const least = 0.5
	mask := &mapmetric.Mask{Height: height, Width: width, Inside: make([]bool, height*width)}
	for i, share := range e.Mask {
		mask.Inside[i] = share >= least
	}
	return mask
}

// scoreMask compares a map with the mask of an example.
func (o *outcome) scoreMask(m render.Map, e *data.Example, height, width int) error {
	mask := *maskOf(e, height, width)
	var err error
	if o.iou, err = mapmetric.IoU(m, mask, salient); err != nil {
		return err
	}
	hit, err := mapmetric.PointingGame(m, mask)
	if err != nil {
		return err
	}
	if hit {
		o.pointing = 1
	}
	if o.energy, err = mapmetric.EnergyInMask(m, mask); err != nil {
		return err
	}
	o.centre, err = mapmetric.IoU(centrePrior(m.Height, m.Width), mask, salient)
	o.masked = true
	return err
}

// centrePrior is a map that knows no photo: 1 at the centre, falling in a straight
// line to 0 at the middle of the sides. Maps that do not beat it explain nothing.
func centrePrior(height, width int) render.Map {
	m := render.Map{Height: height, Width: width, Values: make([]float32, height*width)}
	for i := range height {
		for j := range width {
			// distance from the centre, per axis, in units of half the side
			y := float32(2*i+1-height) / float32(height)
			x := float32(2*j+1-width) / float32(width)
			m.Values[i*width+j] = max(0, 1-max(y, -y, x, -x))
		}
	}
	return m
}
