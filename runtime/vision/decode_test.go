package vision

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func TestDecodeLosslessFormats(t *testing.T) {
	m := photo(19, 13)
	gray := image.NewGray(m.Rect)
	palette := color.Palette{color.Black, color.White, color.NRGBA{9, 8, 7, 255}, color.NRGBA{200, 0, 0, 255}}
	paletted := image.NewPaletted(m.Rect, palette)
	for i := range gray.Pix {
		gray.Pix[i] = m.Pix[4*i]
		paletted.Pix[i] = m.Pix[4*i] % 4
	}
	bilevel := image.NewPaletted(m.Rect, palette[:2])
	for i := range bilevel.Pix {
		bilevel.Pix[i] = m.Pix[4*i] % 2
	}
	for name, c := range map[string]struct {
		data []byte
		want image.Image
	}{
		"PNG":          {encodePNG(m), m},
		"PNG gray":     {encodePNG(gray), gray},
		"PNG palette":  {encodePNG(paletted), paletted},
		"PNG bilevel":  {encodePNG(bilevel), bilevel},
		"BMP":          {encodeBMP(m), m},
		"BMP palette":  {encodeBMP(paletted), paletted},
		"GIF":          {encodeGIF(&gif.GIF{Image: []*image.Paletted{paletted}, Delay: []int{0}}), paletted},
		"JPEG gray 8x": {encodeJPEG(flat(16, 8, color.Gray{77})), flat(16, 8, color.Gray{77})},
	} {
		b := c.want.Bounds()
		got := mustDecode(t, c.data, b.Dx(), b.Dy())
		for i := range b.Dx() * b.Dy() {
			w := color.NRGBAModel.Convert(c.want.At(i%b.Dx(), i/b.Dx())).(color.NRGBA)
			if g := got.Pix[3*i : 3*i+3]; !bytes.Equal(g, []byte{w.R, w.G, w.B}) {
				t.Errorf("%s: pixel %d is %v, want %v", name, i, g, w)
				break
			}
		}
	}
}

// flat returns a picture of one colour.
func flat(width, height int, c color.Color) image.Image {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	for i := range width * height {
		m.Set(i%width, i/width, c)
	}
	return m
}

func TestDecodeJPEGAsStandardLibrary(t *testing.T) {
	data := encodeJPEG(photo(37, 21))
	want := must(jpeg.Decode(bytes.NewReader(data))).(*image.YCbCr)
	got := mustDecode(t, data, 37, 21)
	for i := range 37 * 21 {
		c := want.YCbCrAt(i%37, i/37)
		r, g, b := color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		if p := got.Pix[3*i : 3*i+3]; !bytes.Equal(p, []byte{r, g, b}) {
			t.Fatalf("pixel %d is %v, want %v", i, p, []byte{r, g, b})
		}
	}
}

func TestDecodeCMYK(t *testing.T) {
	for _, ink := range [][4]uint8{{0, 0, 0, 0}, {0, 255, 255, 0}, {255, 0, 0, 0}, {10, 200, 30, 60}, {0, 0, 0, 255}} {
		r, g, b, _ := color.CMYK{C: ink[0], M: ink[1], Y: ink[2], K: ink[3]}.RGBA()
		want := []byte{round8(r), round8(g), round8(b)}
		im := mustDecode(t, cmykJPEG(ink), 8, 8)
		if !bytes.Equal(im.Pix, bytes.Repeat(want, 64)) {
			t.Errorf("ink %v gives %v, want %v everywhere", ink, im.Pix[:3], want)
		}
	}
}

func TestDecodePNG16(t *testing.T) {
	r := image.Rect(0, 0, 2, 1)
	gray := image.NewGray16(r)
	gray.SetGray16(0, 0, color.Gray16{0x7fff}) // 127.498 of 255
	gray.SetGray16(1, 0, color.Gray16{0x8080}) // 128 exactly
	rgb := image.NewRGBA64(r)
	rgb.SetRGBA64(0, 0, color.RGBA64{0x0000, 0x0081, 0xffff, 0xffff}) // 0.502
	rgb.SetRGBA64(1, 0, color.RGBA64{0x0080, 0x0180, 0xff7f, 0xffff}) // 0.498, 1.494, 254.502
	clear := image.NewNRGBA64(r)
	clear.SetNRGBA64(0, 0, color.NRGBA64{0, 0x8000, 0xffff, 0x8000})
	clear.SetNRGBA64(1, 0, color.NRGBA64{1, 2, 3, 0})
	for _, c := range []struct {
		m    image.Image
		want []uint8
	}{
		{gray, []uint8{127, 127, 127, 128, 128, 128}},
		{rgb, []uint8{0, 1, 255, 0, 1, 255}},
		{clear, []uint8{127, 191, 255, 255, 255, 255}},
	} {
		if got := mustDecode(t, encodePNG(c.m), 2, 1); !bytes.Equal(got.Pix, c.want) {
			t.Errorf("%T: %v, want %v", c.m, got.Pix, c.want)
		}
	}
}

