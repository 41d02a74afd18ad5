package data

import (
	"strings"

	"megl-edge/runtime/vision"
)

// A place is one of the nine parts of a photo cut in thirds both ways.
type place struct {
	across int // −1 left, 0, 1 right
	down   int // −1 up, 0, 1 down
}

// placeNames are how rows and sentences name the places, row by row.
var placeNames = [3][3]string{
	{"upper left", "upper centre", "upper right"},
	{"left", "centre", "right"},
	{"lower left", "lower centre", "lower right"},
}

const (
	centreName = "centre"
	centerName = "center" // as it is written in America
)

// parsePlace returns the place that a row's position names.
func parsePlace(position string) (p place, ok bool) {
	position = strings.ReplaceAll(position, centerName, centreName)
	for down, names := range placeNames {
		for across, name := range names {
			if position == name {
				return place{across - 1, down - 1}, true
			}
		}
	}
	return place{}, false
}

func (p place) name() string { return placeNames[p.down+1][p.across+1] }

// shifts returns how an object may move by thirds without leaving the photo.
func (p place) shifts() []place {
	var all []place
	for down := -1 - p.down; down <= 1-p.down; down++ {
		for across := -1 - p.across; across <= 1-p.across; across++ {
			if s := (place{across, down}); s != (place{}) {
				all = append(all, s)
			}
		}
	}
	return all
}

// telling is what a row's sentences say of where things are.
type telling struct {
	speaks bool  // there are sentences
	placed bool  // they name the object's place, and the row says which word that is
	place  place // if it is placed
	sided  bool  // they speak of left or right otherwise
}

func tellingOf(row *Row) telling {
	t := telling{speaks: len(row.Rationales) > 0}
	others := row.Rationales
	if p, ok := parsePlace(row.Position); ok && t.speaks {
		t.placed, t.place = true, p
		others = placedAt(row.Rationales, row.Position, "")
	}
	t.sided = sided(others)
	return t
}

// placedAt returns sentences with another position in place of one.
func placedAt(sentences []string, from, to string) []string {
	if strings.Contains(from, centerName) {
		to = strings.ReplaceAll(to, centreName, centerName)
	}
	moved := make([]string, len(sentences))
	for i, s := range sentences {
		moved[i] = replaceWords(s, from, to)
	}
	return moved
}

// replaceWords replaces words that stand by themselves.
func replaceWords(s, from, to string) string {
	var b strings.Builder
	for {
		i := strings.Index(s, from)
		if i < 0 {
			return b.String() + s
		}
		end := i + len(from)
		if i > 0 && asciiLetter(s[i-1]) || end < len(s) && asciiLetter(s[end]) {
			b.WriteString(s[:end])
		} else {
			b.WriteString(s[:i] + to)
		}
		s = s[end:]
	}
}

func asciiLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// shiftPixels moves an image by thirds. What comes in is what stood at the border.
func shiftPixels(im *vision.Image, by place) {
	across, down := by.across*im.Width/3, by.down*im.Height/3
	from := append([]uint8(nil), im.Pix...)
	for y := range im.Height {
		line := from[3*im.Width*min(max(y-down, 0), im.Height-1):]
		for x := range im.Width {
			copy(im.Pix[3*(im.Width*y+x):][:3], line[3*min(max(x-across, 0), im.Width-1):])
		}
	}
}

// shiftMask moves a mask as [shiftPixels] moves its photo. What comes in is none of
// the object.
func shiftMask(mask []float32, width, height int, by place) {
	across, down := by.across*width/3, by.down*height/3
	from := append([]float32(nil), mask...)
	for y := range height {
		for x := range width {
			fx, fy := x-across, y-down
			mask[width*y+x] = 0
			if fx >= 0 && fx < width && fy >= 0 && fy < height {
				mask[width*y+x] = from[width*fy+fx]
			}
		}
	}
}
