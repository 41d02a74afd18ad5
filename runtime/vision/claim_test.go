package vision

import (
	"bytes"
	"encoding/binary"
	"image"
	"image/color"
	"image/gif"
	"image/png"
	"strings"
	"testing"
)

// gifHead is a screen and a frame of the given size, without pixels.
func gifHead(width, height uint16) []byte {
	b := []byte("GIF89a")
	b = binary.LittleEndian.AppendUint16(b, width)
	b = binary.LittleEndian.AppendUint16(b, height)
	b = append(b, 0x80, 0, 0, 0, 0, 0, 255, 255, 255, ',', 0, 0, 0, 0)
	b = binary.LittleEndian.AppendUint16(b, width)
	b = binary.LittleEndian.AppendUint16(b, height)
	return append(b, 0, 2, 1, 0x44, 0)
}

// jpegHead is a file of the given frame header and size that ends with its
// first scan header.
func jpegHead(sof byte, width, height uint16, components ...byte) []byte {
	b := append([]byte{0xff, 0xd8}, segment(0xdb, make([]byte, 65)...)...)
	frame := []byte{8, byte(height >> 8), byte(height), byte(width >> 8), byte(width), byte(len(components))}
	scan := []byte{byte(len(components))}
	for i, hv := range components {
		frame = append(frame, byte(i+1), hv, 0)
		scan = append(scan, byte(i+1), 0)
	}
	b = append(b, segment(sof, frame...)...)
	return append(b, segment(0xda, append(scan, 0, 63, 0)...)...)
}

// A few bytes that claim a huge picture must not cost memory.
func TestDecodeHugeClaims(t *testing.T) {
	const w, h = 9500, 9400
	bmpHead := encodeBMP(flat(2, 2, color.White))
	binary.LittleEndian.PutUint32(bmpHead[18:], w)
	binary.LittleEndian.PutUint32(bmpHead[22:], h)
	lossy := bytes.Clone(vp8White)
	copy(lossy[14:], []byte{w & 255, w >> 8, h & 255, h >> 8})
	for _, c := range []struct {
		name, want string
		data       []byte
	}{
		{"PNG of 50 gigapixels", "more than the limit of 100000000", pngHead(250_000, 200_000, 8, 2)},
		{"PNG of 4 exapixels", "more than the limit", pngHead(1<<31-1, 1<<31-1, 8, 2)},
		{"PNG beyond its format", "PNG data is damaged", pngHead(1<<31, 1, 8, 2)},
		{"PNG, side out of range", "a side may have at most", pngHead(1<<21, 1, 1, 0)},
		{"GIF beyond the limit", "more than the limit", gifHead(65535, 65535)},
		{"BMP", "cannot hold the 9500x9400 pixels", bmpHead},
		{"GIF", "cannot hold", gifHead(w, h)},
		{"JPEG", "cannot hold", jpegHead(0xc0, w, h, 0x22, 0x11, 0x11)},
		{"JPEG progressive", "cannot hold", jpegHead(0xc2, w, h, 0x11, 0x11, 0x11)},
		{"JPEG gray", "cannot hold", jpegHead(0xc2, w, h, 0x11)},
		{"PNG", "cannot hold", append(pngHead(w, h, 8, 2), pngChunk("IDAT", make([]byte, 100))...)},
		{"PNG bilevel", "cannot hold", append(pngHead(w, h, 1, 0), pngChunk("IDAT", make([]byte, 100))...)},
		{"WebP lossless", "cannot hold", webpFile(vp8l(w, h, nil))},
		{"WebP lossy", "cannot hold", webpFile(lossy)},
		{"WebP alpha", "cannot hold", webpFile(vp8x(1<<4, w, h), riffChunk("ALPH", make([]byte, 9)), lossy)},
		{"WebP long chunk", "truncated", append([]byte("RIFF\xff\xff\xff\x07WEBPVP8 \xf3\xff\xff\x07"), lossy[8:]...)},
		{"WebP animated", "animated WebP is not supported", webpFile(vp8x(1<<1, w, h))},
	} {
		var err error
		got := allocated(func() { _, err = Decode(bytes.NewReader(c.data), Limits{}) })
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error is %v, want one with %q", c.name, err, c.want)
		}
		if got > 1<<19 {
			t.Errorf("%s: %d bytes are allocated for a file of %d", c.name, got, len(c.data))
		}
	}
}

// The densest files that encoders write must pass.
func TestDecodeDensestFiles(t *testing.T) {
	const side = 1000
	blank := image.NewPaletted(image.Rect(0, 0, side, side), color.Palette{color.White, color.Black})
	var best bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&best, blank); err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{
		"PNG bilevel":   best.Bytes(),
		"GIF":           encodeGIF(&gif.GIF{Image: []*image.Paletted{blank}, Delay: []int{0}}),
		"JPEG":          encodeJPEG(blank),
		"BMP":           encodeBMP(blank),
		"WebP lossless": webpFile(vp8l(side, side, nil)),
	} {
		im := mustDecode(t, data, side, side)
		if v := im.Pix[0]; bytes.Count(im.Pix, []byte{v}) != len(im.Pix) {
			t.Errorf("%s: the picture is not of one colour", name)
		}
	}
}

func TestMinBytes(t *testing.T) {
	for _, c := range []struct {
		name string
		data []byte
		f    func([]byte, int64, int64) int64
		want int64 // for 1000×500 pixels
	}{
		{"JPEG 4:4:4", jpegHead(0xc0, 1000, 500, 0x11, 0x11, 0x11), jpegMinBytes, (3*125*63*2 + 7) / 8},
		{"JPEG 4:2:0", jpegHead(0xc1, 1000, 500, 0x22, 0x11, 0x11), jpegMinBytes, ((125*63+2*63*32)*2 + 7) / 8},
		{"JPEG progressive gray", jpegHead(0xc2, 1000, 500, 0x22), jpegMinBytes, (125*63 + 7) / 8},
		{"JPEG without frame", []byte("\xff\xd8\xff\xd9"), jpegMinBytes, (125*63 + 7) / 8},
		{"PNG 16-bit RGBA", pngHead(1000, 500, 16, 6), pngMinBytes, 500 * 8000 / 1032},
		{"PNG bilevel", pngHead(1000, 500, 1, 3), pngMinBytes, 500 * 125 / 1032},
		{"PNG without IHDR", nil, pngMinBytes, 500 * 125 / 1032},
		{"GIF", nil, gifMinBytes, 122 * 12 / 8},
		{"WebP lossy", webpFile(vp8White), webpMinBytes, 63 * 32 * 3 / 8},
		{"WebP lossless", webpFile(vp8l(1000, 500, nil)), webpMinBytes, 0},
		{"BMP 24", encodeBMP(flat(2, 2, color.White)), bmpMinBytes, 500 * 3000},
		{"BMP without header", nil, bmpMinBytes, 0},
	} {
		if got := c.f(c.data, 1000, 500); got != c.want {
			t.Errorf("%s: %d bytes, want %d", c.name, got, c.want)
		}
	}
}
