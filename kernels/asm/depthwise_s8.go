package asm

// DepthwiseS8Block is the number of channels that packed weights group.
const DepthwiseS8Block = 16

// DepthwiseS8WeightLen returns the length of the packed weights of a 3×3
// depthwise convolution.
func DepthwiseS8WeightLen(channels int) int {
	return (channels + DepthwiseS8Block - 1) / DepthwiseS8Block * 10 * DepthwiseS8Block
}

// DepthwiseS8 computes a row of output pixels of a 3×3 depthwise convolution:
//
//	acc[x·channels + c] = Σ rows[dy][x·pixelStep + dx·tapStep + c] · w(dy·3+dx, c)
//	                      over dy, dx < 3
//
//	r0, r1, r2  int8, the three input rows, from the first pixel's leftmost tap
//	acc         [pixels × channels] int32, overwritten
//	w           [channels/16, rounded up][5][16][2] int16: taps in pairs (0,1),
//	            (2,3) … (8,none), weights less their zero point, the missing tap
//	            and the missing channels 0
//
// pixelStep is stride·channels, tapStep is dilation·channels. Sums are exact:
// |w| ≤ 255, so nine products stay below 2¹⁹.
func DepthwiseS8(acc []int32, r0, r1, r2 []int8, pixels, pixelStep, tapStep, channels int, w []int16) {
	if pixels == 0 || channels == 0 {
		return
	}
	if pixels < 0 || channels < 0 || pixelStep < 0 || tapStep < 0 {
		panic("asm: DepthwiseS8: bad shape")
	}
	last := (pixels-1)*pixelStep + 2*tapStep + channels - 1
	_, _, _ = r0[last], r1[last], r2[last]
	_ = acc[pixels*channels-1]
	_ = w[DepthwiseS8WeightLen(channels)-1]
	depthwiseS8(acc, r0, r1, r2, pixels, pixelStep, tapStep, channels, w)
}

// depthwiseS8From is the reference for the channels from first on: assembly
// leaves it the ones that fill no vector.
func depthwiseS8From(first int, acc []int32, r0, r1, r2 []int8, pixels, pixelStep, tapStep, channels int, w []int16) {
	rows := [3][]int8{r0, r1, r2}
	for x := range pixels {
		for c := first; c < channels; c++ {
			var sum int32
			weights := w[c/DepthwiseS8Block*10*DepthwiseS8Block+c%DepthwiseS8Block*2:]
			for tap := range 9 {
				v := rows[tap/3][x*pixelStep+tap%3*tapStep+c]
				sum += int32(v) * int32(weights[tap/2*2*DepthwiseS8Block+tap%2])
			}
			acc[x*channels+c] = sum
		}
	}
}