func TestDecodeAlphaOverWhite(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 4, 1))
	m.Pix = []uint8{10, 20, 30, 255, 10, 20, 30, 0, 0, 255, 100, 128, 200, 0, 1, 51}
	want := []uint8{10, 20, 30, 255, 255, 255, 127, 255, 177, 244, 204, 204}
	if got := mustDecode(t, encodePNG(m), 4, 1); !bytes.Equal(got.Pix, want) {
		t.Errorf("PNG: %v, want %v", got.Pix, want)
	}
}

func TestDecodeGIFFirstFrame(t *testing.T) {
	want := bytes.Repeat([]byte{255}, 4*3*3)
	copy(want[3*(4+1):], []byte{0, 255, 0})
	data := twoFrames()
	if got := mustDecode(t, data, 4, 3); !bytes.Equal(got.Pix, want) {
		t.Errorf("pixels %v, want %v", got.Pix, want)
	}
	// The second frame is not even read.
	second := bytes.LastIndexByte(data, ',')
	if got := mustDecode(t, append(data[:second:second], "?garbage"...), 4, 3); !bytes.Equal(got.Pix, want) {
		t.Errorf("with a damaged second frame: %v, want %v", got.Pix, want)
	}
}

func TestDecodeWebP(t *testing.T) {
	m := image.NewNRGBA(image.Rect(0, 0, 3, 2))
	for i := range m.Pix {
		m.Pix[i] = uint8(-(i * i / 3 & 1)) // 0 or 255
	}
	var want []uint8
	for i := 0; i < len(m.Pix); i += 4 {
		p := m.Pix[i : i+4]
		want = append(want, p[0]|^p[3], p[1]|^p[3], p[2]|^p[3])
	}
	if got := mustDecode(t, webpFile(vp8l(3, 2, m)), 3, 2); !bytes.Equal(got.Pix, want) {
		t.Errorf("lossless: %v, want %v", got.Pix, want)
	}
	for name, c := range map[string]struct {
		chunk []byte
		color []uint8
	}{"white": {vp8White, []uint8{255, 255, 255}}, "red": {vp8Red, []uint8{255, 1, 0}}} {
		if got := mustDecode(t, webpFile(c.chunk), 8, 8); !bytes.Equal(got.Pix, bytes.Repeat(c.color, 64)) {
			t.Errorf("lossy %s: %v, want %v everywhere", name, got.Pix[:3], c.color)
		}
	}
}

func TestDecodeWebPAlpha(t *testing.T) {
	plane := make([]byte, 65) // 0: stored as it is
	plane[1+9] = 255
	plane[1+10] = 51
	data := webpFile(vp8x(1<<4, 8, 8), riffChunk("ALPH", plane), vp8Red)
	want := bytes.Repeat([]byte{255}, 64*3)
	copy(want[3*9:], []byte{255, 1, 0, 255, 204, 204})
	if got := mustDecode(t, data, 8, 8); !bytes.Equal(got.Pix, want) {
		t.Errorf("pixels %v, want %v", got.Pix, want)
	}
}

// samples returns a small file of each format and 8×8 pixels or so.
func samples() map[string][]byte {
	m := photo(9, 7)
	paletted := image.NewPaletted(m.Rect, color.Palette{color.Black, color.White})
	return map[string][]byte{
		"JPEG":          encodeJPEG(m),
		"JPEG CMYK":     cmykJPEG([4]uint8{1, 2, 3, 4}),
		"JPEG EXIF":     withJPEGExif(encodeJPEG(m), tiff(binary.BigEndian, 6)),
		"PNG":           encodePNG(m),
		"PNG EXIF":      withPNGExif(encodePNG(m), tiff(binary.LittleEndian, 3)),
		"BMP":           encodeBMP(m),
		"BMP palette":   encodeBMP(paletted),
		"GIF":           encodeGIF(&gif.GIF{Image: []*image.Paletted{paletted}, Delay: []int{0}}),
		"GIF animated":  twoFrames(),
		"WebP":          webpFile(vp8White),
		"WebP lossless": webpFile(vp8l(2, 2, flat(2, 2, color.White).(*image.NRGBA))),
		"WebP extended": webpFile(vp8x(8, 8, 8), vp8Red, riffChunk("EXIF", tiff(binary.BigEndian, 8))),
	}
}

// Every file cut short is refused, except a GIF whose first frame is complete.
func TestDecodeTruncated(t *testing.T) {
	for name, data := range samples() {
		whole := must(Decode(bytes.NewReader(data), Limits{}))
		for n := range len(data) {
			im, err := Decode(bytes.NewReader(data[:n]), Limits{})
			if strings.HasPrefix(name, "GIF") && err == nil && bytes.Equal(im.Pix, whole.Pix) {
				continue
			}
			if err == nil {
				t.Fatalf("%s: %d of %d bytes are accepted", name, n, len(data))
			}
			if n >= sniffLen && !strings.Contains(err.Error(), "truncated") {
				t.Fatalf("%s: %d of %d bytes: %v", name, n, len(data), err)
			}
		}
	}
}

