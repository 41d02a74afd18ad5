package render

import (
	"math"
	"slices"
	"testing"
)

func TestMapCheck(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	rows := []struct {
		name string
		m    Map
		good bool
	}{
		{"one cell", Map{1, 1, []float32{1}}, true},
		{"row", Map{1, 3, []float32{0, 0.5, 1}}, true},
		{"negative zero", Map{1, 1, []float32{float32(math.Copysign(0, -1))}}, true},
		{"smallest", Map{1, 1, []float32{math.SmallestNonzeroFloat32}}, true},
		{"no cells", Map{}, false},
		{"no rows", Map{0, 3, nil}, false},
		{"negative sides", Map{-1, -1, []float32{1}}, false},
		{"too few values", Map{2, 2, []float32{0, 0, 0}}, false},
		{"too many values", Map{2, 2, []float32{0, 0, 0, 0, 0}}, false},
		{"product overflows", Map{math.MaxInt, math.MaxInt, []float32{1}}, false},
		{"not a number", Map{1, 2, []float32{0, nan}}, false},
		{"infinite", Map{1, 2, []float32{inf, 0}}, false},
		{"above one", Map{1, 1, []float32{math.Nextafter32(1, 2)}}, false},
		{"below zero", Map{1, 1, []float32{-math.SmallestNonzeroFloat32}}, false},
	}
	for _, row := range rows {
		if err := row.m.Check(); (err == nil) != row.good {
			t.Errorf("%s: got error %v", row.name, err)
		}
	}
}

func TestLevelsRoundHalfUp(t *testing.T) {
	step := float32(1) / 65536 // level 65535/65536: just below 1
	m := Map{1, 6, []float32{0, step / 2, step, 0.5, 1 - step, 1}}
	want := []uint16{0, 0, 1, 32768, 65534, 65535}
	if got := m.levels(); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
