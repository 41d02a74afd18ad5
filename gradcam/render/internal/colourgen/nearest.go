package main

import (
	"fmt"
	"math"

	"megl-edge/gradcam/render/internal/oklab"
)

// nearest returns the 8-bit colour with the least distance to want. Rounding
// each channel by itself would be up to twice as far, and steps are small
// enough for that to show. It fails on a colour that sRGB cannot show.
func nearest(want oklab.Lab) ([3]uint8, error) {
	exact := want.SRGB()
	for _, v := range exact {
		if v < 0 || v > 255 {
			return [3]uint8{}, fmt.Errorf("%.4v is outside sRGB: red, green, blue are %.1f", want, exact)
		}
	}
	var best [3]uint8
	least := math.Inf(1)
	for corner := range 8 {
		candidate := corners(exact, corner)
		d := want.Distance(oklab.FromSRGB(candidate[0], candidate[1], candidate[2]))
		if d < least {
			best, least = candidate, d
		}
	}
	return best, nil
}

// corners returns one of the eight integer colours around exact: bit k of
// corner rounds channel k up.
func corners(exact [3]float64, corner int) [3]uint8 {
	var colour [3]uint8
	for k, v := range exact {
		colour[k] = uint8(v)
		if corner>>k&1 == 1 {
			colour[k] = uint8(math.Ceil(v))
		}
	}
	return colour
}
