package vision

import (
	"bytes"
	"encoding/binary"
	"image"
	"strings"
	"testing"
)

// turned is the picture ab/cd/ef as it stands upright for each EXIF orientation.
var turned = [9]string{1: "ab/cd/ef", 2: "ba/dc/fe", 3: "fe/dc/ba", 4: "ef/cd/ab",
	5: "ace/bdf", 6: "eca/fdb", 7: "fdb/eca", 8: "bdf/ace"}

// letters returns the gray values of an image as text, rows divided by slashes.
func letters(im *Image) string {
	var rows []string
	for y := range im.Height {
		var row []byte
		for x := range im.Width {
			row = append(row, im.row(y)[3*x])
		}
		rows = append(rows, string(row))
	}
	return strings.Join(rows, "/")
}

func TestDecodeOrientation(t *testing.T) {
	m := image.NewGray(image.Rect(0, 0, 2, 3))
	copy(m.Pix, "abcdef")
	for o := 1; o <= 8; o++ {
		im, err := Decode(bytes.NewReader(withPNGExif(encodePNG(m), tiff(binary.BigEndian, o))), Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if got := letters(im); got != turned[o] {
			t.Errorf("orientation %d: %s, want %s", o, got, turned[o])
		}
	}
}

// The same for JPEG and WebP, on pictures higher than a strip, against a pixel
// by pixel turn.
func TestDecodeOrientationOfPhotos(t *testing.T) {
	const w, h = 33, 50
	plain := encodeJPEG(photo(w, h))
	upright := mustDecode(t, plain, w, h)
	for o := orientation(1); o <= 8; o++ {
		want := turnPixels(upright, o)
		got := mustDecode(t, withJPEGExif(plain, tiff(binary.LittleEndian, int(o))), want.Width, want.Height)
		if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("JPEG, orientation %d: wrong pixels", o)
		}
	}
	exif := riffChunk("EXIF", tiff(binary.LittleEndian, 6))
	white := mustDecode(t, webpFile(vp8x(8, 3, 2), vp8l(3, 2, nil), exif), 2, 3)
	if white.Pix[0] != 255 {
		t.Errorf("transparent WebP is %v", white.Pix)
	}
}

// turnPixels finds for each pixel of the result where it was stored.
func turnPixels(im *Image, o orientation) *Image {
	at := func(x, y int) (int, int) { return x, y }
	w, h := im.Width, im.Height
	mirrorX := o == 2 || o == 3 || o == 7 || o == 8 // of the stored picture
	mirrorY := o == 3 || o == 4 || o == 6 || o == 7
	if o.sideways() {
		at = func(x, y int) (int, int) { return y, x }
		w, h = h, w
	}
	out := newImage(w, h)
	for y := range h {
		for x := range w {
			sx, sy := at(x, y)
			if mirrorX {
				sx = im.Width - 1 - sx
			}
			if mirrorY {
				sy = im.Height - 1 - sy
			}
			copy(out.row(y)[3*x:3*x+3], im.row(sy)[3*sx:])
		}
	}
	return out
}
