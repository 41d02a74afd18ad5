package data

import "megl-edge/runtime/vision"

// colourOne is a factor of 1: factors have 16 bits behind the point.
const colourOne = 1 << 16

// A colourChange multiplies, in this order, the brightness, the distance of the
// colours to the mean gray of the photo (contrast), and their distance to the
// pixel's own gray (saturation). Each step rounds to nearest and stays within
// 0..255, in integers.
type colourChange struct{ brightness, contrast, saturation int64 }

var unchanged = colourChange{colourOne, colourOne, colourOne}

func (c colourChange) apply(im *vision.Image) {
	if c.brightness != colourOne {
		for i, v := range im.Pix {
			im.Pix[i] = scaled(int64(v), 0, c.brightness)
		}
	}
	if c.contrast != colourOne {
		mean := meanGray(im.Pix)
		for i, v := range im.Pix {
			im.Pix[i] = scaled(int64(v), mean, c.contrast)
		}
	}
	if c.saturation != colourOne {
		for i := 0; i < len(im.Pix); i += 3 {
			p := im.Pix[i : i+3]
			own := gray(p)
			for k, v := range p {
				p[k] = scaled(int64(v), own, c.saturation)
			}
		}
	}
}

// scaled returns centre + (v - centre)·factor.
func scaled(v, centre, factor int64) uint8 {
	return uint8(max(0, min((centre*colourOne+(v-centre)*factor+colourOne/2)>>16, 255)))
}

// gray returns the luma of a pixel (ITU-R BT.601), as Pillow rounds it.
func gray(p []uint8) int64 {
	return (int64(p[0])*19595 + int64(p[1])*38470 + int64(p[2])*7471 + 1<<15) >> 16
}

// meanGray returns the mean of the pixels' gray, rounded to nearest.
func meanGray(pixels []uint8) int64 {
	sum, count := int64(0), int64(len(pixels)/3)
	for i := 0; i < len(pixels); i += 3 {
		sum += gray(pixels[i : i+3])
	}
	return (2*sum + count) / (2 * count)
}
