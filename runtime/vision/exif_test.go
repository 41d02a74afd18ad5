package vision

import (
	"bytes"
	"encoding/binary"
	"testing"
)

var byteOrders = []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian}

func TestExifOrientation(t *testing.T) {
	for _, order := range byteOrders {
		for o := 1; o <= 8; o++ {
			if got := exifOrientation(tiff(order, o)); got != orientation(o) {
				t.Errorf("%v: orientation %d, want %d", order, got, o)
			}
		}
	}
}

func TestExifMalformed(t *testing.T) {
	for _, order := range byteOrders {
		valid := tiff(order, 6)
		const second = 8 + 2 + 12 // offset of the orientation entry
		for n := range second + 12 {
			if got := exifOrientation(valid[:n]); got != upright {
				t.Errorf("%d bytes: orientation %d", n, got)
			}
		}
		for name, change := range map[string]func(b []byte){
			"no byte order":       func(b []byte) { b[0] = 'X' },
			"mixed byte order":    func(b []byte) { b[1] ^= 'I' ^ 'M' },
			"directory far away":  func(b []byte) { order.(binary.ByteOrder).PutUint32(b[4:], 1<<32-1) },
			"directory at end":    func(b []byte) { order.(binary.ByteOrder).PutUint32(b[4:], uint32(len(b))) },
			"no entries":          func(b []byte) { order.(binary.ByteOrder).PutUint16(b[8:], 0) },
			"entry of bytes":      func(b []byte) { order.(binary.ByteOrder).PutUint16(b[second+2:], 1) },
			"entry of two values": func(b []byte) { order.(binary.ByteOrder).PutUint32(b[second+4:], 2) },
			"orientation 0":       func(b []byte) { order.(binary.ByteOrder).PutUint16(b[second+8:], 0) },
			"orientation 9":       func(b []byte) { order.(binary.ByteOrder).PutUint16(b[second+8:], 9) },
			"orientation 262":     func(b []byte) { order.(binary.ByteOrder).PutUint16(b[second+8:], 256+6) },
		} {
			b := bytes.Clone(valid)
			change(b)
			if got := exifOrientation(b); got != upright {
				t.Errorf("%s: orientation %d", name, got)
			}
		}
		many := bytes.Clone(valid) // more entries announced than there are
		order.(binary.ByteOrder).PutUint16(many[8:], 65535)
		if got := exifOrientation(many); got != 6 {
			t.Errorf("too many entries: orientation %d, want 6", got)
		}
	}
}

func TestExifIsFound(t *testing.T) {
	want := tiff(binary.BigEndian, 5)
	prefixed := append([]byte("Exif\x00\x00"), want...)
	picture := encodePNG(photo(3, 3))
	for name, got := range map[string][]byte{
		"JPEG":          jpegExif(withJPEGExif(encodeJPEG(photo(3, 3)), want)),
		"JPEG, fillers": jpegExif(insert(withJPEGExif(encodeJPEG(photo(3, 3)), want), 2, []byte{0xff, 0xff})),
		"PNG":           pngExif(withPNGExif(picture, want)),
		"PNG, at end":   pngExif(insert(picture, len(picture)-12, pngChunk("eXIf", want))),
		"PNG, prefixed": pngExif(withPNGExif(picture, prefixed)),
		"WebP":          webpExif(webpFile(vp8x(8, 8, 8), vp8Red, riffChunk("EXIF", want))),
		"WebP prefixed": webpExif(webpFile(vp8x(8, 8, 8), vp8Red, riffChunk("EXIF", prefixed))),
	} {
		if !bytes.Equal(got, want) {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for name, got := range map[string][]byte{
		"JPEG": jpegExif(encodeJPEG(photo(3, 3))), "PNG": pngExif(picture), "WebP": webpExif(webpFile(vp8White)),
	} {
		if got != nil {
			t.Errorf("%s without EXIF: %q", name, got)
		}
	}
}

// A picture with nonsense for EXIF decodes as if it had none.
func TestDecodeIgnoresBadExif(t *testing.T) {
	want := pattern(9, 7)
	for _, b := range [][]byte{nil, {0}, []byte("II*\x00"), tiff(binary.BigEndian, 9), bytes.Repeat([]byte{0xff}, 40)} {
		got := mustDecode(t, withPNGExif(encodePNG(photo(9, 7)), b), 9, 7)
		if !bytes.Equal(got.Pix, want.Pix) {
			t.Errorf("EXIF %q changes the pixels", b)
		}
	}
}
