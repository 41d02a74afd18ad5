package vision

import "fmt"

// Filter names the curve that weighs source pixels by their distance. The value
// is its name in a model file.
type Filter string

const (
	Bilinear Filter = "bilinear" // triangle, reaches 1 pixel
	Bicubic  Filter = "bicubic"  // Keys' cubic with a = -1/2, reaches 2 pixels
)

// curve returns the function of a filter and its support: the distance from
// which on it is zero.
func (f Filter) curve() (weight func(x float64) float64, support float64, err error) {
	switch f {
	case Bilinear:
		return triangle, 1, nil
	case Bicubic:
		return keysCubic, 2, nil
	}
	return nil, 0, fmt.Errorf("unknown filter %q (want %q or %q)", f, Bilinear, Bicubic)
}

// triangle is 1-|x| up to 1.
func triangle(x float64) float64 {
	if x < 0 {
		x = -x
	}
	return max(0, 1-x)
}

// keysCubic is the interpolation kernel of R. Keys, "Cubic convolution
// interpolation for digital image processing" (1981). Products are rounded
// before they are added, so that no compiler fuses them.
func keysCubic(x float64) float64 {
	const a = -0.5
	if x < 0 {
		x = -x
	}
	if x < 1 {
		return float64(float64((float64((a+2)*x)-(a+3))*x)*x) + 1
	}
	if x < 2 {
		return (float64((float64((x-5)*x)+8)*x) - 4) * a
	}
	return 0
}
