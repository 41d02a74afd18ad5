package model

import (
	"fmt"
	"slices"

	"megl-edge/runtime/tensor"
)

// Prior is where objects lie on average: what training holds the heat maps of
// photos without mask to (MEGL, "VEDC"). Each is a distribution over the
// height·width cells of a map.
type Prior struct {
	Height int       `json:"height"`
	Width  int       `json:"width"`
	All    []float32 `json:"all"`
	// Classes has one for each class with enough masks; nil for the others.
	Classes [][]float32 `json:"classes,omitempty"`
}

// check fails unless the distributions are those of maps of the given shape, [1 ×
// height × width].
func (p *Prior) check(shape tensor.Shape, classes int) error {
	if want := (tensor.Shape{1, p.Height, p.Width}); !shape.Equal(want) {
		return fmt.Errorf("of %d×%d cells, the heat map has shape %v", p.Height, p.Width, shape)
	}
	if n := len(p.Classes); n != 0 && n != classes {
		return fmt.Errorf("has %d classes, the model has %d", n, classes)
	}
	for i, cells := range append([][]float32{p.All}, p.Classes...) {
		if cells == nil && i > 0 {
			continue
		}
		outside := func(v float32) bool { return !(v >= 0 && v <= 1) }
		if len(cells) != p.Height*p.Width || slices.ContainsFunc(cells, outside) {
			return fmt.Errorf("is no distribution over %d×%d cells", p.Height, p.Width)
		}
	}
	return nil
}
