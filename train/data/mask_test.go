package data

import (
	"bytes"
	"errors"
	"fmt"
	"hash/fnv"
	"image"
	"image/color"
	"image/png"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"megl-edge/runtime/vision"
)

// picture writes a bitmap as text, a line for each row; nothing for none.
func picture(b *Bitmap) string {
	var s strings.Builder
	if b == nil {
		return ""
	}
	for i, v := range b.Pix {
		s.WriteByte(".#"[v])
		if (i+1)%b.Width == 0 {
			s.WriteByte('\n')
		}
	}
	return s.String()
}

// bitmapOf is the reverse of picture.
func bitmapOf(t testing.TB, text string) *Bitmap {
	t.Helper()
	lines := strings.Fields(text)
	b := newBitmap(len(lines[0]), len(lines))
	for i, c := range strings.Join(lines, "") {
		if c == '#' {
			b.Pix[i] = 1
		}
	}
	return b
}

func TestRunLengths(t *testing.T) {
	b := newBitmap(4, 3)
	if err := fillRuns(b, []int{1, 2, 2, 3, 4}); err != nil {
		t.Fatal(err)
	}
	// Down the columns: .## ..# ##. ...
	if want := "..#.\n#.#.\n##..\n"; picture(b) != want {
		t.Errorf("mask\n%swant\n%s", picture(b), want)
	}
	for name, c := range map[string]struct {
		counts []int
		want   string
	}{
		"short":    {[]int{1, 10}, "cover 11 pixels, want 12 (4x3)"},
		"nothing":  {nil, "cover 0 pixels"},
		"long":     {[]int{1, 12}, "run 1 of the mask has length 12, where 11 pixels of 4x3 are left"},
		"negative": {[]int{1, -1, 12}, "run 1 of the mask has length -1"},
		"overflow": {[]int{1, 1<<31 - 1, 1<<31 - 1, 12}, "run 1 of the mask"},
	} {
		if err := fillRuns(newBitmap(4, 3), c.counts); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

// packRuns writes the compressed form that [unpackRuns] reads.
func packRuns(counts []int) string {
	var s strings.Builder
	for i, n := range counts {
		if i > 2 {
			n -= counts[i-2]
		}
		for more := true; more; {
			group := n & 31
			n >>= 5
			more = n != 0 && n != -1 || (group&16 != 0) != (n == -1)
			if more {
				group |= 32
			}
			s.WriteByte(byte('0' + group))
		}
	}
	return s.String()
}

func TestCompressedRunLengths(t *testing.T) {
	for _, counts := range [][]int{
		{0}, {15}, {16}, {31, 32, 33}, {1, 2, 3, 4, 5}, {1000, 1, 1, 900, 20000, 3, 0, 1 << 30, 1<<31 - 1, 0, 5},
	} {
		got, err := unpackRuns(packRuns(counts))
		if err != nil || !reflect.DeepEqual(got, counts) {
			t.Errorf("%v comes back as %v (%v) from %s", counts, got, err, packRuns(counts))
		}
	}
	// Written by the tools of COCO.
	if got, err := unpackRuns("52203"); err != nil || !reflect.DeepEqual(got, []int{5, 2, 2, 2, 5}) {
		t.Errorf("counts %v (%v)", got, err)
	}
	for text, want := range map[string]string{
		"5/":        `character '/' at 1`,
		"5p":        `character 'p' at 1`,
		"5\xff":     "at 1",
		"P":         "end in the middle of a number",
		"O":         "run 0 of the mask has length -1",
		"PPPPPPPP0": "more than 32 bits",
		"oooooo?":   "run 0 of the mask has length",
	} {
		if got, err := unpackRuns(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: counts %v, error %v, want %s", text, got, err, want)
		}
	}
}

// The hashes are of the masks that the tools of COCO make of these polygons.
func TestPolygons(t *testing.T) {
	for _, c := range []struct {
		width, height int
		corners       []float64
		area          int
		hash          uint64
	}{
		{8, 6, []float64{1, 1, 6, 1, 6, 4, 1, 4}, 15, 0xc569b71b49856026},
		{8, 6, []float64{0.4, 0.4, 7.9, 2.2, 3.3, 5.7}, 17, 0x992df70dca04514e},
		{8, 6, []float64{-3, -2, 12.5, -2, 12.5, 9, -3, 9}, 48, 0xe42a273ccaa5b715},
		{9, 7, []float64{4.5, 0, 6, 7, 0.3, 2.6, 8.8, 2.6, 2.9, 6.9}, 13, 0xcddb007c2bd448ec},
		{5, 5, []float64{1.2, 1.2, 1.2, 3.9, 1.2, 2}, 0, 0xd4657f55662f817f},
		{7, 5, []float64{2, 2, 2, 2, 5, 1.5, 4, 4.5}, 4, 0x1a1601a8fb56aacd},
		{31, 29, []float64{-4.7, 3.1, 12.25, -6, 33.9, 8.4, 28, 30.5, 15.5, 17.2, 9, 33, -2.2, 21.8}, 747, 0x0259cdeab20d9b8e},
	} {
		b := newBitmap(c.width, c.height)
		if _, err := fillPolygon(b, c.corners, maxOutline); err != nil {
			t.Fatal(err)
		}
		h := fnv.New64a()
		h.Write(b.Pix)
		if area := bytes.Count(b.Pix, []byte{1}); area != c.area || h.Sum64() != c.hash {
			t.Errorf("%v: area %d and hash %#x, want %d and %#x\n%s", c.corners, area, h.Sum64(), c.area, c.hash, picture(b))
		}
	}
}

func TestPolygonsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct {
		corners []float64
		want    string
	}{
		"two corners": {[]float64{1, 1, 3, 3}, "a polygon of 4 numbers"},
		"odd":         {[]float64{1, 1, 3, 3, 1, 3, 2}, "a polygon of 7 numbers"},
		"far away":    {[]float64{1, 1, 3e9, 3, 1, 3}, "corner 1 of a polygon lies at 3e+09, 3"},
		"too long":    {[]float64{0, 0, 1 << 20, 0, 0, 0, 1 << 20, 0, 0, 0, 1 << 20, 0}, "longer than any of a photo"},
	} {
		if _, err := fillPolygon(newBitmap(4, 4), c.corners, maxOutline); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %s", name, err, c.want)
		}
	}
}

