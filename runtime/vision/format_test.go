package vision

import (
	"strings"
	"testing"
)

func TestSniff(t *testing.T) {
	for name, data := range samples() {
		f, err := sniff(data)
		if want, _, _ := strings.Cut(name, " "); err != nil || f.name != want {
			t.Errorf("%s is taken for %v, %v", name, f, err)
		}
	}
}

func TestSniffRefuses(t *testing.T) {
	const unknown = "content is not an image of a known format; supported: JPEG, PNG, GIF, WebP, BMP"
	for _, c := range []struct{ head, want string }{
		{"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "HEIC is not supported; convert the image to JPEG or PNG"},
		{"\x00\x00\x00\x18ftypmif1\x00\x00\x00\x00mif1heic", "HEIC is not supported"},
		{"\x00\x00\x00\x14ftypmif1\x00\x00\x00\x00mif1heic", "HEIF is not supported"}, // the box ends before heic
		{"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avifmiaf", "AVIF is not supported"},
		{"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avifmiaf", "AVIF is not supported; convert the image to JPEG or PNG"},
		{"\x00\x00\x00\x10ftypavis\x00\x00\x00\x00", "AVIF is not supported"},
		{"\x00\x00\x00\x14ftypisom\x00\x00\x00\x00mp41", unknown}, // a video
		{"\xff\xff\xff\xffftypisomheicmp41", unknown},             // heic stands for a version there
		{"\x00\x00\x00\x18ftyp", unknown},
		{"II*\x00\x08\x00\x00\x00", "TIFF is not supported"},
		{"MM\x00*\x00\x00\x00\x08", "TIFF is not supported"},
		{"\xff\x0a\x00", "JPEG XL is not supported"},
		{"\x00\x00\x00\x0cJXL \x0d\x0a\x87\x0a", "JPEG XL is not supported"},
		{"BMW drives past", unknown},
		{"RIFF\x00\x00\x00\x00WAVE", unknown},
		{"<html>", unknown},
		{"\xff", unknown},
	} {
		if _, err := sniff([]byte(c.head)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%q: error is %v, want %s", c.head, err, c.want)
		}
	}
}
