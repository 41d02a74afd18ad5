package render

import (
	"fmt"
	"image"
)

// Options say how an overlay looks.
type Options struct {
	// ColourMap colours the saliency.
	ColourMap ColourMap
	// Opacity in [0,1] is the share of the colour in the picture: 0 leaves the
	// photo, 1 the bare map. It is rounded to 16 bits.
	Opacity float64
}

// DefaultOptions returns the dawn colour map, half opaque.
func DefaultOptions() Options { return Options{ColourMap: Dawn, Opacity: 0.5} }

// Overlay draws m over region, the part of photo that the model saw, and
// returns an opaque picture of the photo's size. The map covers the whole
// region, which may reach beyond the photo, as it does where the photo was
// padded. Outside the region the photo is half as bright and uncoloured: left
// as it is, it would outshine the part that matters.
//
// It fails on a map, photo or option that is out of range, and on a region that
// shares no pixel with the photo.
func Overlay(photo Photo, m Map, region image.Rectangle, opts Options) (*image.RGBA, error) {
	mix, err := newBlend(opts)
	if err != nil {
		return nil, err
	}
	if err := photo.Check(); err != nil {
		return nil, err
	}
	if err := m.Check(); err != nil {
		return nil, err
	}
	if err := checkRegion(region, photo); err != nil {
		return nil, err
	}
	out := image.NewRGBA(photo.Bounds())
	draw(out, photo, m, region, mix)
	return out, nil
}

// maxSide is the longest side of a region, in pixels: far beyond any photo, and
// small enough for positions to be computed in 64 bits.
const maxSide = 1 << 26

func checkRegion(region image.Rectangle, photo Photo) error {
	if !region.Overlaps(photo.Bounds()) {
		return fmt.Errorf("region %v shares no pixel with the photo of %d×%d pixels",
			region, photo.Width, photo.Height)
	}
	// Unsigned, because the difference of two int may overflow.
	width := uint64(region.Max.X) - uint64(region.Min.X)
	height := uint64(region.Max.Y) - uint64(region.Min.Y)
	if width > maxSide || height > maxSide {
		return fmt.Errorf("region %v is more than %d pixels wide or high", region, maxSide)
	}
	return nil
}

// draw fills out, row by row. Inside the region a row has a darkened piece, a
// blended piece and a darkened piece.
func draw(out *image.RGBA, photo Photo, m Map, region image.Rectangle, mix *blend) {
	seen := region.Intersect(photo.Bounds())
	s := newScaler(m, region.Dx(), seen.Min.X-region.Min.X, seen.Max.X-region.Min.X)
	levels := make([]uint16, seen.Dx())
	for y := range photo.Height {
		src := photo.Pix[3*photo.Width*y : 3*photo.Width*(y+1)]
		dst := out.Pix[out.Stride*y : out.Stride*(y+1)]
		if y < seen.Min.Y || y >= seen.Max.Y {
			darken(dst, src)
			continue
		}
		s.row(levels, tapAt(y-region.Min.Y, region.Dy(), m.Height))
		darken(dst[:4*seen.Min.X], src[:3*seen.Min.X])
		mix.row(dst[4*seen.Min.X:], src[3*seen.Min.X:], levels)
		darken(dst[4*seen.Max.X:], src[3*seen.Max.X:])
	}
}
