package sdtg

import (
	"fmt"

	"megl-edge/gradcam/render"
)

// Region is where on a photo a phrase has its evidence.
type Region struct {
	// Map is what the phrase looked at times the heat map, its maximum 1; all of it 0
	// where the two share nothing.
	Map render.Map
	Box Box
	// Score is the share of what the phrase looked at that lies where the heat map is
	// at least half of its maximum.
	Score float64
	// Grounded tells whether that is at least half. Otherwise the phrase says what the
	// decoder knows of the class, not what it sees.
	Grounded bool
}

// Box is the smallest one around all of a region that is at least half of its
// maximum, in shares of the map's width and height. It is empty where the region is.
type Box struct {
	Left   float64 `json:"left"`
	Top    float64 `json:"top"`
	Right  float64 `json:"right"`
	Bottom float64 `json:"bottom"`
}

const (
	salient      = 0.5 // from where on a cell counts as salient, or belongs to a box
	groundedMass = 0.5
	// boxSteps is how finely a cell is looked at for a box.
	boxSteps = 8
)

// Ground finds the region of a phrase: shares are those of its tokens, [tokens ×
// cells], and saliency is the heat map of the class, [Height × Width].
func (s Shape) Ground(shares [][]float32, saliency []float32) (Region, error) {
	if len(shares) == 0 || len(saliency) != s.cells() {
		return Region{}, fmt.Errorf("a phrase of %d tokens and a map of %d cells, want at least 1 and %d", len(shares), len(saliency), s.cells())
	}
	looked := make([]float32, s.cells())
	for _, token := range shares {
		for i, share := range token {
			looked[i] += share
		}
	}
	r := Region{Map: render.Map{Height: s.Height, Width: s.Width, Values: make([]float32, s.cells())}}
	inside, all, greatest := 0.0, 0.0, float32(0)
	for i, share := range looked {
		all += float64(share)
		if saliency[i] >= salient {
			inside += float64(share)
		}
		r.Map.Values[i] = share * saliency[i]
		greatest = max(greatest, r.Map.Values[i])
	}
	if greatest == 0 {
		return r, nil
	}
	for i := range r.Map.Values {
		r.Map.Values[i] /= greatest
	}
	r.Score = inside / all
	r.Grounded = r.Score >= groundedMass
	var err error
	r.Box, err = boxOf(r.Map)
	return r, err
}

// boxOf returns the box of a map whose maximum is 1.
func boxOf(m render.Map) (Box, error) {
	height, width := m.Height*boxSteps, m.Width*boxSteps
	fine, err := render.Upsample(m, width, height)
	if err != nil {
		return Box{}, err
	}
	left, top, right, bottom := width, height, 0, 0
	for i, level := range fine {
		if float64(level) >= salient*render.MaxLevel {
			x, y := i%width, i/width
			left, right = min(left, x), max(right, x+1)
			top, bottom = min(top, y), max(bottom, y+1)
		}
	}
	if left >= right {
		return Box{}, nil
	}
	return Box{
		Left: float64(left) / float64(width), Top: float64(top) / float64(height),
		Right: float64(right) / float64(width), Bottom: float64(bottom) / float64(height),
	}, nil
}
