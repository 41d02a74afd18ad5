package mapmetric

import (
	"math"
	"slices"
	"testing"

	"megl-edge/gradcam/render"
)

// The masks have the maps' size, so that a level is a value, and every score can
// be worked out by hand: 1, 3/5 (39321), 1/5 (13107) and 0 of 65535.
var (
	quarters = render.Map{Height: 2, Width: 2, Values: []float32{0.2, 1, 0.6, 0}}
	zero     = render.Map{Height: 2, Width: 2, Values: make([]float32, 4)}
	flat     = render.Map{Height: 2, Width: 2, Values: []float32{0.5, 0.5, 0.5, 0.5}}
	twins    = render.Map{Height: 2, Width: 2, Values: []float32{0, 1, 1, 0}}

	empty    = Mask{2, 2, make([]bool, 4)}
	full     = Mask{2, 2, []bool{true, true, true, true}}
	topRow   = Mask{2, 2, []bool{true, true, false, false}}
	lastCell = Mask{2, 2, []bool{false, false, false, true}}
)

func TestEnergyInMask(t *testing.T) {
	for _, row := range []struct {
		name string
		m    render.Map
		mask Mask
		want float64
	}{
		{"top row", quarters, topRow, 78642.0 / 117963},
		{"zero under the mask", quarters, lastCell, 0},
		{"full mask", quarters, full, 1},
		{"empty mask", quarters, empty, 0},
		{"zero map", zero, full, 0},
		{"flat map is the share of the area", flat, lastCell, 0.25},
	} {
		if got, err := EnergyInMask(row.m, row.mask); err != nil || got != row.want {
			t.Errorf("%s: got %v, %v, want %v", row.name, got, err, row.want)
		}
	}
}

func TestIoU(t *testing.T) {
	for _, row := range []struct {
		name      string
		m         render.Map
		mask      Mask
		threshold float64
		want      float64
	}{
		{"one of three", quarters, topRow, 0.5, 1.0 / 3},
		{"one of two", quarters, topRow, 0.7, 0.5},
		{"two of three", quarters, topRow, 0.2, 2.0 / 3},
		{"threshold itself counts", flat, full, 0.5, 1},
		{"above the flat map", flat, full, 0.51, 0},
		{"all at threshold 0", zero, full, 0, 1},
		{"maximum at threshold 1", quarters, topRow, 1, 0.5},
		{"full mask", quarters, full, 0.5, 0.5},
		{"empty mask", quarters, empty, 0.5, 0},
		{"zero map", zero, topRow, 0.5, 0},
		{"both empty", zero, empty, 0.5, 0},
	} {
		if got, err := IoU(row.m, row.mask, row.threshold); err != nil || got != row.want {
			t.Errorf("%s: got %v, %v, want %v", row.name, got, err, row.want)
		}
	}
}

func TestPointingGame(t *testing.T) {
	for _, row := range []struct {
		name string
		m    render.Map
		mask Mask
		want bool
	}{
		{"hit", quarters, topRow, true},
		{"miss", quarters, lastCell, false},
		{"full mask", quarters, full, true},
		{"empty mask", quarters, empty, false},
		{"zero map", zero, full, false},
		{"first of equal maxima inside", twins, topRow, true},
		{"second of equal maxima inside", twins, Mask{2, 2, []bool{false, false, true, true}}, false},
		{"flat map points at the first pixel", flat, Mask{2, 2, []bool{true, false, false, false}}, true},
	} {
		if got, err := PointingGame(row.m, row.mask); err != nil || got != row.want {
			t.Errorf("%s: got %v, %v, want %v", row.name, got, err, row.want)
		}
	}
}

// Two cells over four pixels have levels 0, 16384, 49151 and 65535.
func TestMapIsScaledToTheMask(t *testing.T) {
	m := render.Map{Height: 1, Width: 2, Values: []float32{0, 1}}
	mask := Mask{1, 4, []bool{false, true, true, false}}
	if got, err := EnergyInMask(m, mask); err != nil || got != 65535.0/131070 {
		t.Errorf("energy: got %v, %v", got, err)
	}
	if got, err := IoU(m, mask, 0.5); err != nil || got != 1.0/3 {
		t.Errorf("intersection over union: got %v, %v", got, err)
	}
	if got, err := PointingGame(m, mask); err != nil || got {
		t.Errorf("pointing game: got %v, %v", got, err)
	}
}

// What is inside one mask is outside its complement.
func TestEnergyOfMaskAndComplementIsAll(t *testing.T) {
	m := render.Map{Height: 2, Width: 3, Values: []float32{0.1, 0.7, 0.3, 1, 0, 0.9}}
	mask, rest := Mask{9, 16, make([]bool, 144)}, Mask{9, 16, make([]bool, 144)}
	for i := range mask.Inside {
		mask.Inside[i] = i*i%7 < 3
		rest.Inside[i] = !mask.Inside[i]
	}
	a, errA := EnergyInMask(m, mask)
	b, errB := EnergyInMask(m, rest)
	if errA != nil || errB != nil || math.Abs(a+b-1) > 1e-15 || a == 0 || b == 0 {
		t.Errorf("got %v and %v, %v, %v", a, b, errA, errB)
	}
}

func TestBadInputIsRefused(t *testing.T) {
	nan := math.NaN()
	badMap := render.Map{Height: 1, Width: 1, Values: []float32{float32(nan)}}
	masks := []Mask{{}, {2, 2, make([]bool, 3)}, {2, 2, make([]bool, 5)}, {-2, -2, make([]bool, 4)}, {0, 2, nil}}
	for _, mask := range masks {
		if failed := allFail(quarters, mask); !failed {
			t.Errorf("mask %v: no error", mask)
		}
	}
	if !allFail(badMap, full) {
		t.Error("bad map: no error")
	}
	for _, threshold := range []float64{-0.1, 1.1, nan, math.Inf(1)} {
		if _, err := IoU(quarters, full, threshold); err == nil {
			t.Errorf("threshold %v: no error", threshold)
		}
	}
}

func allFail(m render.Map, mask Mask) bool {
	_, energy := EnergyInMask(m, mask)
	_, iou := IoU(m, mask, 0.5)
	_, pointing := PointingGame(m, mask)
	return !slices.Contains([]error{energy, iou, pointing}, nil)
}
