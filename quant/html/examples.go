package html

import (
	"fmt"
	"html/template"

	"megl-edge/gradcam/render"
	"megl-edge/quant"
)

// example is one photo with both answers.
type example struct {
	Name                 string
	Sides                []side
	Photo                template.URL // only of an example without maps
	Mapped               bool         // one model at least has a map
	Differs              bool         // the class
	Compared             bool         // the maps can be, by Correlation and Overlap
	Correlation, Overlap string
}

// side is the answer of one model.
type side struct {
	Model, Label, Score string
	Bar                 int          // length in percent
	Picture             template.URL // photo with the map; empty without maps
	Empty               bool         // the model has no map
}

func examples(reports []quant.Example) ([]example, error) {
	list := make([]example, len(reports))
	for i, r := range reports {
		var err error
		if list[i], err = newExample(r); err != nil {
			return nil, fmt.Errorf("example %q: %w", r.Name, err)
		}
	}
	return list, nil
}

func newExample(r quant.Example) (example, error) {
	e := example{
		Name:    r.Name,
		Sides:   []side{newSide("float", r.FloatLabel, r.FloatScore), newSide("int8", r.Int8Label, r.Int8Score)},
		Differs: r.FloatLabel != r.Int8Label, Correlation: decimal(r.Correlation, 2), Overlap: decimal(r.MapUnion, 2),
	}
	cells := [2]int{len(r.FloatMap.Values), len(r.Int8Map.Values)}
	e.Mapped, e.Compared = cells != [2]int{}, cells[0] == cells[1] && cells[0] > 0
	photo, err := decode(r.PNG)
	if err != nil {
		return e, err
	}
	if !e.Mapped {
		e.Photo, err = overlay(photo, render.Map{})
		return e, err
	}
	for i, m := range []render.Map{r.FloatMap, r.Int8Map} {
		e.Sides[i].Empty = len(m.Values) == 0
		if e.Sides[i].Picture, err = overlay(photo, m); err != nil {
			return e, err
		}
	}
	return e, nil
}

func newSide(model, label string, score float32) side {
	s := side{Model: model, Label: orNone(label), Score: percent(float64(score), 1)}
	if score >= 0 && score <= 1 {
		s.Bar = int(float32(100*score) + 0.5)
	}
	return s
}
