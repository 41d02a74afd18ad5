package render_test

import (
	"fmt"
	"image"

	"megl-edge/gradcam/render"
)

// A grey photo of 6×4 pixels; the model saw the 4×4 pixels in its middle and
// found its evidence at the top left.
func ExampleOverlay() {
	photo := render.Photo{Height: 4, Width: 6, Pix: make([]uint8, 4*6*3)}
	for i := range photo.Pix {
		photo.Pix[i] = 100
	}
	m := render.Map{Height: 2, Width: 2, Values: []float32{1, 0.2, 0.2, 0}}
	picture, err := render.Overlay(photo, m, image.Rect(1, 0, 5, 4), render.DefaultOptions())
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, x := range []int{0, 1, 4} {
		c := picture.RGBAAt(x, 0)
		fmt.Println(x, c.R, c.G, c.B)
	}
	// Output:
	// 0 50 50 50
	// 1 171 174 113
	// 4 98 67 119
}
