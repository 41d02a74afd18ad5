package html

import (
	"math"
	"slices"
	"strings"

	"megl-edge/quant"
)

// layer is one row of the table of layers.
type layer struct {
	Name                          string
	Parts                         []string // of the shortened name; a line may end after each
	Op, Noise, Cosine, Loss, Move string
	Bar                           int  // length in percent
	Lossy                         bool // loses classes
	Float                         bool
}

func layers(reports []quant.LayerReport) []layer {
	list := make([]layer, len(reports))
	for i, r := range reports {
		list[i] = layer{
			Name: r.Name, Parts: strings.SplitAfter(shortened(r.Name), "/"), Op: r.Op,
			Noise: decibels(r), Cosine: decimal(r.Cosine, 4), Bar: bar(r),
			Loss: percent(r.Loss, 1), Move: percent(r.LogitsError, 2), Lossy: r.Loss > 0, Float: r.Float,
		}
		if r.Cosine == 0 {
			list[i].Cosine = none // of a result that is zero, or was not measured
		}
	}
	return list
}

// longestName is how many characters of a layer's name are shown: some
// converters join the names of all that they fused.
const longestName = 96

// shortened leaves out the middle of a long name: its ends tell layers apart.
func shortened(name string) string {
	runes := []rune(name)
	if len(runes) <= longestName {
		return string(runes)
	}
	const end = (longestName - 1) / 2
	return string(slices.Concat(runes[:end+1], []rune("…"), runes[len(runes)-end:]))
}

// exact is what a report says of a result without noise, in decibels.
const exact = 200

// silent is the signal-to-noise ratio, in decibels, from which on a layer has no
// bar: a thousandth of the signal is noise.
const silent = 60

func decibels(r quant.LayerReport) string {
	switch db := r.SignalToNoise; {
	case !measured(r):
		return none
	case db >= exact:
		return "exact"
	default:
		return decimal(db, 1) + unit + "dB"
	}
}

// bar returns how long the bar of a layer is, in percent: the more noise, the
// longer.
func bar(r quant.LayerReport) int {
	if !measured(r) {
		return 0
	}
	heard := silent - min(max(r.SignalToNoise, 0), silent)
	return int(math.Round(heard / silent * 100))
}

// measured tells whether the noise of a layer is known. A layer that the int8
// model no longer has holds zeros.
func measured(r quant.LayerReport) bool {
	db := r.SignalToNoise
	return !math.IsNaN(db) && !math.IsInf(db, -1) && (db != 0 || r.Cosine != 0)
}