func TestDecodeDamaged(t *testing.T) {
	data := encodePNG(photo(9, 7))
	data[60] ^= 1
	_, err := Decode(bytes.NewReader(data), Limits{})
	if err == nil || !strings.Contains(err.Error(), "PNG data is damaged") {
		t.Errorf("PNG with a wrong bit: %v", err)
	}
	arithmetic := bytes.Replace(encodeJPEG(photo(9, 7)), []byte{0xff, 0xc0}, []byte{0xff, 0xc9}, 1)
	_, err = Decode(bytes.NewReader(arithmetic), Limits{})
	if err == nil || !strings.Contains(err.Error(), "this kind of JPEG is not supported") {
		t.Errorf("JPEG of an unsupported kind: %v", err)
	}
}

func TestDecodeFile(t *testing.T) {
	dir := t.TempDir()
	write := func(name string, data []byte) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := encodePNG(photo(9, 7))
	im, err := DecodeFile(write("png.named.jpg", good), Limits{})
	if err != nil || !bytes.Equal(im.Pix, pattern(9, 7).Pix) {
		t.Errorf("PNG with another suffix: %v", err)
	}
	for path, want := range map[string]string{
		filepath.Join(dir, "absent.jpg"): "cannot open the file",
		dir:                              "is a directory",
		write("empty.jpg", nil):          "input is empty",
		write("notes.jpg", []byte("Dear diary\n")):             "is not an image of a known format; supported: JPEG, PNG, GIF, WebP, BMP",
		write("half.png", good[:len(good)/2]):                  "truncated",
		write("long.png", append(good, make([]byte, 5000)...)): "longer than the limit of 5000 bytes",
	} {
		_, err := DecodeFile(path, Limits{MaxBytes: 5000})
		if err == nil || !strings.HasPrefix(err.Error(), path+": ") || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s: ...%s", err, path, want)
		}
	}
	if _, err := DecodeFile(filepath.Join(dir, "absent.jpg"), Limits{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%v is not fs.ErrNotExist", err)
	}
}

// forever repeats a byte without end and counts what is read.
type forever struct{ n int }

func (f *forever) Read(p []byte) (int, error) {
	clear(p)
	f.n += len(p)
	return len(p), nil
}

func TestDecodeEndlessInput(t *testing.T) {
	tail := &forever{}
	_, err := Decode(io.MultiReader(strings.NewReader("plain text "), tail), Limits{})
	if err == nil || tail.n > sniffLen {
		t.Errorf("unknown format: %d bytes read, error %v", tail.n, err)
	}
	tail = &forever{}
	_, err = Decode(io.MultiReader(bytes.NewReader(pngHead(8, 8, 8, 2)), tail), Limits{MaxBytes: 10000})
	if err == nil || !strings.Contains(err.Error(), "limit of 10000 bytes") || tail.n > 20000 {
		t.Errorf("PNG: %d bytes read, error %v", tail.n, err)
	}
}

func TestDecodeReadError(t *testing.T) {
	broken := errors.New("cable pulled")
	for _, head := range []string{"", "\x89PNG\r\n\x1a\n" + strings.Repeat("x", sniffLen)} {
		r := io.MultiReader(strings.NewReader(head), readerFunc(func([]byte) (int, error) { return 0, broken }))
		if _, err := Decode(r, Limits{}); !errors.Is(err, broken) {
			t.Errorf("after %d bytes: %v", len(head), err)
		}
	}
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestLimits(t *testing.T) {
	data := encodePNG(photo(9, 7))
	if _, err := Decode(bytes.NewReader(data), Limits{MaxPixels: 63, MaxBytes: len(data)}); err != nil {
		t.Errorf("at the limits: %v", err)
	}
	for _, l := range []Limits{{MaxPixels: 62}, {MaxBytes: len(data) - 1}, {MaxPixels: -1}, {MaxBytes: -1}} {
		if _, err := Decode(bytes.NewReader(data), l); err == nil || !strings.Contains(err.Error(), "limit") {
			t.Errorf("%+v: %v", l, err)
		}
	}
}

func FuzzDecode(f *testing.F) {
	files := samples()
	for _, name := range slices.Sorted(maps.Keys(files)) {
		f.Add(files[name])
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		limits := Limits{MaxPixels: 1 << 16, MaxBytes: 1 << 16}
		im, err := Decode(bytes.NewReader(data), limits)
		if err != nil {
			if im != nil {
				t.Fatal("an image beside an error")
			}
			return
		}
		if im.Width*im.Height > limits.MaxPixels || len(im.Pix) != im.Width*im.Height*3 {
			t.Fatalf("%dx%d with %d bytes", im.Width, im.Height, len(im.Pix))
		}
	})
}
