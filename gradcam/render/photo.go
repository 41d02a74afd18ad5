package render

import (
	"fmt"
	"image"
)

// Photo is an 8-bit RGB picture: Pix is [Height][Width][3], channels side by
// side. It is read only.
type Photo struct {
	Height, Width int
	Pix           []uint8
}

// Check fails where Pix is not Height × Width × 3 bytes long, and on a photo
// whose RGBA picture would take 2 GiB.
func (p Photo) Check() error {
	if len(p.Pix)%3 != 0 || !fits(len(p.Pix)/3, p.Width, p.Height) {
		return fmt.Errorf("photo of %d×%d pixels has %d bytes, not three a pixel",
			p.Width, p.Height, len(p.Pix))
	}
	if !addressable(p.Width, p.Height, 4) {
		return fmt.Errorf("photo of %d×%d pixels is too large: make it smaller", p.Width, p.Height)
	}
	return nil
}

// Bounds returns the whole photo as a rectangle.
func (p Photo) Bounds() image.Rectangle { return image.Rect(0, 0, p.Width, p.Height) }
