package vision

import (
	"encoding/binary"
	"errors"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"strings"

	"golang.org/x/image/bmp"
	"golang.org/x/image/webp"
)

// A format is one row of the table of supported image formats.
type format struct {
	name   string
	magic  string // leading bytes; ? stands for any byte
	config func(io.Reader) (image.Config, error)
	decode func(io.Reader) (image.Image, error)

	// check refuses, before anything is decoded, what the decoder would read
	// badly; may be nil.
	check func(data []byte, limits Limits) error
	// minBytes is the least length of a file that holds width × height pixels.
	minBytes func(data []byte, width, height int64) int64
	// exif returns the TIFF structure with the EXIF fields; may be nil.
	exif func(data []byte) []byte
	// limitedRange says that YCbCr samples are 16..235 and 16..240 (video
	// levels), not 0..255.
	limitedRange bool
}

// formats in the order in which messages list them.
var formats = []format{
	{name: "JPEG", magic: "\xff\xd8", config: jpeg.DecodeConfig, decode: jpeg.Decode,
		minBytes: jpegMinBytes, exif: jpegExif},
	{name: "PNG", magic: "\x89PNG", config: png.DecodeConfig, decode: png.Decode,
		check: checkPNG, minBytes: pngMinBytes, exif: pngExif},
	{name: "GIF", magic: "GIF8", config: gif.DecodeConfig, decode: gif.Decode,
		minBytes: gifMinBytes},
	{name: "WebP", magic: "RIFF????WEBP", config: webp.DecodeConfig, decode: webp.Decode,
		check: checkWebP, minBytes: webpMinBytes, exif: webpExif, limitedRange: true},
	{name: "BMP", magic: "BM????\x00\x00\x00\x00", config: bmp.DecodeConfig, decode: bmp.Decode,
		minBytes: bmpMinBytes},
}

// foreign are formats that people try and that get an error of their own.
var foreign = []struct{ name, magic string }{
	{"TIFF", "II*\x00"},
	{"TIFF", "MM\x00*"},
	{"JPEG XL", "\xff\x0a"},
	{"JPEG XL", "\x00\x00\x00\x0cJXL "},
}

// heifBrands maps the brands of an ISO media file to the name of a still image
// format. The first match decides, so the more telling brands come first.
var heifBrands = []struct{ brand, name string }{
	{"avif", "AVIF"}, {"avis", "AVIF"},
	{"heic", "HEIC"}, {"heix", "HEIC"}, {"heim", "HEIC"}, {"heis", "HEIC"},
	{"hevc", "HEIC"}, {"hevx", "HEIC"},
	{"mif1", "HEIF"}, {"msf1", "HEIF"},
}

// sniffLen is the number of bytes that [sniff] looks at.
const sniffLen = 64

// sniff returns the format of the file that begins with head. File names play no part.
func sniff(head []byte) (*format, error) {
	for i := range formats {
		if matches(head, formats[i].magic) {
			return &formats[i], nil
		}
	}
	if name := foreignName(head); name != "" {
		return nil, errors.New(name + " is not supported; convert the image to JPEG or PNG")
	}
	return nil, errors.New("content is not an image of a known format; supported: " + supported())
}

// foreignName names the unsupported format of head, or returns "".
func foreignName(head []byte) string {
	for _, f := range foreign {
		if matches(head, f.magic) {
			return f.name
		}
	}
	if !matches(head, "????ftyp") {
		return ""
	}
	for _, b := range heifBrands {
		if hasBrand(head, b.brand) {
			return b.name
		}
	}
	return ""
}

// hasBrand reports whether the ftyp box at the start of head lists brand,
// either as the major one (byte 8) or as a compatible one (from byte 16, as far
// as head goes).
func hasBrand(head []byte, brand string) bool {
	size := min(int64(len(head)), int64(binary.BigEndian.Uint32(head)))
	for i := 8; i+4 <= int(size); i += 4 {
		if i != 12 && string(head[i:i+4]) == brand {
			return true
		}
	}
	return false
}

// matches reports whether head begins with magic, where ? matches any byte.
func matches(head []byte, magic string) bool {
	if len(head) < len(magic) {
		return false
	}
	for i, b := range []byte(magic) {
		if b != '?' && b != head[i] {
			return false
		}
	}
	return true
}

// supported lists the names of the supported formats.
func supported() string {
	var names []string
	for _, f := range formats {
		names = append(names, f.name)
	}
	return strings.Join(names, ", ")
}
