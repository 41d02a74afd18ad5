package oklab

import "math"

// Lab is a colour in Oklab (Björn Ottosson, "A perceptual color space for image
// processing", 2020): lightness L from 0 (black) to 1 (white), A from green to
// red, B from blue to yellow. The corners of sRGB reach about 0.3 in A and B.
type Lab struct{ L, A, B float64 }

// FromSRGB converts 8-bit sRGB.
func FromSRGB(red, green, blue uint8) Lab {
	r, g, b := linear(red), linear(green), linear(blue)
	l := math.Cbrt(0.4122214708*r + 0.5363325363*g + 0.0514459929*b)
	m := math.Cbrt(0.2119034982*r + 0.6806995451*g + 0.1073969566*b)
	s := math.Cbrt(0.0883024619*r + 0.2817188376*g + 0.6299787005*b)
	return Lab{
		L: 0.2104542553*l + 0.7936177850*m - 0.0040720468*s,
		A: 1.9779984951*l - 2.4285922050*m + 0.4505937099*s,
		B: 0.0259040371*l + 0.7827717662*m - 0.8086757660*s,
	}
}

// SRGB returns the colour's red, green and blue on the scale of 8-bit sRGB,
// unrounded. Values below 0 or above 255 are outside what sRGB can show.
func (c Lab) SRGB() [3]float64 {
	l := cube(c.L + 0.3963377774*c.A + 0.2158037573*c.B)
	m := cube(c.L - 0.1055613458*c.A - 0.0638541728*c.B)
	s := cube(c.L - 0.0894841775*c.A - 1.2914855480*c.B)
	return [3]float64{
		encode(4.0767416621*l - 3.3077115913*m + 0.2309699292*s),
		encode(-1.2684380046*l + 2.6097574011*m - 0.3413193965*s),
		encode(-0.0041960863*l - 0.7034186147*m + 1.7076147010*s),
	}
}

// Distance is the Euclidean distance of two colours.
func (c Lab) Distance(other Lab) float64 {
	return math.Hypot(c.L-other.L, math.Hypot(c.A-other.A, c.B-other.B))
}

func cube(x float64) float64 { return x * x * x }

// linear undoes the transfer curve of sRGB (IEC 61966-2-1).
func linear(level uint8) float64 {
	x := float64(level) / 255
	if x <= 0.04045 {
		return x / 12.92
	}
	return math.Pow((x+0.055)/1.055, 2.4)
}

// encode applies the transfer curve of sRGB, and scales to 255. It continues
// the straight part below 0, so that the sign survives.
func encode(x float64) float64 {
	if x <= 0.0031308 {
		return 255 * 12.92 * x
	}
	return 255 * (1.055*math.Pow(x, 1/2.4) - 0.055)
}
