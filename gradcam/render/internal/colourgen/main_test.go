package main

import (
	"bytes"
	"os"
	"testing"

	"megl-edge/gradcam/render/internal/oklab"
)

// Nearest colours are far enough from ties that the last bit of a math function
// does not reach the table, so this holds on every processor.
func TestCommittedTableIsWhatTheGeneratorWrites(t *testing.T) {
	want, err := os.ReadFile("../../dawn_colours.go")
	if err != nil {
		t.Fatal(err)
	}
	got, err := source()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Error("dawn_colours.go is not what the generator writes: run go generate in gradcam/render")
	}
}

func TestNearestRefusesWhatSRGBCannotShow(t *testing.T) {
	if c, err := nearest(oklab.Lab{L: 0.5, A: 0.4}); err == nil {
		t.Errorf("got %v for a colour outside sRGB, want an error", c)
	}
}

func TestNearestReturnsAnExactColourUnchanged(t *testing.T) {
	for _, want := range [][3]uint8{{0, 1, 2}, {128, 64, 200}, {254, 250, 3}} {
		got, err := nearest(oklab.FromSRGB(want[0], want[1], want[2]))
		if err != nil || got != want {
			t.Errorf("got %v, %v, want %v", got, err, want)
		}
	}
}
