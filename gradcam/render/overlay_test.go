package render

import (
	"crypto/sha256"
	"encoding/hex"
	"image"
	"math"
	"testing"
)

// The hashes are of the pixels. They hold on every processor.
func TestGoldenOverlays(t *testing.T) {
	photo := gradient(61, 47)
	crop := image.Rect(7, 0, 54, 47)
	for _, row := range []struct {
		name   string
		m      Map
		region image.Rectangle
		opts   Options
		want   string
	}{
		{"default", noise(7, 7), crop, DefaultOptions(), "ef21e20b8721be93"},
		{"jet", noise(7, 7), crop, Options{Jet, 0.5}, "dedebc709f645ca9"},
		{"whole photo", noise(4, 6), photo.Bounds(), Options{Dawn, 0.3}, "e4364c09064bd4d7"},
		{"padded", noise(7, 7), image.Rect(0, -7, 61, 54), Options{Jet, 0.8}, "49362de890f43c3b"},
	} {
		got := overlay(t, photo, row.m, row.region, row.opts)
		sum := sha256.Sum256(got.Pix)
		if hash := hex.EncodeToString(sum[:8]); hash != row.want {
			t.Errorf("%s: got %s, want %s", row.name, hash, row.want)
		}
	}
}

func TestNoOpacityLeavesThePhoto(t *testing.T) {
	photo := gradient(13, 9)
	got := overlay(t, photo, noise(3, 3), photo.Bounds(), Options{Dawn, 0})
	for i := range photo.Width * photo.Height {
		want := [4]uint8{photo.Pix[3*i], photo.Pix[3*i+1], photo.Pix[3*i+2], 255}
		if [4]uint8(got.Pix[4*i:]) != want {
			t.Fatalf("pixel %d: got %v, want %v", i, got.Pix[4*i:4*i+4], want)
		}
	}
}

func TestFullOpacityShowsTheBareMap(t *testing.T) {
	photo, m := gradient(13, 9), noise(3, 3)
	for _, c := range []ColourMap{Dawn, Jet} {
		got := overlay(t, photo, m, photo.Bounds(), Options{c, 1})
		for i, level := range upsample(t, m, 13, 9) {
			want := c.colours()[int(math.Round(float64(level)/257))]
			if [3]uint8(got.Pix[4*i:]) != want {
				t.Fatalf("%s, pixel %d: got %v, want %v", c, i, got.Pix[4*i:4*i+3], want)
			}
		}
	}
}

func TestHalfOpacityIsTheRoundedMean(t *testing.T) {
	photo := Photo{1, 1, []uint8{0, 100, 255}}
	m := Map{1, 1, []float32{1}}
	got := overlay(t, photo, m, photo.Bounds(), Options{Dawn, 0.5})
	want := [4]uint8{(242 + 0 + 1) / 2, (248 + 100 + 1) / 2, (126 + 255 + 1) / 2, 255}
	if [4]uint8(got.Pix) != want {
		t.Errorf("got %v, want %v", got.Pix, want)
	}
}

func TestOutsideTheRegionThePhotoIsHalved(t *testing.T) {
	photo := gradient(20, 16)
	region := image.Rect(3, 4, 11, 10)
	got := overlay(t, photo, noise(7, 7), region, DefaultOptions())
	for i := range photo.Width * photo.Height {
		if (image.Point{i % 20, i / 20}).In(region) {
			continue
		}
		want := [4]uint8{photo.Pix[3*i] / 2, photo.Pix[3*i+1] / 2, photo.Pix[3*i+2] / 2, 255}
		if [4]uint8(got.Pix[4*i:]) != want {
			t.Fatalf("pixel %d: got %v, want %v", i, got.Pix[4*i:4*i+4], want)
		}
	}
}

// A region that reaches beyond the photo shows the part of the map that a
// larger photo would show there.
func TestRegionBeyondThePhotoIsCut(t *testing.T) {
	m := noise(5, 5)
	large := Photo{12, 14, make([]uint8, 12*14*3)}
	small := Photo{6, 8, make([]uint8, 6*8*3)}
	whole := overlay(t, large, m, large.Bounds(), DefaultOptions())
	part := overlay(t, small, m, image.Rect(-2, -3, 12, 9), DefaultOptions())
	for y := range small.Height {
		for x := range small.Width {
			if got, want := part.RGBAAt(x, y), whole.RGBAAt(x+2, y+3); got != want {
				t.Fatalf("pixel %d, %d: got %v, want %v", x, y, got, want)
			}
		}
	}
}

func TestOverlayRefusesBadInput(t *testing.T) {
	photo, m := gradient(8, 8), noise(2, 2)
	opts, whole := DefaultOptions(), photo.Bounds()
	far := image.Rectangle{image.Pt(math.MinInt, 0), image.Pt(math.MaxInt, 8)}
	for _, row := range []struct {
		name   string
		photo  Photo
		m      Map
		region image.Rectangle
		opts   Options
	}{
		{"empty photo", Photo{}, m, whole, opts},
		{"short photo", Photo{8, 8, photo.Pix[:191]}, m, whole, opts},
		{"short photo, whole pixels", Photo{8, 8, photo.Pix[:189]}, m, whole, opts},
		{"bad map", photo, Map{2, 2, []float32{0, 0, 0, 2}}, whole, opts},
		{"empty region", photo, m, image.Rectangle{}, opts},
		{"region elsewhere", photo, m, image.Rect(8, 0, 16, 8), opts},
		{"endless region", photo, m, far, opts},
		{"no colour map", photo, m, whole, Options{"", 0.5}},
		{"negative opacity", photo, m, whole, Options{Dawn, -0.1}},
		{"opacity above one", photo, m, whole, Options{Dawn, 1.1}},
		{"opacity not a number", photo, m, whole, Options{Dawn, math.NaN()}},
	} {
		if _, err := Overlay(row.photo, row.m, row.region, row.opts); err == nil {
			t.Errorf("%s: no error", row.name)
		}
	}
}

func TestOverlayLeavesItsInputAlone(t *testing.T) {
	photo, m := gradient(8, 8), noise(2, 2)
	overlay(t, photo, m, image.Rect(1, 1, 7, 7), DefaultOptions())
	if [192]uint8(photo.Pix) != [192]uint8(gradient(8, 8).Pix) || [4]float32(m.Values) != [4]float32(noise(2, 2).Values) {
		t.Error("photo or map was changed")
	}
}

func BenchmarkOverlay(b *testing.B) {
	photo := Photo{3000, 4000, make([]uint8, 3*3000*4000)}
	m := noise(7, 7)
	b.SetBytes(int64(len(photo.Pix)))
	for b.Loop() {
		if _, err := Overlay(photo, m, photo.Bounds(), DefaultOptions()); err != nil {
			b.Fatal(err)
		}
	}
}

func overlay(t *testing.T, photo Photo, m Map, region image.Rectangle, opts Options) *image.RGBA {
	t.Helper()
	got, err := Overlay(photo, m, region, opts)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// gradient returns a photo in which every pixel has its own colour.
func gradient(width, height int) Photo {
	p := Photo{height, width, make([]uint8, 3*width*height)}
	for i := range width * height {
		p.Pix[3*i], p.Pix[3*i+1], p.Pix[3*i+2] = uint8(4*(i%width)), uint8(5*(i/width)), uint8(i)
	}
	return p
}
