package render

import (
	"math"
	"strings"
	"testing"

	"megl-edge/gradcam/render/internal/oklab"
)

func TestParseColourMap(t *testing.T) {
	for _, want := range []ColourMap{Dawn, Jet} {
		if got, err := ParseColourMap(string(want)); err != nil || got != want {
			t.Errorf("%s: got %q, %v", want, got, err)
		}
	}
	for _, name := range []string{"", "Jet", "rainbow"} {
		_, err := ParseColourMap(name)
		if err == nil || !strings.Contains(err.Error(), "dawn") || !strings.Contains(err.Error(), "jet") {
			t.Errorf("%q: error %v does not name the colour maps", name, err)
		}
	}
}

func TestDawnGetsLighterWithEveryLevel(t *testing.T) {
	for level := 1; level < 256; level++ {
		if rise := dawn(level).L - dawn(level-1).L; rise < 0.0005 {
			t.Errorf("lightness rises by %v at level %d", rise, level)
		}
	}
}

// One 8-bit step of a channel is about as large as one step of the map, so
// neighbours wobble; over sixteen levels that has to level out.
func TestDawnStepsAreEven(t *testing.T) {
	for _, row := range []struct {
		levels      int
		least, most float64 // of the mean
	}{
		{1, 0.55, 1.55}, {4, 0.84, 1.16}, {16, 0.95, 1.05}, {32, 0.97, 1.03},
	} {
		steps := make([]float64, 256-row.levels)
		mean := 0.0
		for i := range steps {
			steps[i] = dawn(i).Distance(dawn(i + row.levels))
			mean += steps[i] / float64(len(steps))
		}
		for i, step := range steps {
			if step < row.least*mean || step > row.most*mean {
				t.Errorf("from level %d to %d: distance %.4f, mean %.4f", i, i+row.levels, step, mean)
			}
		}
	}
}

// Rounding to 8 bits may move a level by less than a step, which is 0.0027.
func TestDawnLightnessIsAStraightLine(t *testing.T) {
	first, last := dawn(0).L, dawn(255).L
	for level := range 256 {
		want := first + (last-first)*float64(level)/255
		if got := dawn(level).L; math.Abs(got-want) > 0.0025 {
			t.Errorf("level %d: lightness %.4f, want %.4f", level, got, want)
		}
	}
	if last-first < 0.65 {
		t.Errorf("lightness runs from %.3f to %.3f only", first, last)
	}
}

func dawn(level int) oklab.Lab {
	c := dawnColours[level]
	return oklab.FromSRGB(c[0], c[1], c[2])
}

// The corners of the classical map: dark blue, blue, cyan, green and yellow
// mixed, yellow, red, dark red.
func TestJetByHand(t *testing.T) {
	for _, row := range []struct {
		level int
		want  [3]uint8
	}{
		{0, [3]uint8{0, 0, 128}},
		{31, [3]uint8{0, 0, 252}},
		{32, [3]uint8{0, 1, 255}},
		{96, [3]uint8{2, 255, 254}},
		{127, [3]uint8{126, 255, 130}},
		{128, [3]uint8{130, 255, 126}},
		{159, [3]uint8{254, 255, 2}},
		{223, [3]uint8{255, 1, 0}},
		{255, [3]uint8{128, 0, 0}},
	} {
		if got := jetColours[row.level]; got != row.want {
			t.Errorf("level %d: got %v, want %v", row.level, got, row.want)
		}
	}
}

func TestJetIsItsOwnMirror(t *testing.T) {
	for level, c := range jetColours {
		if got := jetColours[255-level]; got != [3]uint8{c[2], c[1], c[0]} {
			t.Errorf("level %d is %v, its mirror %v", level, c, got)
		}
	}
}
