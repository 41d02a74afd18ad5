package evaluate

import (
	"math"
	"slices"
	"testing"

	"megl-edge/gradcam/mapmetric"
	"megl-edge/sdtg"
	"megl-edge/train/data"
)

var words = lexicon{
	attributes: []string{"dense brown fur", "two long horns", "a tail"},
	colours:    []string{"brown", "gray"},
	positions:  []string{"upper left", "centre", "left"},
}

func TestScoreText(t *testing.T) {
	row := data.Row{
		Rationales: []string{"The gray object at the left shows two long horns."},
		Attributes: []string{"two long horns", "a tail", "hooves"}, Colour: "gray", Position: "left",
	}
	for _, c := range []struct {
		text                       string
		named, claimed, wrong      int
		rightColour, rightPosition bool
	}{
		{"The gray object at the left shows two long horns.", 1, 1, 0, true, true},
		{"The gray object at the upper left shows dense brown fur and a tail.", 1, 2, 1, true, false},
		{"The brown object at the left or at the centre.", 0, 0, 0, false, false},
		{"Gray and brown, left behind.", 0, 0, 0, false, true},
		{"", 0, 0, 0, false, false},
		{"dense brown furry grayish leftover", 0, 0, 0, false, false},
	} {
		s := words.scoreText(c.text, row)
		if s.attributes != 3 || s.named != c.named || s.claimed != c.claimed || s.wrong != c.wrong || s.rightColour != c.rightColour || s.rightPosition != c.rightPosition {
			t.Errorf("%q: %+v", c.text, s)
		}
	}
}

func TestLexicon(t *testing.T) {
	if rest, found := take("at the upper left side", words.positions); rest != "at the | side" || !slices.Equal(found, []string{"upper left"}) {
		t.Errorf("%q is left of the text, without %q", rest, found)
	}
	if got := inWords("Almond-shaped eyes, it's"); got != "almond-shaped eyes it 's" {
		t.Errorf("in words: %q", got)
	}
}

func TestTextStatistics(t *testing.T) {
	all := []*said{
		{attributes: 3, named: 1, claimed: 2, wrong: 1, colour: "gray", rightColour: true, position: "left", sided: true, mirrored: true,
			phrases: []phrase{{grounded: true, centre: true}, {centre: true}}, blanked: 2, gone: 1},
		{attributes: 3, named: 2, claimed: 2, colour: "gray", position: "left", rightPosition: true, sided: true},
		{attributes: 2, colour: "brown", rightColour: true, position: "centre", rightPosition: true, phrases: []phrase{{grounded: true, shuffled: true}}},
	}
	for name, want := range map[string]float64{
		"attribute_recall": 3. / 8, "wrong_attributes": 1. / 4, "colour_macro": (0.5 + 1) / 2, "position_macro": (0.5 + 1) / 2,
		"grounded_phrases": 2. / 3, "centre_box_phrases": 2. / 3, "shuffled_mask_phrases": 1. / 3, "mirrored_sides": 1. / 2, "blanked_attributes": 1. / 2,
	} {
		at := slices.IndexFunc(textStatistics, func(s textStatistic) bool { return s.name == name })
		if got, ok := textStatistics[at].of(all); !ok || math.Abs(got-want) > 1e-12 {
			t.Errorf("%s is %v, want %v", name, got, want)
		}
		if _, ok := textStatistics[at].of([]*said{{}}); ok {
			t.Errorf("%s is there without anything said", name)
		}
	}
}

// The gain of sentences over the same sentences is none, and over silence all.
func TestGain(t *testing.T) {
	row := data.Row{Rationales: []string{"a gray one"}, Colour: "gray"}
	right, silent := words.scoreText("a gray one", row), words.scoreText("", row)
	same, twice := *right, *right
	scores := scoreSentences([]outcome{{said: right, blind: silent}, {said: &twice, blind: &same}}, 1)
	if s := scores["colour_macro"]; s.Value != 1 || s.Gain == nil || s.Gain.Value != 0.5 || s.Gain.Low != 0 || s.Gain.High != 1 {
		t.Errorf("%+v with gain %+v", s.Score, s.Gain)
	}
	if s, ok := scores["mirrored_sides"]; ok {
		t.Errorf("a score of nothing: %+v", s)
	}
	if got := scoreSentences([]outcome{{}}, 1); got != nil {
		t.Errorf("scores of silence: %v", got)
	}
}

func TestChangedPixels(t *testing.T) {
	pixels := []uint8{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13} // 2×2
	if got := mirroredPixels(pixels, 2); !slices.Equal(got, []uint8{4, 5, 6, 1, 2, 3, 11, 12, 13, 7, 8, 9}) {
		t.Errorf("mirrored %v", got)
	}
	got := blankedPixels(pixels, 2, 2, sdtg.Box{Left: 0.4, Top: 0, Right: 1, Bottom: 0.5})
	if !slices.Equal(got, []uint8{1, 2, 3, 5, 6, 7, 7, 8, 9, 11, 12, 13}) {
		t.Errorf("blanked %v", got)
	}
	if got := exchanged(sides("At the left, not to the Right")); !slices.Equal(got, []string{"right", "left"}) {
		t.Errorf("exchanged %v", got)
	}
}

// The box in the centre has a quarter of the area.
func TestCentreBox(t *testing.T) {
	m := centreBox(8, 12)
	inside := 0
	for _, v := range m.Values {
		inside += int(v)
	}
	if inside != 24 || m.Values[0] != 0 || m.Values[4*12+6] != 1 {
		t.Errorf("%d cells: %v", inside, m.Values)
	}
	mask := mapmetric.Mask{Height: 8, Width: 12, Inside: make([]bool, 96)}
	for i := range mask.Inside {
		mask.Inside[i] = true
	}
	if iou, err := mapmetric.IoU(m, mask, salient); err != nil || math.Abs(iou-0.25) > 0.02 {
		t.Errorf("its overlap with everything is %v, %v", iou, err)
	}
}
