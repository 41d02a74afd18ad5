package mapmetric

import (
	"fmt"

	"megl-edge/gradcam/render"
)

// EnergyInMask returns the share of the map's sum that lies inside the mask, in
// [0,1]. A map that is zero everywhere has no energy to place, and scores 0.
func EnergyInMask(m render.Map, mask Mask) (float64, error) {
	levels, err := scale(m, mask)
	if err != nil {
		return 0, err
	}
	var inside, total uint64
	for i, level := range levels {
		total += uint64(level)
		if mask.Inside[i] {
			inside += uint64(level)
		}
	}
	return share(inside, total), nil
}

// IoU returns the intersection over union of the mask and the pixels whose
// saliency is at least threshold, in [0,1]. Where both are empty it is 0: saying
// nothing about nothing earns no credit. The threshold must be in [0,1].
func IoU(m render.Map, mask Mask, threshold float64) (float64, error) {
	if !(threshold >= 0 && threshold <= 1) {
		return 0, fmt.Errorf("threshold %v is not in [0,1]", threshold)
	}
	levels, err := scale(m, mask)
	if err != nil {
		return 0, err
	}
	var both, either uint64
	for i, level := range levels {
		salient := float64(level) >= threshold*render.MaxLevel
		if salient && mask.Inside[i] {
			both++
		}
		if salient || mask.Inside[i] {
			either++
		}
	}
	return share(both, either), nil
}

// PointingGame tells whether the map's maximum lies inside the mask. Among equal
// maxima the first counts, row by row. A map that is zero everywhere points
// nowhere, and misses.
func PointingGame(m render.Map, mask Mask) (bool, error) {
	levels, err := scale(m, mask)
	if err != nil {
		return false, err
	}
	most := 0
	for i, level := range levels {
		if level > levels[most] {
			most = i
		}
	}
	return levels[most] > 0 && mask.Inside[most], nil
}

// share returns part / whole, and 0 of an empty whole. Both are below 2⁵³, so
// the division is the only rounding.
func share(part, whole uint64) float64 {
	if whole == 0 {
		return 0
	}
	return float64(part) / float64(whole)
}
