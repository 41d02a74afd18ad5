package mapmetric

import (
	"math"
	"slices"
	"testing"

	"megl-edge/gradcam/render"
)

func row(values ...float32) render.Map {
	return render.Map{Height: 1, Width: len(values), Values: values}
}

func TestSpearmanByHand(t *testing.T) {
	for _, c := range []struct {
		name string
		a, b render.Map
		want float64
	}{
		{"same", row(0.1, 0.9, 0.4, 0.3), row(0.1, 0.9, 0.4, 0.3), 1},
		{"same order", row(0, 0.01, 0.02, 1), row(0.7, 0.8, 0.9, 0.91), 1},
		{"reversed", row(0, 0.2, 0.5, 1), row(1, 0.7, 0.6, 0), -1},
		// 1 − 6·Σd²/(n(n²−1)) with d = 0, 1, −1, 0.
		{"neighbours swapped", row(0, 0.1, 0.2, 0.3), row(0, 0.2, 0.1, 0.3), 0.8},
		// Ranks 1.5 1.5 3 4 and 1 2 3 4: 4.5 / √(4.5·5).
		{"two equal", row(0, 0, 0.5, 1), row(0, 0.1, 0.2, 0.3), 18 / math.Sqrt(18*20)},
		// Ranks 1 3 3 3 5 and 5 3.5 3.5 2 1: −8 / √(8·9.5).
		{"equal in both", row(0, 0.5, 0.5, 0.5, 1), row(1, 0.5, 0.5, 0.2, 0), -32 / math.Sqrt(32*38)},
		{"flat map", row(0.5, 0.5, 0.5), row(0, 0.5, 1), 0},
		{"zero maps", row(0, 0, 0), row(0, 0, 0), 0},
		{"one cell", row(0.5), row(0.1), 0},
	} {
		for _, pair := range [][2]render.Map{{c.a, c.b}, {c.b, c.a}} {
			if got, err := Spearman(pair[0], pair[1]); err != nil || got != c.want {
				t.Errorf("%s: got %v, %v, want %v", c.name, got, err, c.want)
			}
		}
	}
}

func TestNegativeZeroTiesWithZero(t *testing.T) {
	minus := float32(math.Copysign(0, -1))
	if got := ranks([]float32{0, minus, 0.5}); !slices.Equal(got, []int64{-1, -1, 2}) {
		t.Errorf("got %v", got)
	}
}

// On the largest map the sums must still be exact, or a map would not correlate
// 1 with itself.
func TestLargestMapCorrelatesFullyWithItself(t *testing.T) {
	m := render.Map{Height: 1 << 9, Width: maxRanked >> 9, Values: make([]float32, maxRanked)}
	turned := m
	turned.Values = make([]float32, maxRanked)
	for i := range m.Values {
		m.Values[i] = float32(i) / maxRanked
		turned.Values[maxRanked-1-i] = m.Values[i]
	}
	if got, err := Spearman(m, m); err != nil || got != 1 {
		t.Errorf("with itself: got %v, %v", got, err)
	}
	if got, err := Spearman(m, turned); err != nil || got != -1 {
		t.Errorf("with its reverse: got %v, %v", got, err)
	}
}

func TestSpearmanRefusesBadInput(t *testing.T) {
	good := row(0, 1)
	large := render.Map{Height: 1, Width: maxRanked + 1, Values: make([]float32, maxRanked+1)}
	for name, pair := range map[string][2]render.Map{
		"other size":  {good, row(0, 0.5, 1)},
		"turned":      {good, {Height: 2, Width: 1, Values: []float32{0, 1}}},
		"first bad":   {row(2, 0), good},
		"second bad":  {good, row(0, float32(math.NaN()))},
		"no cells":    {{}, {}},
		"too large":   {large, large},
		"value count": {{Height: 2, Width: 2, Values: []float32{0}}, {Height: 2, Width: 2, Values: []float32{0}}},
	} {
		if _, err := Spearman(pair[0], pair[1]); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
