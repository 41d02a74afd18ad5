package tflite

import (
	"fmt"
	"slices"
)

// normalizedAxis returns an axis counted from the outermost; negative ones count
// from the end.
func normalizedAxis(axis, rank int) (int, error) {
	if axis < -rank || axis >= rank {
		return 0, fmt.Errorf("axis %d of a value with %d dimensions", axis, rank)
	}
	return (axis + rank) % rank, nil
}

// normalizedAxes returns the axes once each, ascending.
func normalizedAxes(axes []int, rank int) ([]int, error) {
	var normalized []int
	for _, axis := range axes {
		axis, err := normalizedAxis(axis, rank)
		if err != nil {
			return nil, err
		}
		normalized = append(normalized, axis)
	}
	slices.Sort(normalized)
	return slices.Compact(normalized), nil
}
