package vision

import "image"

// render collects the rows of a picture that lies at bounds on a white canvas
// of width × height pixels, and sets the canvas upright.
func render(rows rowReader, bounds image.Rectangle, width, height int, o orientation) *Image {
	out := newImage(width, height)
	if o.sideways() {
		out.Width, out.Height = height, width
	}
	w, h := bounds.Dx(), bounds.Dy()
	if w != width || h != height {
		for i := range out.Pix {
			out.Pix[i] = white
		}
	}
	if w == 0 {
		return out
	}
	place := o.placement(width, height)
	place.origin += bounds.Min.X*place.stepX + bounds.Min.Y*place.stepY
	const stripRows = 16 // 48 bytes of a sideways row are written together
	strip := make([]uint8, 3*w*min(h, stripRows))
	for y := 0; y < h; y += stripRows {
		part := strip[:3*w*min(h-y, stripRows)]
		for i := range len(part) / (3 * w) {
			rows(part[3*w*i:3*w*(i+1)], y+i)
		}
		place.put(out.Pix, part, w, y)
	}
	return out
}
