package html

import (
	"math"
	"strings"
	"testing"

	"megl-edge/quant"
)

func TestNumbers(t *testing.T) {
	inf := math.Inf(1)
	for _, row := range []struct{ got, want string }{
		{decimal(1.005, 1), "1.0"}, {decimal(-2.34, 1), "−2.3"}, {decimal(-0.001, 2), "0.00"}, {decimal(inf, 2), "–"}, {decimal(-inf, 2), "–"}, {decimal(math.NaN(), 0), "–"},
		{percent(0.125, 1), "12.5 %"}, {percent(0, 1), "0.0 %"}, {percent(inf, 1), "–"},
		{count(1, "thread"), "1 thread"}, {count(8, "thread"), "8 threads"},
		{size(0), "–"}, {size(-5), "–"}, {size(999), "999 B"}, {size(96_250), "96.2 kB"}, {size(13_640_000), "13.6 MB"},
		{milliseconds(0), "–"}, {milliseconds(math.NaN()), "–"}, {milliseconds(inf), "–"},
		{milliseconds(0.2134), "0.213 ms"}, {milliseconds(9.5), "9.50 ms"}, {milliseconds(123.45), "123.5 ms"},
		{change(4, 1, "less", "more"), "4.0× less"}, {change(2, 3, "less", "more"), "1.5× more"}, {change(100, 99, "less", "more"), "about the same"},
		{change(0, 1, "less", "more"), ""}, {change(1, 0, "less", "more"), ""}, {change(inf, 1, "less", "more"), ""}, {change(math.NaN(), 1, "less", "more"), ""},
		{shortened(strings.Repeat("x", 96)), strings.Repeat("x", 96)},
	} {
		if got := strings.ReplaceAll(row.got, unit, " "); got != row.want {
			t.Errorf("got %q, want %q", got, row.want)
		}
	}
}

func TestBars(t *testing.T) {
	for _, row := range []struct {
		decibels, cosine float64
		bar              int
		text             string
	}{
		{0, 0.5, 100, "0.0 dB"}, {-30, 0.5, 100, "−30.0 dB"}, {15, 1, 75, "15.0 dB"}, {60, 1, 0, "60.0 dB"}, {90, 1, 0, "90.0 dB"}, {200, 1, 0, "exact"},
		{math.Inf(1), 1, 0, "exact"}, {math.Inf(-1), 0, 0, "–"}, {math.NaN(), 1, 0, "–"},
		{0, 0, 0, "–"}, // not measured
	} {
		r := quant.LayerReport{SignalToNoise: row.decibels, Cosine: row.cosine}
		if got, text := bar(r), strings.ReplaceAll(decibels(r), unit, " "); got != row.bar || text != row.text {
			t.Errorf("%v dB: bar %d and %q, want %d and %q", row.decibels, got, text, row.bar, row.text)
		}
	}
}
