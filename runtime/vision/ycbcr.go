package vision

import (
	"image"
	"image/color"
)

// ycbcrRows reads a picture of luma and subsampled chroma planes. A chroma
// sample is repeated for the pixels it covers.
func ycbcrRows(m *image.YCbCr, limitedRange bool) rowReader {
	convert := color.YCbCrToRGB
	if limitedRange {
		convert = limitedToRGB
	}
	shift := chromaShift(m.SubsampleRatio)
	x0 := m.Rect.Min.X
	return func(dst []uint8, y int) {
		luma := m.Y[m.YOffset(x0, m.Rect.Min.Y+y):][:m.Rect.Dx()]
		c0 := m.COffset(x0, m.Rect.Min.Y+y) - x0>>shift
		for x, l := range luma {
			c := c0 + (x0+x)>>shift
			dst[3*x], dst[3*x+1], dst[3*x+2] = convert(l, m.Cb[c], m.Cr[c])
		}
	}
}

// nycbcraRows reads such a picture with an alpha plane.
func nycbcraRows(m *image.NYCbCrA, limitedRange bool) rowReader {
	opaque := ycbcrRows(&m.YCbCr, limitedRange)
	return func(dst []uint8, y int) {
		opaque(dst, y)
		for x, a := range m.A[y*m.AStride:][:m.Rect.Dx()] {
			p := dst[3*x : 3*x+3]
			p[0], p[1], p[2] = overWhite(color.NRGBA{p[0], p[1], p[2], a}.RGBA())
		}
	}
}

// chromaShift returns log₂ of the number of columns that share a chroma sample.
func chromaShift(r image.YCbCrSubsampleRatio) int {
	switch r {
	case image.YCbCrSubsampleRatio422, image.YCbCrSubsampleRatio420:
		return 1
	case image.YCbCrSubsampleRatio411, image.YCbCrSubsampleRatio410:
		return 2
	}
	return 0
}

// limitedToRGB converts video levels (ITU-R BT.601: luma 16..235, chroma
// 16..240), which lossy WebP stores. image/color knows only full range and
// would show white as 235. Coefficients have 14 fraction bits; the products
// keep 6 of them, and the offsets undo the biases of 16 and 128 and round. The
// format's reference decoder computes the same, so flat colours agree with it.
func limitedToRGB(y, cb, cr uint8) (r, g, b uint8) {
	luma := int32(y) * 19077 >> 8 // 255/219 · 2¹⁴
	red := luma + int32(cr)*26149>>8 - 14234
	green := luma - int32(cb)*6419>>8 - int32(cr)*13320>>8 + 8708
	blue := luma + int32(cb)*33050>>8 - 17685
	return clamp6(red), clamp6(green), clamp6(blue)
}

// clamp6 drops 6 fraction bits and clamps to 0..255.
func clamp6(v int32) uint8 { return uint8(max(0, min(v>>6, 255))) }
