package vision

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"hash/crc32"
	"image"
	"image/color"
	"image/gif"
	"image/jpeg"
	"image/png"
	"testing"

	"golang.org/x/image/bmp"
)

// The builders below make image files for the tests, from the standard encoders
// and byte by byte where those cannot write what is needed.

// must returns v; err is a mistake in a test.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func encodePNG(m image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func encodeJPEG(m image.Image) []byte {
	var b bytes.Buffer
	if err := jpeg.Encode(&b, m, &jpeg.Options{Quality: 100}); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func encodeBMP(m image.Image) []byte {
	var b bytes.Buffer
	if err := bmp.Encode(&b, m); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func encodeGIF(g *gif.GIF) []byte {
	var b bytes.Buffer
	if err := gif.EncodeAll(&b, g); err != nil {
		panic(err)
	}
	return b.Bytes()
}

// photo returns an opaque picture with the pixels of pattern.
func photo(width, height int) *image.NRGBA {
	m := image.NewNRGBA(image.Rect(0, 0, width, height))
	pix := pattern(width, height).Pix
	for i := range width * height {
		copy(m.Pix[4*i:], pix[3*i:3*i+3])
		m.Pix[4*i+3] = 255
	}
	return m
}

// tiff returns a TIFF structure with one directory that holds an ImageWidth
// entry and the orientation.
func tiff(order binary.AppendByteOrder, o int) []byte {
	b := []byte("II*\x00")
	if order == binary.AppendByteOrder(binary.BigEndian) {
		b = []byte("MM\x00*")
	}
	b = order.AppendUint32(b, 8)
	b = order.AppendUint16(b, 2)
	for _, e := range [][2]uint16{{0x0100, 7}, {0x0112, uint16(o)}} {
		b = order.AppendUint16(b, e[0])
		b = order.AppendUint16(b, 3)
		b = order.AppendUint32(b, 1)
		b = order.AppendUint16(b, e[1])
		b = order.AppendUint16(b, 0)
	}
	return order.AppendUint32(b, 0)
}

// segment returns a JPEG marker segment.
func segment(marker byte, payload ...byte) []byte {
	n := len(payload) + 2
	return append([]byte{0xff, marker, byte(n >> 8), byte(n)}, payload...)
}

// insert returns data with part put in at offset.
func insert(data []byte, offset int, part []byte) []byte {
	return bytes.Join([][]byte{data[:offset], part, data[offset:]}, nil)
}

// withJPEGExif puts an APP1 segment behind SOI and a foreign one before it.
func withJPEGExif(data, tiff []byte) []byte {
	xmp := segment(0xe1, []byte("http://ns.adobe.com/xap/1.0/\x00<x/>")...)
	return insert(data, 2, append(xmp, segment(0xe1, append([]byte("Exif\x00\x00"), tiff...)...)...))
}

// pngChunk returns a PNG chunk.
func pngChunk(id string, payload []byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, uint32(len(payload)))
	b = append(append(b, id...), payload...)
	return binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b[4:]))
}

// pngHead returns the signature and the IHDR chunk.
func pngHead(width, height uint32, depth, colorType byte) []byte {
	b := binary.BigEndian.AppendUint32(nil, width)
	b = binary.BigEndian.AppendUint32(b, height)
	return append([]byte("\x89PNG\r\n\x1a\n"), pngChunk("IHDR", append(b, depth, colorType, 0, 0, 0))...)
}

// withPNGExif puts an eXIf chunk behind IHDR.
func withPNGExif(data, tiff []byte) []byte {
	return insert(data, 8+25, pngChunk("eXIf", tiff))
}

// riffChunk returns a padded RIFF chunk.
func riffChunk(id string, payload []byte) []byte {
	b := binary.LittleEndian.AppendUint32([]byte(id), uint32(len(payload)))
	b = append(b, payload...)
	return append(b, make([]byte, len(payload)&1)...)
}

// webpFile wraps chunks into a WebP file.
func webpFile(chunks ...[]byte) []byte {
	return riffChunk("RIFF", append([]byte("WEBP"), bytes.Join(chunks, nil)...))
}

// vp8x returns the chunk that announces an extended WebP file.
func vp8x(flags byte, width, height int) []byte {
	w, h := width-1, height-1
	return riffChunk("VP8X", []byte{flags, 0, 0, 0,
		byte(w), byte(w >> 8), byte(w >> 16), byte(h), byte(h >> 8), byte(h >> 16)})
}

// bitWriter collects bits, lowest first, as VP8L stores them.
type bitWriter struct {
	bytes []byte
	n     int
}

func (w *bitWriter) put(v uint32, bits int) {
	for i := range bits {
		if w.n%8 == 0 {
			w.bytes = append(w.bytes, 0)
		}
		w.bytes[w.n/8] |= byte(v>>i&1) << (w.n % 8)
		w.n++
	}
}

