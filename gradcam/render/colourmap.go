package render

import "fmt"

//go:generate go run ./internal/colourgen dawn_colours.go

// ColourMap names a way to colour saliency.
type ColourMap string

const (
	// Dawn runs from dark blue by violet, magenta and orange to light yellow, in
	// steps that look equally large and with evenly rising lightness, so that the
	// eye ranks saliency rightly, in grey print too.
	Dawn ColourMap = "dawn"
	// Jet is the rainbow that many published heat maps use. Its lightness rises
	// and falls, so that it shows edges where the map has none.
	Jet ColourMap = "jet"
)

// ParseColourMap returns the colour map called name.
func ParseColourMap(name string) (ColourMap, error) {
	c := ColourMap(name)
	if c.colours() == nil {
		return "", fmt.Errorf("unknown colour map %q: use %s or %s", name, Dawn, Jet)
	}
	return c, nil
}

// colours is red, green and blue for each of the 256 levels of saliency.
type colours [256][3]uint8

// colours returns the map's table, or nil for a name that is no colour map's.
func (c ColourMap) colours() *colours {
	switch c {
	case Dawn:
		return &dawnColours
	case Jet:
		return &jetColours
	}
	return nil
}