// drawnPNG writes an image file with the given pixels.
func drawnPNG(t testing.TB, im image.Image, elements ...string) string {
	t.Helper()
	var out bytes.Buffer
	if err := png.Encode(&out, im); err != nil {
		t.Fatal(err)
	}
	return write(t, out.String(), elements...)
}

// grayOf makes an image of rows of levels.
func grayOf(rows ...[]uint8) *image.Gray {
	im := image.NewGray(image.Rect(0, 0, len(rows[0]), len(rows)))
	for y, row := range rows {
		copy(im.Pix[y*im.Stride:], row)
	}
	return im
}

func TestMaskFiles(t *testing.T) {
	red := image.NewRGBA(image.Rect(0, 0, 2, 1))
	red.Set(0, 0, color.RGBA{0, 0, 0, 255})
	red.Set(1, 0, color.RGBA{200, 0, 0, 255})
	for name, c := range map[string]struct {
		im   image.Image
		want string
	}{
		"black and white": {grayOf([]uint8{0, 255}, []uint8{255, 0}), ".#\n#.\n"},
		"zero and one":    {grayOf([]uint8{0, 1}, []uint8{1, 0}), ".#\n#.\n"},
		"smooth edge":     {grayOf([]uint8{0, 127, 128, 255}), "..##\n"},
		"noise":           {grayOf([]uint8{3, 0, 250, 255}), "..##\n"},
		"nothing":         {grayOf([]uint8{0, 0}), "..\n"},
		"colour":          {red, ".#\n"},
	} {
		path := drawnPNG(t, c.im, t.TempDir(), "m.png")
		size := c.im.Bounds().Size()
		row := Row{Image: "a", Mask: path}
		b, err := row.ReadMask(size.X, size.Y)
		if err != nil || picture(b) != c.want || b.Empty() == strings.Contains(c.want, "#") {
			t.Errorf("%s: mask %+v (%v), want\n%s", name, b, err, c.want)
		}
		_, err = row.ReadMask(size.X, size.Y+1)
		var misfit *MaskSizeError
		if !errors.As(err, &misfit) || *misfit != (MaskSizeError{size.X, size.Y, size.X, size.Y + 1}) || !strings.HasPrefix(err.Error(), path+": ") {
			t.Errorf("%s: error %v for a photo of another size", name, err)
		}
	}
	none := Row{Image: "a"}
	if b, err := none.ReadMask(3, 3); b != nil || err != nil || none.HasMask() {
		t.Errorf("mask %v and error %v of a row without one", b, err)
	}
	lost := Row{Image: "a", Mask: filepath.Join(t.TempDir(), "none.png")}
	if _, err := lost.ReadMask(3, 3); err == nil || !strings.HasPrefix(err.Error(), lost.Mask+": ") {
		t.Errorf("error %v for a mask that is not there", err)
	}
}

func TestMaskAverage(t *testing.T) {
	b := bitmapOf(t, `
		##..
		##..
		....
		...#`)
	for _, c := range []struct {
		box           vision.Box
		width, height int
		mirrored      bool
		want          string
	}{
		{vision.Box{X1: 4, Y1: 4}, 2, 2, false, "[1 0 0 0.25]"},
		{vision.Box{X1: 4, Y1: 4}, 2, 2, true, "[0 1 0.25 0]"},
		{vision.Box{X1: 4, Y1: 4}, 1, 1, false, "[0.3125]"},
		{vision.Box{X0: 1, X1: 4, Y1: 3}, 2, 1, false, "[0.44444445 0]"},
		{vision.Box{X0: 2, Y0: 2, X1: 4, Y1: 4}, 4, 2, false, "[0 0 0 0 0 0 1 1]"},
		{vision.Box{X0: 1, Y0: 1, X1: 3, Y1: 3}, 3, 3, false, "[1 0.5 0 0.5 0.25 0 0 0 0]"},
	} {
		got := make([]float32, c.width*c.height)
		b.average(got, c.box, c.width, c.height, c.mirrored)
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v as %dx%d, mirrored %v: %v, want %s", c.box, c.width, c.height, c.mirrored, got, c.want)
		}
	}
}

// The mean of the cells is the share of marked pixels, whatever the grid.
func TestMaskAverageKeepsTheArea(t *testing.T) {
	b := newBitmap(23, 17)
	if _, err := fillPolygon(b, []float64{2, 1, 20.5, 4, 14, 16, 5, 12.3}, maxOutline); err != nil {
		t.Fatal(err)
	}
	want := float64(bytes.Count(b.Pix, []byte{1})) / float64(len(b.Pix))
	for width := 1; width < 40; width += 3 {
		for height := 1; height < 40; height += 4 {
			cells := make([]float32, width*height)
			b.average(cells, vision.Box{X1: b.Width, Y1: b.Height}, width, height, false)
			sum := 0.0
			for _, v := range cells {
				sum += float64(v)
			}
			if mean := sum / float64(len(cells)); mean < want-1e-6 || mean > want+1e-6 {
				t.Errorf("%dx%d: mean %v, want %v", width, height, mean, want)
			}
		}
	}
}
