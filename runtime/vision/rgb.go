package vision

import (
	"image"
	"image/color"
)

// white is the colour behind transparent pixels.
const white = 255

// rowReader writes row y of a picture, counted from its top, to dst as RGB.
type rowReader func(dst []uint8, y int)

// newRowReader returns the reader for m. The types that photos and screenshots
// decode to have their own; the rest (16 bits per sample, CMYK) take a slower
// one.
func newRowReader(m image.Image, limitedRange bool) rowReader {
	switch m := m.(type) {
	case *image.YCbCr:
		return ycbcrRows(m, limitedRange)
	case *image.NYCbCrA:
		return nycbcraRows(m, limitedRange)
	case *image.RGBA:
		return rgbaRows(m)
	case *image.NRGBA:
		return nrgbaRows(m)
	case *image.Gray:
		return grayRows(m)
	case *image.Paletted:
		return palettedRows(m)
	}
	return anyRows(m)
}

// overWhite lays a colour over white and rounds it to 8 bits. The arguments are
// 16-bit values with the alpha multiplied in, as [color.Color.RGBA] returns
// them.
func overWhite(r, g, b, a uint32) (uint8, uint8, uint8) {
	back := 0xffff - a
	return round8(r + back), round8(g + back), round8(b + back)
}

// round8 scales 0..65535 to 0..255, rounding to nearest; larger values are white.
func round8(v uint32) uint8 { return uint8((min(v, 0xffff)*255 + 0x7fff) / 0xffff) }

// anyRows reads a picture of any type.
func anyRows(m image.Image) rowReader {
	b := m.Bounds()
	return func(dst []uint8, y int) {
		for x := range b.Dx() {
			dst[3*x], dst[3*x+1], dst[3*x+2] = overWhite(m.At(b.Min.X+x, b.Min.Y+y).RGBA())
		}
	}
}

func rgbaRows(m *image.RGBA) rowReader {
	return func(dst []uint8, y int) {
		src := m.Pix[y*m.Stride:][:4*m.Rect.Dx()]
		for x := range m.Rect.Dx() {
			p := color.RGBA{src[4*x], src[4*x+1], src[4*x+2], src[4*x+3]}
			if p.A != 255 {
				p.R, p.G, p.B = overWhite(p.RGBA())
			}
			dst[3*x], dst[3*x+1], dst[3*x+2] = p.R, p.G, p.B
		}
	}
}

func nrgbaRows(m *image.NRGBA) rowReader {
	return func(dst []uint8, y int) {
		src := m.Pix[y*m.Stride:][:4*m.Rect.Dx()]
		for x := range m.Rect.Dx() {
			p := color.NRGBA{src[4*x], src[4*x+1], src[4*x+2], src[4*x+3]}
			if p.A != 255 {
				p.R, p.G, p.B = overWhite(p.RGBA())
			}
			dst[3*x], dst[3*x+1], dst[3*x+2] = p.R, p.G, p.B
		}
	}
}

func grayRows(m *image.Gray) rowReader {
	return func(dst []uint8, y int) {
		for x, v := range m.Pix[y*m.Stride:][:m.Rect.Dx()] {
			dst[3*x], dst[3*x+1], dst[3*x+2] = v, v, v
		}
	}
}

func palettedRows(m *image.Paletted) rowReader {
	var table [256][3]uint8
	for i, c := range m.Palette[:min(len(m.Palette), 256)] {
		table[i][0], table[i][1], table[i][2] = overWhite(c.RGBA())
	}
	return func(dst []uint8, y int) {
		for x, v := range m.Pix[y*m.Stride:][:m.Rect.Dx()] {
			copy(dst[3*x:3*x+3], table[v][:])
		}
	}
}