// vp8l returns a lossless WebP chunk with the pixels of m. All samples must be
// 0 or 255: each channel has a code of two symbols, one bit each. Without
// pixels (nil) all codes have one symbol and the picture costs no bits.
func vp8l(width, height int, m *image.NRGBA) []byte {
	w := &bitWriter{bytes: []byte{0x2f}, n: 8}
	w.put(uint32(width-1), 14)
	w.put(uint32(height-1), 14)
	w.put(1, 1) // alpha is used
	w.put(0, 3) // version
	w.put(0, 3) // no transform, no colour cache, one group of codes
	for range 4 {
		w.put(1, 1) // simple code
		if m == nil {
			w.put(0, 1)
		} else {
			w.put(1, 1)
		}
		w.put(1, 1) // first symbol has 8 bits
		w.put(0, 8)
		if m != nil {
			w.put(255, 8)
		}
	}
	w.put(1, 4) // distances: simple code, one symbol of one bit, 0
	if m != nil {
		for i := 0; i < len(m.Pix); i += 4 {
			for _, c := range []int{1, 0, 2, 3} { // green comes first
				w.put(uint32(m.Pix[i+c]&1), 1)
			}
		}
	}
	return riffChunk("VP8L", w.bytes)
}

// vp8White is a lossy WebP chunk: 8×8 white pixels, as any encoder writes them.
var vp8White = riffChunk("VP8 ", must(hex.DecodeString(
	"3001009d012a0800080000c01225a400037000fefedd780000")))

// vp8Red is the same in red.
var vp8Red = riffChunk("VP8 ", must(hex.DecodeString(
	"3002009d012a0800080000c01225a00274ba01f801f80004680000fefa2197ff779ab0d377f5adfff5a39fae89feb473ff595800")))

// cmykJPEG returns a JPEG file of one 8×8 block in one colour; ink is cyan,
// magenta, yellow, black, 255 for full ink.
func cmykJPEG(ink [4]uint8) []byte {
	w := []byte{0xff, 0xd8}
	w = append(w, segment(0xee, []byte("Adobe\x00\x64\x00\x00\x00\x00\x00")...)...) // transform 0: CMYK
	w = append(w, segment(0xdb, append([]byte{0}, bytes.Repeat([]byte{8}, 64)...)...)...)
	w = append(w, segment(0xc0, 8, 0, 8, 0, 8, 4, 1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0, 4, 0x11, 0)...)
	// DC: categories 0..11 have codes of 4 bits; AC: the end of block has the code 0.
	dc := append([]byte{0x00, 0, 0, 0, 12, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
	ac := append([]byte{0x10, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, 0)
	w = append(w, segment(0xc4, append(dc, ac...)...)...)
	w = append(w, segment(0xda, 4, 1, 0, 2, 0, 3, 0, 4, 0, 0, 63, 0)...)
	var code uint64
	bits := 0
	for _, v := range ink {
		level := 255 - int(v) - 128 // Adobe stores ink inverted; 8 × level / quantizer 8
		category, value := 0, level
		for a := max(level, -level); a > 0; a >>= 1 {
			category++
		}
		if level < 0 {
			value += 1<<category - 1
		}
		code = (code<<4|uint64(category))<<category | uint64(value)
		code <<= 1 // end of block
		bits += 4 + category + 1
	}
	code = code<<(64-bits) | 1<<(64-bits) - 1
	for i := 56; i >= 64-(bits+7)/8*8; i -= 8 {
		w = append(w, byte(code>>i))
		if byte(code>>i) == 0xff {
			w = append(w, 0)
		}
	}
	return append(w, 0xff, 0xd9)
}

// twoFrames is an animation: its first frame is a green 2×1 rectangle at (1, 1)
// of a canvas of 4×3 pixels, right half transparent.
func twoFrames() []byte {
	palette := color.Palette{color.NRGBA{}, color.NRGBA{0, 255, 0, 255}}
	first := image.NewPaletted(image.Rect(1, 1, 3, 2), palette)
	first.Pix = []uint8{1, 0}
	second := image.NewPaletted(image.Rect(0, 0, 4, 3), palette)
	return encodeGIF(&gif.GIF{Image: []*image.Paletted{first, second}, Delay: []int{1, 1},
		Config: image.Config{ColorModel: palette, Width: 4, Height: 3}})
}

// mustDecode decodes data with default limits and checks the size of the result.
func mustDecode(t *testing.T, data []byte, width, height int) *Image {
	t.Helper()
	im, err := Decode(bytes.NewReader(data), Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if im.Width != width || im.Height != height {
		t.Fatalf("decoded to %dx%d, want %dx%d", im.Width, im.Height, width, height)
	}
	if err := im.check(); err != nil {
		t.Fatal(err)
	}
	return im
}
