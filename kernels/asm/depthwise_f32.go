package asm

// DepthwiseF32Block is the number of channels that packed weights group.
const DepthwiseF32Block = 8

// DepthwiseF32WeightLen returns the length of the packed weights of a 3×3
// depthwise convolution.
func DepthwiseF32WeightLen(channels int) int {
	return (channels + DepthwiseF32Block - 1) / DepthwiseF32Block * 9 * DepthwiseF32Block
}

// DepthwiseF32 computes a row of output pixels of a 3×3 depthwise convolution:
//
//	dst[x·channels + c] = bias[c], then for each tap in row-major order
//	                      fma(rows[dy][x·pixelStep + dx·tapStep + c], w(dy·3+dx, c), …)
//
//	r0, r1, r2  float32, the three input rows, from the first pixel's leftmost tap
//	bias        [channels] float32
//	dst         [pixels × channels] float32, overwritten
//	w           [channels/8, rounded up][9][8] float32, missing channels 0
//
// pixelStep is stride·channels, tapStep is dilation·channels. A tap in the
// padding is a product with zero, not a tap left out.
func DepthwiseF32(dst, bias, r0, r1, r2 []float32, pixels, pixelStep, tapStep, channels int, w []float32) {
	if pixels == 0 || channels == 0 {
		return
	}
	if pixels < 0 || channels < 0 || pixelStep < 0 || tapStep < 0 {
		panic("asm: DepthwiseF32: bad shape")
	}
	last := (pixels-1)*pixelStep + 2*tapStep + channels - 1
	_, _, _ = r0[last], r1[last], r2[last]
	_, _ = dst[pixels*channels-1], bias[channels-1]
	_ = w[DepthwiseF32WeightLen(channels)-1]
	depthwiseF32(dst, bias, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
}

// depthwiseF32From is the reference for the channels from first on: assembly
// leaves it the ones that fill no vector.
func depthwiseF32From(first int, dst, bias, r0, r1, r2 []float32, pixels, pixelStep, tapStep, channels int, w []float32) {
	rows := [3][]float32{r0, r1, r2}
	for x := range pixels {
		for c := first; c < channels; c++ {
			sum := bias[c]
			weights := w[c/DepthwiseF32Block*9*DepthwiseF32Block+c%DepthwiseF32Block:]
			for tap := range 9 {
				v := rows[tap/3][x*pixelStep+tap%3*tapStep+c]
				sum = FMAF32(v, weights[tap*DepthwiseF32Block], sum)
			}
			dst[x*channels+c] = sum
		}
	}
}
