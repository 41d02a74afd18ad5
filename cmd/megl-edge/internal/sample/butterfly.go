package sample

// ground is a meadow out of focus: it gets darker to the bottom.
func ground(p point) colour {
	down := p.y * 60 / (Height * fine)
	return colour{uint8(150 - down), uint8(185 - down), uint8(110 - down)}
}

var (
	brown = colour{176, 112, 58}
	black = colour{28, 22, 20}
	white = colour{245, 240, 225}
)

// butterfly returns the shapes of a butterfly that sits left of the middle.
func butterfly() []shape {
	const x, y = 150 * fine, 180 * fine
	var shapes []shape
	for _, side := range []int{-1, 1} {
		at := func(across, down int) point { return point{x + side*across*fine, y + down*fine} }
		upper := []point{at(4, -30), at(40, -90), at(95, -115), at(128, -105), at(120, -60), at(95, -15), at(50, 5), at(4, 5)}
		lower := []point{at(4, 0), at(50, 0), at(88, 18), at(98, 55), at(78, 92), at(48, 100), at(22, 70), at(4, 25)}
		shapes = append(shapes, polygon(black, upper...), polygon(black, lower...))
		inner := func(corners []point, center point) []point {
			var small []point
			for _, c := range corners {
				small = append(small, point{center.x + (c.x-center.x)*82/100, center.y + (c.y-center.y)*82/100})
			}
			return small
		}
		shapes = append(shapes, polygon(brown, inner(upper, at(62, -50))...), polygon(brown, inner(lower, at(48, 42))...))
		for _, vein := range [][2]point{{at(10, -10), at(105, -98)}, {at(10, -5), at(112, -60)}, {at(10, 0), at(90, -20)}, {at(10, 10), at(86, 45)}, {at(10, 15), at(58, 92)}} {
			shapes = append(shapes, line(black, vein[0], vein[1], 3*fine))
		}
		for _, dot := range []point{at(112, -98), at(118, -84), at(114, -70), at(90, 60), at(82, 76), at(66, 90)} {
			shapes = append(shapes, ellipse(white, dot.x, dot.y, 4*fine, 4*fine))
		}
		shapes = append(shapes, line(black, at(2, -42), at(22, -92), 2*fine), ellipse(black, at(22, -92).x, at(22, -92).y, 4*fine, 4*fine))
	}
	return append(shapes, ellipse(black, x, y, 7*fine, 48*fine), ellipse(black, x, y-46*fine, 8*fine, 8*fine))
}
