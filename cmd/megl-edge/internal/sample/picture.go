package sample

import "image"

// Width and Height are those of the picture, in pixels.
const (
	Width  = 480
	Height = 360
)

// fine is how many sub-pixels a pixel is wide and high.
const fine = 4

// Picture draws the picture.
func Picture() *image.RGBA { return paint(Width, Height, ground, butterfly()) }

// paint lays shapes over each other, the last one on top.
func paint(width, height int, ground func(p point) colour, shapes []shape) *image.RGBA {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			var sum [3]int
			for sub := range fine * fine {
				p := point{x*fine + sub%fine, y*fine + sub/fine}
				c := ground(p)
				for i := len(shapes) - 1; i >= 0; i-- {
					if shapes[i].holds(p) {
						c = shapes[i].colour
						break
					}
				}
				for k, v := range c {
					sum[k] += int(v)
				}
			}
			at := picture.Pix[picture.PixOffset(x, y):][:4]
			for k, v := range sum {
				at[k] = uint8((v + fine*fine/2) / (fine * fine))
			}
			at[3] = 255
		}
	}
	return picture
}
