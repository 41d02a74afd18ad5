package vision

// orientation is the EXIF orientation, 1..8: how the stored picture must be
// turned or mirrored to stand upright.
type orientation uint8

const upright orientation = 1

// sideways reports whether rows of the stored picture become columns.
func (o orientation) sideways() bool { return o >= 5 }

// placement maps a stored pixel to the upright image: pixel (x, y) goes to
// index origin + x·stepX + y·stepY, counted in pixels.
type placement struct{ origin, stepX, stepY int }

// placement returns the map for a stored picture of width × height pixels.
func (o orientation) placement(width, height int) placement {
	w, h := width, height
	switch o {
	case 2: // mirrored left to right
		return placement{w - 1, -1, w}
	case 3: // turned by 180°
		return placement{w*h - 1, -1, -w}
	case 4: // mirrored top to bottom
		return placement{w * (h - 1), 1, -w}
	case 5: // mirrored at the main diagonal
		return placement{0, h, 1}
	case 6: // to be turned clockwise by 90°
		return placement{h - 1, h, -1}
	case 7: // mirrored at the other diagonal
		return placement{w*h - 1, -h, -1}
	case 8: // to be turned counterclockwise by 90°
		return placement{h * (w - 1), -h, 1}
	}
	return placement{0, 1, w}
}

// put writes rows y0, y0+1, ... of the stored picture, width pixels each, to dst.
func (p placement) put(dst, strip []uint8, width, y0 int) {
	rows := len(strip) / (3 * width)
	if p.stepX == 1 {
		for y := range rows {
			copy(dst[3*(p.origin+(y0+y)*p.stepY):], strip[3*width*y:3*width*(y+1)])
		}
		return
	}
	for x := range width {
		p.putColumn(dst, strip[3*x:], 3*width, rows, p.origin+x*p.stepX+y0*p.stepY)
	}
}

// putColumn writes one column of a strip, its pixels stride bytes apart, from
// pixel to of dst on. Of a sideways picture the pixels of a column lie together
// in dst.
func (p placement) putColumn(dst, column []uint8, stride, rows, to int) {
	to *= 3
	for y := range rows {
		copy(dst[to:to+3], column[y*stride:y*stride+3])
		to += 3 * p.stepY
	}
}
