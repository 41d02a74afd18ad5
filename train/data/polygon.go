package data

import (
	"errors"
	"fmt"
	"slices"
)

const (
	// outlineScale is how much finer than pixels outlines are drawn.
	outlineScale = 5
	// maxOutline is the greatest length of the outlines of a mask, in points. An
	// outline that touches every pixel of a photo of a megapixel is shorter.
	maxOutline = 1 << 24
)

// fillPolygon marks the pixels inside a polygon with corners x0, y0, x1, y1, …,
// those where outlines overlap an odd number of times, and returns the length of
// the outline in points, which may be at most most.
//
// The pixels are those that the tools of COCO give, to the bit: the outline is
// drawn on a grid five times as fine, and a pixel column is filled between the
// rows where the outline crosses its centre. Products are rounded before they are
// added, so that no compiler fuses them.
func fillPolygon(b *Bitmap, corners []float64, most int) (length int, err error) {
	if len(corners)%2 != 0 || len(corners) < 6 {
		return 0, fmt.Errorf("a polygon of %d numbers, want two for each of at least 3 corners", len(corners))
	}
	points := make([]point, len(corners)/2)
	for i := range points {
		x, y := corners[2*i], corners[2*i+1]
		if !(x >= -maxCoordinate && x <= maxCoordinate && y >= -maxCoordinate && y <= maxCoordinate) {
			return 0, fmt.Errorf("corner %d of a polygon lies at %v, %v, far outside any photo", i, x, y)
		}
		points[i] = point{int(float64(outlineScale*x) + 0.5), int(float64(outlineScale*y) + 0.5)}
	}
	for i, from := range points {
		length += edgeLength(from, points[(i+1)%len(points)])
		if length > most {
			return 0, errors.New("the outline of the mask is longer than any of a photo")
		}
	}
	crossings := outlineCrossings(b, points)
	slices.Sort(crossings)
	for i := 0; i < len(crossings); i += 2 {
		to := len(b.Pix)
		if i+1 < len(crossings) {
			to = crossings[i+1]
		}
		b.fill(crossings[i], to)
	}
	return length, nil
}

// maxCoordinate is the greatest distance of a corner from the corner of the photo:
// the longest side that photos may have.
const maxCoordinate = 1 << 20

// A point lies on the fine grid.
type point struct{ x, y int }

// edgeLength returns the number of points that an edge is drawn with.
func edgeLength(from, to point) int { return max(abs(to.x-from.x), abs(to.y-from.y)) + 1 }

func abs(x int) int { return max(x, -x) }

// outlineCrossings returns where the outline crosses the centres of pixel columns:
// the first pixel below each crossing, counted column after column.
func outlineCrossings(b *Bitmap, points []point) []int {
	var crossings []int
	last := points[0]
	for i, from := range points {
		to := points[(i+1)%len(points)]
		for p := range edgePoints(from, to) {
			if x, ok := columnBetween(last.x, p.x); ok && x >= 0 && x < b.Width {
				crossings = append(crossings, x*b.Height+rowBelow(min(last.y, p.y), b.Height))
			}
			last = p
		}
	}
	return crossings
}

// edgePoints yields the points of an edge, one for each step along its longer side.
func edgePoints(from, to point) func(yield func(point) bool) {
	dx, dy := abs(to.x-from.x), abs(to.y-from.y)
	steps := max(dx, dy)
	low, high := from, to
	backwards := dx >= dy && from.x > to.x || dx < dy && from.y > to.y
	if backwards {
		low, high = to, from
	}
	return func(yield func(point) bool) {
		for step := range steps + 1 {
			if backwards {
				step = steps - step
			}
			var p point
			switch {
			case steps == 0:
				p = low
			case dx >= dy:
				p = point{low.x + step, onEdge(low.y, high.y, step, dx)}
			default:
				p = point{onEdge(low.x, high.x, step, dy), low.y + step}
			}
			if !yield(p) {
				return
			}
		}
	}
}

// onEdge returns the other coordinate of an edge from low to high after step of
// the given number of steps.
func onEdge(low, high, step, steps int) int {
	slope := float64(high-low) / float64(steps)
	return int(float64(low) + float64(slope*float64(step)) + 0.5)
}

// columnBetween returns the pixel column whose centre lies between two neighbouring
// columns of the fine grid.
func columnBetween(a, b int) (x int, ok bool) {
	const centre = outlineScale / 2
	if a == b {
		return 0, false
	}
	fine := min(a, b)
	return (fine - centre) / outlineScale, (fine-centre)%outlineScale == 0
}

// rowBelow returns the first pixel row whose centre is not above row y of the fine
// grid, 0 to height.
func rowBelow(y, height int) int {
	const centre = outlineScale / 2
	return max(0, min((y-centre+outlineScale-1)/outlineScale, height))
}
