package html

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"runtime"
	"slices"
	"strings"
	"testing"
)

func TestFitted(t *testing.T) {
	for _, row := range []struct{ width, height, toWidth, toHeight int }{
		{1, 1, 320, 320}, {32, 24, 320, 240}, {96, 96, 288, 288}, {224, 224, 224, 224}, {320, 7, 320, 7},
		{321, 321, 320, 320}, {640, 480, 320, 240}, {100000, 1, 320, 1}, {3, 1 << 24, 1, 320},
	} {
		if width, height := fitted(row.width, row.height); width != row.toWidth || height != row.toHeight {
			t.Errorf("%d×%d becomes %d×%d, want %d×%d", row.width, row.height, width, height, row.toWidth, row.toHeight)
		}
	}
}

func TestLargePhotosAreAveraged(t *testing.T) {
	p := image.NewRGBA(image.Rect(0, 0, 640, 2))
	for x := range 640 {
		p.SetRGBA(x, 0, color.RGBA{uint8(2 * (x % 2)), 10, 255, 255})
		p.SetRGBA(x, 1, color.RGBA{0, 13, 255, 255})
	}
	got := resized(p)
	if got.Width != 320 || got.Height != 1 {
		t.Fatalf("%d×%d pixels", got.Width, got.Height)
	}
	// The means are 0.5 and 11.5, rounded half up.
	if want := bytes.Repeat([]byte{1, 12, 255}, 320); !slices.Equal(got.Pix, want) {
		t.Errorf("pixels %v…", got.Pix[:6])
	}
}

func TestSmallPhotosGetSharpPixels(t *testing.T) {
	p := image.NewRGBA(image.Rect(0, 0, 2, 1))
	p.SetRGBA(0, 0, color.RGBA{1, 2, 3, 255})
	p.SetRGBA(1, 0, color.RGBA{4, 5, 6, 255})
	got := resized(p)
	row := slices.Concat(bytes.Repeat([]byte{1, 2, 3}, 160), bytes.Repeat([]byte{4, 5, 6}, 160))
	if !slices.Equal(got.Pix, bytes.Repeat(row, 160)) {
		t.Errorf("%d×%d pixels %v…", got.Width, got.Height, got.Pix[:6])
	}
}

func TestTransparentPhotoIsLaidOverWhite(t *testing.T) {
	p := image.NewNRGBA(image.Rect(0, 0, 1, 1))
	p.SetNRGBA(0, 0, color.NRGBA{0, 0, 0, 51}) // a fifth
	var out bytes.Buffer
	if err := png.Encode(&out, p); err != nil {
		t.Fatal(err)
	}
	got, err := decode(out.Bytes())
	if err != nil || !slices.Equal(got.Pix[:3], []uint8{204, 204, 204}) {
		t.Errorf("pixel %v, %v", got.Pix[:3], err)
	}
}

// The head claims 4000 × 4000 pixels, which would take 16 MB.
func TestPhotoThatClaimsTooMuchIsNotAllocated(t *testing.T) {
	var out bytes.Buffer
	if err := png.Encode(&out, image.NewGray(image.Rect(0, 0, 4000, 4000))); err != nil {
		t.Fatal(err)
	}
	cut := out.Bytes()[:100]
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, err := decode(cut)
	runtime.ReadMemStats(&after)
	if err == nil || !strings.Contains(err.Error(), "4000×4000 pixels do not fit its 100 bytes") {
		t.Errorf("error is %v", err)
	}
	if used := after.TotalAlloc - before.TotalAlloc; used > 1<<20 {
		t.Errorf("%d bytes are allocated", used)
	}
}
