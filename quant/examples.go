package quant

import (
	"bytes"
	"image"
	"image/png"
	"math"

	"megl-edge/gradcam/mapmetric"
)

// mostExamples is how many photos a report shows.
const mostExamples = 8

// examples shows the photos on which the models differ first, then others.
func (c *Calibration) examples(photos []Photo, before, after []answer) ([]Example, error) {
	var order []int
	for _, differing := range []bool{true, false} {
		for i := range photos {
			if (before[i].class != after[i].class) == differing {
				order = append(order, i)
			}
		}
	}
	var list []Example
	for _, i := range order[:min(mostExamples, len(order))] {
		e, err := c.example(photos[i], before[i], after[i])
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	return list, nil
}

func (c *Calibration) example(p Photo, before, after answer) (Example, error) {
	e := Example{
		Name: p.Name, FloatLabel: c.label(before.class), Int8Label: c.label(after.class),
		FloatScore: before.score, Int8Score: after.score, FloatMap: before.heat, Int8Map: after.heat,
	}
	var err error
	if before.heat.Values != nil && len(before.heat.Values) == len(after.heat.Values) {
		if e.Correlation, err = mapmetric.Spearman(before.heat, after.heat); err != nil {
			return e, err
		}
		e.MapUnion = mapUnion(before.heat, after.heat)
	}
	shape := p.Input.Shape
	picture := image.NewRGBA(image.Rect(0, 0, shape[2], shape[1]))
	for i := range shape[1] * shape[2] {
		copy(picture.Pix[4*i:], p.Input.Data[3*i:][:3])
		picture.Pix[4*i+3] = math.MaxUint8
	}
	var out bytes.Buffer
	err = png.Encode(&out, picture)
	e.PNG = out.Bytes()
	return e, err
}

func (c *Calibration) label(class int) string { return c.model.Labels[class] }
