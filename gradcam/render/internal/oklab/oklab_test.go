package oklab

import (
	"math"
	"testing"
)

// The corners of sRGB, to the four decimals that conversion tables give.
func TestKnownColours(t *testing.T) {
	rows := []struct {
		red, green, blue uint8
		want             Lab
	}{
		{0, 0, 0, Lab{0, 0, 0}},
		{255, 255, 255, Lab{1, 0, 0}},
		{255, 0, 0, Lab{0.6280, 0.2249, 0.1258}},
		{0, 255, 0, Lab{0.8664, -0.2339, 0.1795}},
		{0, 0, 255, Lab{0.4520, -0.0325, -0.3115}},
	}
	for _, row := range rows {
		got := FromSRGB(row.red, row.green, row.blue)
		if got.Distance(row.want) > 2e-4 {
			t.Errorf("sRGB %d, %d, %d: got %v, want %v", row.red, row.green, row.blue, got, row.want)
		}
	}
}

func TestBothWaysMeet(t *testing.T) {
	for _, want := range [][3]uint8{{0, 0, 0}, {1, 2, 3}, {10, 11, 12}, {200, 100, 50}, {255, 255, 255}} {
		got := FromSRGB(want[0], want[1], want[2]).SRGB()
		for k, v := range got {
			if math.Abs(v-float64(want[k])) > 1e-3 {
				t.Errorf("%v came back as %v", want, got)
			}
		}
	}
}
