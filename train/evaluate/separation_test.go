package evaluate

import "testing"

func TestArea(t *testing.T) {
	for _, c := range []struct {
		low, high []float32
		want      float64
	}{
		{[]float32{1, 2}, []float32{3, 4}, 1},
		{[]float32{3, 4}, []float32{1, 2}, 0},
		{[]float32{1, 1, 1}, []float32{1}, 0.5},
		{[]float32{2, 1, 3}, []float32{2, 2}, 0.5},
		{[]float32{1, 3}, []float32{2, 4}, 0.75},
	} {
		if got := area(c.low, c.high); got != c.want {
			t.Errorf("%v against %v: %v, want %v", c.high, c.low, got, c.want)
		}
	}
	s := separation([]outcome{{unknown: 1}, {unknown: 2}}, []outcome{{unknown: 3}}, 1)
	if s.Value != 1 || s.Low != 1 || s.High != 1 {
		t.Errorf("%+v", s)
	}
}
