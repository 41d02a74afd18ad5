package vision

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
)

// maxInput is the longest side of a model input in pixels.
const maxInput = 4096

// Mode says which part of a photo a model sees.
type Mode string

const (
	// CropStretch takes the central fraction Crop of both sides and stretches
	// it to the input size, whatever its shape. With 0.875 this is the
	// evaluation of the TensorFlow ImageNet models; with 1 it is a plain
	// stretch.
	CropStretch Mode = "crop-stretch"
	// ShorterSide takes the centre that would fill the input if the shorter
	// side of the photo were scaled to Shorter pixels: torchvision's
	// Resize(Shorter) and CenterCrop.
	ShorterSide Mode = "shorter-side"
)

// Preprocess says how a photo becomes the input of a model. It is stored in the
// model file as JSON and used alike by training and inference.
type Preprocess struct {
	Width   int        `json:"width"`             // of the model input, 1..4096
	Height  int        `json:"height"`            // of the model input, 1..4096
	Mode    Mode       `json:"mode"`              // CropStretch or ShorterSide
	Crop    float64    `json:"crop,omitempty"`    // CropStretch: fraction of each side, in (0, 1]
	Shorter int        `json:"shorter,omitempty"` // ShorterSide: at least Width and Height, at most 4096
	Filter  Filter     `json:"filter"`
	Mean    [3]float32 `json:"mean"` // per channel, in units of 0..255; applied by the graph
	Std     [3]float32 `json:"std"`  // likewise, above 0
}

// ParsePreprocess reads the JSON form of a Preprocess and checks it. Unknown
// fields are an error: they would change what the model sees.
func ParsePreprocess(data []byte) (Preprocess, error) {
	var p Preprocess
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return Preprocess{}, fmt.Errorf("preprocess: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Preprocess{}, errors.New("preprocess: more data after the JSON value")
	}
	return p, p.Check()
}

// Check reports the first field that is out of its range.
func (p Preprocess) Check() error {
	if err := p.check(); err != nil {
		return fmt.Errorf("preprocess: %w", err)
	}
	return nil
}

func (p Preprocess) check() error {
	if p.Width < 1 || p.Height < 1 || p.Width > maxInput || p.Height > maxInput {
		return fmt.Errorf("input size %dx%d, want 1..%d for each side", p.Width, p.Height, maxInput)
	}
	if err := p.checkMode(); err != nil {
		return err
	}
	if _, _, err := p.Filter.curve(); err != nil {
		return err
	}
	for c := range 3 {
		if !finite(p.Mean[c]) {
			return fmt.Errorf("mean of channel %d is %v, want a finite number", c, p.Mean[c])
		}
		if !finite(p.Std[c]) || p.Std[c] <= 0 {
			return fmt.Errorf("std of channel %d is %v, want a finite number above 0", c, p.Std[c])
		}
	}
	return nil
}

// checkMode checks the mode and the fields that belong to it; those of another
// mode must be unset.
func (p Preprocess) checkMode() error {
	switch p.Mode {
	case CropStretch:
		if !(p.Crop > 0 && p.Crop <= 1) || p.Shorter != 0 {
			return fmt.Errorf("mode %q needs crop in (0, 1] and no shorter; got crop %v, shorter %d",
				p.Mode, p.Crop, p.Shorter)
		}
	case ShorterSide:
		if p.Shorter < max(p.Width, p.Height) || p.Shorter > maxInput || p.Crop != 0 {
			return fmt.Errorf("mode %q needs shorter of %d..%d and no crop; got shorter %d, crop %v",
				p.Mode, max(p.Width, p.Height), maxInput, p.Shorter, p.Crop)
		}
	default:
		return fmt.Errorf("unknown mode %q (want %q or %q)", p.Mode, CropStretch, ShorterSide)
	}
	return nil
}

// finite reports whether v is neither infinite nor not a number.
func finite(v float32) bool { return v >= -math.MaxFloat32 && v <= math.MaxFloat32 }

// Apply returns the input of the model for an upright photo: Width × Height
// pixels, RGB, not yet normalised.
func (p Preprocess) Apply(im *Image) (*Image, error) {
	if err := p.Check(); err != nil {
		return nil, err
	}
	if err := im.check(); err != nil {
		return nil, err
	}
	return Resize(im, p.Region(im.Width, im.Height), p.Width, p.Height, p.Filter)
}

// Region returns the part of an upright photo of width × height pixels that the
// model sees. The photo has at least one pixel, and p has passed
// [Preprocess.Check]. The region is in whole pixels of the photo and never
// empty.
//
// In mode [ShorterSide] torchvision rounds twice in the scaled picture instead:
// its size and the place of the cut. Where neither way rounds, the result of
// [Preprocess.Apply] is the same as resizing and then cutting; elsewhere the
// region is off by about a pixel.
func (p Preprocess) Region(width, height int) Box {
	if p.Mode == ShorterSide {
		shorter := min(width, height)
		x0, x1 := central(width, scaled(p.Width, shorter, p.Shorter))
		y0, y1 := central(height, scaled(p.Height, shorter, p.Shorter))
		return Box{x0, y0, x1, y1}
	}
	x, y := margin(width, p.Crop), margin(height, p.Crop)
	return Box{x, y, width - x, height - y}
}

// scaled returns size·num/den, rounded to nearest, at least 1.
func scaled(size, num, den int) int {
	return int(max(1, (2*int64(size)*int64(num)+int64(den))/(2*int64(den))))
}

// central returns the middle n of size positions; an odd rest goes to the end.
func central(size, n int) (lo, hi int) {
	lo = (size - n) / 2
	return lo, lo + n
}

// margin returns the pixels to leave out on each side, rounded down as
// tf.image.central_crop does, but so that at least one pixel stays.
func margin(size int, crop float64) int {
	n := int((float64(size) - float64(float64(size)*crop)) / 2)
	return min(n, (size-1)/2)
}
