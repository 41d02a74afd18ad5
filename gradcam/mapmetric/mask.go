package mapmetric

import (
	"fmt"

	"megl-edge/gradcam/render"
)

// Mask marks the pixels of an object: Height rows of Width pixels, row by row,
// true inside. It covers the same part of the image as the map it is compared
// with.
type Mask struct {
	Height, Width int
	Inside        []bool
}

// Check fails where the number of pixels is not Height × Width, both at least 1.
func (m Mask) Check() error {
	n := len(m.Inside)
	if m.Width < 1 || m.Height < 1 || n%m.Width != 0 || n/m.Width != m.Height {
		return fmt.Errorf("mask of %d×%d pixels has %d values", m.Height, m.Width, n)
	}
	return nil
}

// scale returns the levels of m at every pixel of mask.
func scale(m render.Map, mask Mask) ([]uint16, error) {
	if err := mask.Check(); err != nil {
		return nil, err
	}
	return render.Upsample(m, mask.Width, mask.Height)
}
