package sample_test

import (
	"flag"
	"image/png"
	"os"
	"testing"

	"megl-edge/cmd/megl-edge/internal/sample"
)

var update = flag.Bool("update", false, "write the picture anew")

const path = "../../../../testdata/butterfly.png"

// The picture in the repository is the one that is drawn.
func TestPictureIsDrawn(t *testing.T) {
	want := sample.Picture()
	if *update {
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := png.Encode(f, want); err != nil {
			t.Fatal(err)
		}
		return
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if got.Bounds() != want.Bounds() {
		t.Fatalf("the picture has %v, want %v", got.Bounds(), want.Bounds())
	}
	for y := range sample.Height {
		for x := range sample.Width {
			r, g, b, _ := got.At(x, y).RGBA()
			if c := want.RGBAAt(x, y); r>>8 != uint32(c.R) || g>>8 != uint32(c.G) || b>>8 != uint32(c.B) {
				t.Fatalf("pixel %d, %d differs from the one that is drawn", x, y)
			}
		}
	}
}
