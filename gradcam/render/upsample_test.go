package render

import (
	"math"
	"slices"
	"testing"
)

func TestUpsampleByHand(t *testing.T) {
	rows := []struct {
		name          string
		m             Map
		width, height int
		want          []uint16
	}{
		// Centres of four pixels lie at −¼, ¼, ¾ and 1¼ cells: the outer two are
		// clamped.
		{"two cells to four", Map{1, 2, []float32{0, 1}}, 4, 1,
			[]uint16{0, 16384, 49151, 65535}},
		{"column", Map{2, 1, []float32{0, 1}}, 1, 4,
			[]uint16{0, 16384, 49151, 65535}},
		{"middle of a square", Map{2, 2, []float32{0, 0, 0, 1}}, 3, 3,
			[]uint16{0, 0, 0, 0, 16384, 32768, 0, 32768, 65535}},
		{"same size", Map{2, 3, []float32{0, 1, 0.5, 1, 0, 1}}, 3, 2,
			[]uint16{0, 65535, 32768, 65535, 0, 65535}},
		{"smaller picks the centre", Map{1, 3, []float32{0, 1, 0}}, 1, 1,
			[]uint16{65535}},
		{"one cell", Map{1, 1, []float32{1}}, 2, 2,
			[]uint16{65535, 65535, 65535, 65535}},
	}
	for _, row := range rows {
		got, err := Upsample(row.m, row.width, row.height)
		if err != nil || !slices.Equal(got, row.want) {
			t.Errorf("%s: got %v, %v, want %v", row.name, got, err, row.want)
		}
	}
}

func TestConstantMapStaysConstant(t *testing.T) {
	for _, v := range []float32{0, 0.1, 1.0 / 3, 0.999, 1} {
		m := Map{3, 5, slices.Repeat([]float32{v}, 15)}
		want := m.levels()[0]
		for _, size := range []int{1, 2, 7, 224, 331} {
			for i, got := range upsample(t, m, size, size+1) {
				if got != want {
					t.Fatalf("value %v to %d×%d: level %d at %d, want %d", v, size, size+1, got, i, want)
				}
			}
		}
	}
}

func TestCornersAreTheMapsCorners(t *testing.T) {
	m := noise(7, 9)
	levels := m.levels()
	const width, height = 640, 427
	got := upsample(t, m, width, height)
	for _, c := range []struct{ pixel, cell int }{
		{0, 0}, {width - 1, 8}, {(height - 1) * width, 6 * 9}, {height*width - 1, 7*9 - 1},
	} {
		if got[c.pixel] != levels[c.cell] {
			t.Errorf("pixel %d: got %d, want %d of cell %d", c.pixel, got[c.pixel], levels[c.cell], c.cell)
		}
	}
}

func TestRisingMapNeverFalls(t *testing.T) {
	m := Map{1, 6, []float32{0, 0.1, 0.1, 0.10001, 0.9, 1}}
	for size := 1; size < 300; size++ {
		if got := upsample(t, m, size, 1); !slices.IsSorted(got) {
			t.Fatalf("to %d pixels: %v falls", size, got)
		}
	}
}

func TestTurnedMapGivesTurnedLevels(t *testing.T) {
	m := noise(5, 7)
	want := upsample(t, m, 97, 61)
	slices.Reverse(m.Values)
	got := upsample(t, m, 97, 61)
	slices.Reverse(got)
	if !slices.Equal(got, want) {
		t.Error("half a turn before and after scaling differ")
	}
}

// A weight is off by 2⁻¹⁷ at most, twice, which is one level; the last rounding
// adds half a level.
func TestLevelsFollowExactInterpolation(t *testing.T) {
	m := noise(7, 7)
	const width, height = 224, 131
	levels := m.levels()
	for i, got := range upsample(t, m, width, height) {
		x, y := i%width, i/width
		want := exact(levels, 7, at(x, width, 7), at(y, height, 7))
		if math.Abs(float64(got)-want) > 1.5 {
			t.Fatalf("pixel %d, %d: got %d, want %v", x, y, got, want)
		}
	}
}

// at returns a pixel's position among the cell centres.
func at(pixel, size, cells int) float64 {
	p := (float64(pixel)+0.5)*float64(cells)/float64(size) - 0.5
	return min(max(p, 0), float64(cells-1))
}

func exact(levels []uint16, width int, x, y float64) float64 {
	left, top := int(x), int(y)
	right, bottom := min(left+1, width-1), min(top+1, len(levels)/width-1)
	cell := func(row, column int) float64 { return float64(levels[row*width+column]) }
	fx, fy := x-float64(left), y-float64(top)
	upper := cell(top, left)*(1-fx) + cell(top, right)*fx
	lower := cell(bottom, left)*(1-fx) + cell(bottom, right)*fx
	return upper*(1-fy) + lower*fy
}

func TestUpsampleRefusesBadSizes(t *testing.T) {
	m := noise(7, 7)
	for _, size := range [][2]int{{0, 1}, {1, 0}, {-3, 4}, {1 << 20, 1 << 20}, {math.MaxInt32, 1}, {math.MaxInt, math.MaxInt}} {
		if _, err := Upsample(m, size[0], size[1]); err == nil {
			t.Errorf("%d×%d: no error", size[0], size[1])
		}
	}
	if _, err := Upsample(Map{7, 7, make([]float32, 48)}, 1, 1); err == nil {
		t.Error("bad map: no error")
	}
}

func upsample(t *testing.T, m Map, width, height int) []uint16 {
	t.Helper()
	levels, err := Upsample(m, width, height)
	if err != nil {
		t.Fatal(err)
	}
	return levels
}

// noise returns a map of fixed values that look random, 0 and 1 among them.
func noise(height, width int) Map {
	m := Map{height, width, make([]float32, height*width)}
	state := uint32(1)
	for i := range m.Values {
		state = state*1664525 + 1013904223
		m.Values[i] = float32(state>>8) / (1 << 24)
	}
	m.Values[1], m.Values[len(m.Values)/2] = 0, 1
	return m
}
