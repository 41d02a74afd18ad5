package sdtg_test

import (
	"math"
	"testing"

	"megl-edge/sdtg"
)

func TestGround(t *testing.T) {
	shape := small
	shape.Height, shape.Width = 2, 4
	for name, c := range map[string]struct {
		shares   [][]float32
		saliency []float32
		score    float64
		grounded bool
		box      sdtg.Box // near enough: cells fade into each other
	}{
		"where the map is": {
			[][]float32{{0, 0, 0.5, 0.5, 0, 0, 0, 0}, {0, 0, 0.75, 0.25, 0, 0, 0, 0}}, []float32{0, 0, 1, 0.25, 0, 0, 0, 0},
			0.625, true, sdtg.Box{Left: 0.5, Top: 0, Right: 0.75, Bottom: 0.5},
		},
		"elsewhere": {
			[][]float32{{0.75, 0, 0, 0.25, 0, 0, 0, 0}}, []float32{0.125, 0, 0, 1, 0, 0, 0, 0},
			0.25, false, sdtg.Box{Left: 0.75, Top: 0, Right: 1, Bottom: 0.5},
		},
		"where nothing is": {
			[][]float32{{1, 0, 0, 0, 0, 0, 0, 0}}, []float32{0, 0, 0, 1, 0, 0, 0, 0}, 0, false, sdtg.Box{},
		},
		"everywhere": {
			[][]float32{{0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125, 0.125}}, []float32{1, 1, 1, 1, 1, 1, 1, 1},
			1, true, sdtg.Box{Right: 1, Bottom: 1},
		},
	} {
		r, err := shape.Ground(c.shares, c.saliency)
		if err != nil {
			t.Fatal(err)
		}
		if r.Score != c.score || r.Grounded != c.grounded {
			t.Errorf("%s: score %v, grounded %v", name, r.Score, r.Grounded)
		}
		for _, side := range [][2]float64{{r.Box.Left, c.box.Left}, {r.Box.Top, c.box.Top}, {r.Box.Right, c.box.Right}, {r.Box.Bottom, c.box.Bottom}} {
			if math.Abs(side[0]-side[1]) > 0.0626 {
				t.Errorf("%s: box %+v, want %+v", name, r.Box, c.box)
				break
			}
		}
		if err := r.Map.Check(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := shape.Ground(nil, make([]float32, 8)); err == nil {
		t.Error("a phrase without tokens has a region")
	}
	if _, err := shape.Ground([][]float32{make([]float32, 8)}, make([]float32, 7)); err == nil {
		t.Error("a map of another size has a region")
	}
}
