package render_test

import (
	"image"
	"image/color"
	"testing"

	"megl-edge/gradcam/render"
)

func TestDrawRegions(t *testing.T) {
	picture := image.NewRGBA(image.Rect(0, 0, 40, 30))
	for i := range picture.Pix {
		picture.Pix[i] = 100
	}
	// The second box reaches beyond the picture, the third lies outside.
	render.DrawRegions(picture, []render.Region{
		{Number: 1, Box: image.Rect(2, 2, 30, 25)}, {Number: 23, Box: image.Rect(25, 10, 90, 90)}, {Number: 3, Box: image.Rect(100, 100, 120, 120)},
	})
	grey := func(v uint8) color.RGBA { return color.RGBA{v, v, v, 255} }
	for _, want := range []struct {
		x, y int
		grey color.RGBA
	}{
		{2, 24, grey(0)}, {3, 23, grey(255)}, {4, 22, grey(0)}, // the three lines of the first frame
		{20, 15, color.RGBA{100, 100, 100, 100}}, // inside
		{6, 4, grey(0)}, {4, 4, grey(255)},       // the figure 1: its top is in the middle
		{38, 28, grey(255)}, // the second frame stops at the border
	} {
		if got := picture.RGBAAt(want.x, want.y); got != want.grey {
			t.Errorf("pixel %d, %d is %v, want %v", want.x, want.y, got, want.grey)
		}
	}
	render.DrawRegions(picture, nil)
}
