package vision

import (
	"bytes"
	"image"
	"image/color"
	"testing"
)

// rowsOf reads the whole picture.
func rowsOf(rows rowReader, b image.Rectangle) []uint8 {
	out := newImage(b.Dx(), b.Dy())
	for y := range b.Dy() {
		rows(out.row(y), y)
	}
	return out.Pix
}

// Every reader gives what the general one gives; the colours are all pairs of
// value and alpha, in the middle of a larger picture.
func TestRowReadersEqualGeneral(t *testing.T) {
	all := image.Rect(0, 0, 258, 258)
	inner := image.Rect(1, 1, 257, 257)
	rgba, nrgba, gray := image.NewRGBA(all), image.NewNRGBA(all), image.NewGray(all)
	paletted := image.NewPaletted(all, nil)
	for i := range 256 {
		paletted.Palette = append(paletted.Palette, color.NRGBA{uint8(i), uint8(3 * i), uint8(255 - i), uint8(5 * i)})
	}
	for y := range 256 {
		for x := range 256 {
			c := color.NRGBA{uint8(x), uint8(x + 85), uint8(255 - x), uint8(y)}
			nrgba.SetNRGBA(x+1, y+1, c)
			rgba.Set(x+1, y+1, c)
			gray.SetGray(x+1, y+1, color.Gray{uint8(x ^ y)})
			paletted.SetColorIndex(x+1, y+1, uint8(x+y))
		}
	}
	for _, m := range []image.Image{
		rgba.SubImage(inner), nrgba.SubImage(inner), gray.SubImage(inner), paletted.SubImage(inner),
	} {
		got, want := rowsOf(newRowReader(m, false), inner), rowsOf(anyRows(m), inner)
		if !bytes.Equal(got, want) {
			t.Errorf("%T: pixels differ from the general reader", m)
		}
	}
}

// Against the exact blend, rounded: c·a/255 + 255 − a.
func TestOverWhite(t *testing.T) {
	for c := range 256 {
		for a := range 256 {
			want := (c*a + 255*(255-a) + 127) / 255
			got, _, _ := overWhite(color.NRGBA{uint8(c), 0, 0, uint8(a)}.RGBA())
			if int(got) != want {
				t.Fatalf("value %d with alpha %d gives %d, want %d", c, a, got, want)
			}
		}
	}
	if r, _, _ := overWhite(0xffff, 0, 0, 0); r != 255 {
		t.Errorf("a value above its alpha gives %d, want 255", r)
	}
}

func TestPalettedIndexOutside(t *testing.T) {
	m := image.NewPaletted(image.Rect(0, 0, 2, 1), color.Palette{color.White})
	m.Pix[1] = 200
	if got := rowsOf(newRowReader(m, false), m.Rect); !bytes.Equal(got, []uint8{255, 255, 255, 0, 0, 0}) {
		t.Errorf("pixels %v, want white and black", got)
	}
}
