package sample

// colour is red, green and blue.
type colour [3]uint8

// point is a place, in units of a sub-pixel.
type point struct{ x, y int }

// shape is a part of the plane with a colour.
type shape struct {
	colour colour
	holds  func(p point) bool
}

// ellipse returns an ellipse by its centre and its half axes.
func ellipse(c colour, x, y, across, down int) shape {
	return shape{c, func(p point) bool {
		dx, dy := (p.x-x)*down, (p.y-y)*across
		return dx*dx+dy*dy <= across*across*down*down
	}}
}

// polygon returns what lies inside a closed line, by whether a ray to the right
// crosses it an odd number of times.
func polygon(c colour, corners ...point) shape {
	return shape{c, func(p point) bool {
		inside := false
		for i, a := range corners {
			b := corners[(i+1)%len(corners)]
			if (a.y > p.y) == (b.y > p.y) {
				continue
			}
			// Where the line crosses the height of p, compared without dividing.
			left := (p.x-a.x)*(b.y-a.y) < (b.x-a.x)*(p.y-a.y)
			if left == (b.y > a.y) {
				inside = !inside
			}
		}
		return inside
	}}
}

// line returns a line of a thickness between two points.
func line(c colour, a, b point, thick int) shape {
	dx, dy := b.x-a.x, b.y-a.y
	length := dx*dx + dy*dy
	return shape{c, func(p point) bool {
		px, py := p.x-a.x, p.y-a.y
		along := px*dx + py*dy
		cross := px*dy - py*dx
		return along >= 0 && along <= length && 4*cross*cross <= thick*thick*length
	}}
}
