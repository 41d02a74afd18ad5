package render

import (
	"fmt"
	"math"
)

// MaxLevel is the level of saliency 1.
const MaxLevel = 65535

// Map is a saliency map: Height rows of Width cells, row by row. Values are in
// [0,1], 1 for the most salient.
type Map struct {
	Height, Width int
	Values        []float32
}

// Check fails where the number of values is not Height × Width, and on a value
// that is not a number in [0,1].
func (m Map) Check() error {
	if !fits(len(m.Values), m.Width, m.Height) {
		return fmt.Errorf("saliency map of %d×%d cells has %d values", m.Height, m.Width, len(m.Values))
	}
	for i, v := range m.Values {
		if !(v >= 0 && v <= 1) {
			return fmt.Errorf("saliency map: value %v at row %d, column %d is not in [0,1]",
				v, i/m.Width, i%m.Width)
		}
	}
	return nil
}

// levels returns the values on the scale from 0 to [MaxLevel], rounded half up.
// The map must pass [Map.Check].
func (m Map) levels() []uint16 {
	levels := make([]uint16, len(m.Values))
	for i, v := range m.Values {
		// The product is exact in float64: 24 and 16 bits.
		levels[i] = uint16(float64(float64(v)*MaxLevel) + 0.5)
	}
	return levels
}

// fits tells whether count values fill width × height, both at least 1. It
// divides, because the product of two unchecked sizes may overflow.
func fits(count, width, height int) bool {
	return width > 0 && height > 0 && count%width == 0 && count/width == height
}

// addressable tells whether width × height pixels of that many bytes, both
// sides at least 1, stay below 2 GiB, which a 32-bit machine can address.
func addressable(width, height, bytes int) bool {
	return width > 0 && height > 0 && int64(width) <= math.MaxInt32/int64(bytes)/int64(height)
}
