package vision

import (
	"fmt"
	"math"
)

// maxSide is the longest side of an image in pixels. It keeps the filter
// coefficients of [Resize] small (16 bytes for each pixel of the side) and
// products of sizes far from overflow.
const maxSide = 1 << 20

// Image is an RGB picture with 8 bits per channel.
type Image struct {
	Width, Height int     // in pixels, at least 1
	Pix           []uint8 // [Height][Width][3], row major, values 0..255
}

// newImage returns a black image. The caller has checked the size.
func newImage(width, height int) *Image {
	return &Image{Width: width, Height: height, Pix: make([]uint8, width*height*3)}
}

// row returns the pixels of row y, 3·Width bytes.
func (im *Image) row(y int) []uint8 {
	n := im.Width * 3
	return im.Pix[y*n : (y+1)*n]
}

// check reports a size that is out of range or does not fit the pixels.
func (im *Image) check() error {
	if err := checkSize(int64(im.Width), int64(im.Height)); err != nil {
		return err
	}
	if len(im.Pix) != im.Width*im.Height*3 {
		return fmt.Errorf("image of %dx%d pixels has %d bytes, want %d",
			im.Width, im.Height, len(im.Pix), im.Width*im.Height*3)
	}
	return nil
}

// checkSize reports sides outside 1..maxSide and images whose bytes cannot be
// counted in an int.
func checkSize(width, height int64) error {
	switch {
	case width < 1 || height < 1:
		return fmt.Errorf("image of %dx%d has no pixels", width, height)
	case width > maxSide || height > maxSide:
		return fmt.Errorf("image of %dx%d pixels: a side may have at most %d", width, height, maxSide)
	case width*height > math.MaxInt/3:
		return fmt.Errorf("image of %dx%d pixels does not fit into memory", width, height)
	}
	return nil
}

// Box is a rectangle of pixels: columns X0 to X1-1, rows Y0 to Y1-1.
type Box struct {
	X0, Y0, X1, Y1 int
}

// check reports a box that is empty or leaves the image.
func (b Box) check(im *Image) error {
	if 0 <= b.X0 && b.X0 < b.X1 && b.X1 <= im.Width && 0 <= b.Y0 && b.Y0 < b.Y1 && b.Y1 <= im.Height {
		return nil
	}
	return fmt.Errorf("box (%d,%d)-(%d,%d) is empty or not inside the image of %dx%d pixels",
		b.X0, b.Y0, b.X1, b.Y1, im.Width, im.Height)
}
