package render

import "fmt"

// opaque is the weight of an opacity of 1.
const opaque = 1 << 16

// blend mixes colours into pixels. The weight is the same for every level.
// Letting it grow with saliency shows cold areas more clearly, but hides
// middling saliency on pale objects, and makes the share of photo and map
// depend on the value that the picture should tell.
type blend struct {
	keep  uint32         // weight of the photo
	added [256][3]uint32 // weighted colour of a level, and the half that rounds
}

func newBlend(opts Options) (*blend, error) {
	if _, err := ParseColourMap(string(opts.ColourMap)); err != nil {
		return nil, err
	}
	if !(opts.Opacity >= 0 && opts.Opacity <= 1) {
		return nil, fmt.Errorf("opacity %v is not in [0,1]", opts.Opacity)
	}
	weight := uint32(float64(opts.Opacity*opaque) + 0.5)
	b := &blend{keep: opaque - weight}
	for level, colour := range opts.ColourMap.colours() {
		for channel, v := range colour {
			b.added[level][channel] = uint32(v)*weight + opaque/2
		}
	}
	return b, nil
}

// row writes one RGBA pixel for each level, mixed from the RGB pixel in src.
func (b *blend) row(dst, src []uint8, levels []uint16) {
	for x, level := range levels {
		// 65535 is 255·257, so this rounds to the nearest of 256 levels.
		added := &b.added[uint8((uint32(level)+128)/257)]
		from, to := src[3*x:3*x+3], dst[4*x:4*x+4]
		to[0] = uint8((uint32(from[0])*b.keep + added[0]) / opaque)
		to[1] = uint8((uint32(from[1])*b.keep + added[1]) / opaque)
		to[2] = uint8((uint32(from[2])*b.keep + added[2]) / opaque)
		to[3] = 255
	}
}

// darken writes the RGB pixels of src to dst as RGBA, each channel halved.
func darken(dst, src []uint8) {
	for x := range len(src) / 3 {
		from, to := src[3*x:3*x+3], dst[4*x:4*x+4]
		to[0], to[1], to[2], to[3] = from[0]/2, from[1]/2, from[2]/2, 255
	}
}
