package data

import (
	"fmt"
	"hash"
	"slices"

	"megl-edge/runtime/vision"
)

// A Bitmap marks the pixels of an upright photo that belong to an object.
type Bitmap struct {
	Width, Height int
	Pix           []uint8 // [Height][Width], 1 where the object is, else 0
}

func newBitmap(width, height int) *Bitmap {
	return &Bitmap{Width: width, Height: height, Pix: make([]uint8, width*height)}
}

// Empty tells whether no pixel is marked.
func (b *Bitmap) Empty() bool { return !slices.Contains(b.Pix, 1) }

// A Region is a mask that an annotation describes, in another way than by an
// image that shows it. It holds the place of the description only, which is read
// whenever the mask is needed.
type Region interface {
	// bitmap draws the mask of a photo of width × height pixels.
	bitmap(width, height int) (*Bitmap, error)
	// sum writes what the mask is drawn from to a hash.
	sum(h hash.Hash) error
}

// A MaskSizeError says that a mask was made for a photo of another size.
type MaskSizeError struct {
	Width, Height           int // of the mask
	PhotoWidth, PhotoHeight int // of the upright photo
}

func (e *MaskSizeError) Error() string {
	return fmt.Sprintf("the mask has %dx%d pixels, the upright photo %dx%d", e.Width, e.Height, e.PhotoWidth, e.PhotoHeight)
}

// checkMaskSize returns a [MaskSizeError] unless a mask of width × height pixels
// fits the photo.
func checkMaskSize(width, height, photoWidth, photoHeight int) error {
	if width == photoWidth && height == photoHeight {
		return nil
	}
	return &MaskSizeError{width, height, photoWidth, photoHeight}
}

// HasMask tells whether the row says where in the photo the object is.
func (r *Row) HasMask() bool { return r.Mask != "" || r.Region != nil }

// ReadMask returns the mask of the row's photo, which has width × height pixels
// when it is upright. It is nil where [Row.HasMask] is false, and fails with a
// [MaskSizeError] where the mask does not fit.
//
// In an image file those pixels are marked that are at least half as bright as
// the brightest one. So it does not matter whether marked pixels have the value 1
// or 255, and neither smooth edges nor the noise of JPEG do harm.
func (r *Row) ReadMask(width, height int) (*Bitmap, error) {
	switch {
	case r.Region != nil:
		return r.Region.bitmap(width, height)
	case r.Mask != "":
		return readMaskFile(r.Mask, width, height)
	}
	return nil, nil
}

func readMaskFile(path string, width, height int) (*Bitmap, error) {
	im, err := vision.DecodeFile(path, vision.DefaultLimits)
	if err != nil {
		return nil, err
	}
	if err := checkMaskSize(im.Width, im.Height, width, height); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	b := newBitmap(width, height)
	brightest := slices.Max(im.Pix)
	if brightest == 0 {
		return b, nil
	}
	least := brightest - brightest/2
	for i := range b.Pix {
		if slices.Max(im.Pix[3*i:3*i+3]) >= least {
			b.Pix[i] = 1
		}
	}
	return b, nil
}

// average sets dst [height][width] to the share of marked pixels in each cell of
// a grid that divides box evenly; mirrored exchanges left and right. The shares
// are exact sums of areas, divided once and rounded to float32.
func (b *Bitmap) average(dst []float32, box vision.Box, width, height int, mirrored bool) {
	boxWidth, boxHeight := box.X1-box.X0, box.Y1-box.Y0
	row, sums := make([]uint64, width), make([]uint64, width)
	// Areas are counted in parts of a pixel: width across and height down. A cell
	// is boxWidth parts wide and boxHeight parts high.
	whole := float64(boxWidth) * float64(boxHeight)
	for y := range height {
		clear(sums)
		top, bottom := int64(y)*int64(boxHeight), int64(y+1)*int64(boxHeight)
		for at := top / int64(height); at*int64(height) < bottom; at++ {
			share := min(bottom, (at+1)*int64(height)) - max(top, at*int64(height))
			line := b.Pix[(box.Y0+int(at))*b.Width:][box.X0:box.X1]
			averageRow(row, line)
			for x, n := range row {
				sums[x] += n * uint64(share)
			}
		}
		out := dst[y*width : (y+1)*width]
		for x, sum := range sums {
			if mirrored {
				x = width - 1 - x
			}
			out[x] = float32(float64(sum) / whole)
		}
	}
}

// averageRow sets dst to the number of marked parts in each cell of a line, when
// each pixel has len(dst) parts.
func averageRow(dst []uint64, line []uint8) {
	clear(dst)
	parts, cell := int64(len(dst)), int64(len(line))
	for i, v := range line {
		if v == 0 {
			continue
		}
		from, to := int64(i)*parts, int64(i+1)*parts
		for x := from / cell; x*cell < to; x++ {
			dst[x] += uint64(min(to, (x+1)*cell) - max(from, x*cell))
		}
	}
}
