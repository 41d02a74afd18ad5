package asm

// DepthwiseTapsF32 computes a row of output pixels of a depthwise convolution of
// any kernel:
//
//	dst[x·channels + c] = bias[c], then for each tap in order
//	                      fma(taps[t][x·pixelStep + c], w(t, c), …)
//
//	taps  up to MaxDepthwiseTaps rows of float32, each from the first pixel's tap on
//	bias  [channels] float32
//	dst   [pixels × channels] float32, overwritten
//	w     [channels/8, rounded up][taps][8] float32, missing channels 0
func DepthwiseTapsF32(dst, bias []float32, taps [][]float32, pixels, pixelStep, channels int, w []float32) {
	if pixels == 0 || channels == 0 {
		return
	}
	if pixels < 0 || channels < 0 || pixelStep < 0 || len(taps) < 1 || len(taps) > MaxDepthwiseTaps {
		panic("asm: DepthwiseTapsF32: bad shape")
	}
	for _, tap := range taps {
		_ = tap[(pixels-1)*pixelStep+channels-1]
	}
	_, _ = dst[pixels*channels-1], bias[channels-1]
	_ = w[(channels+DepthwiseF32Block-1)/DepthwiseF32Block*len(taps)*DepthwiseF32Block-1]
	depthwiseTapsF32(dst, bias, taps, pixels, pixelStep, channels, w)
}

// depthwiseTapsF32From is the reference for the channels from first on.
func depthwiseTapsF32From(first int, dst, bias []float32, taps [][]float32, pixels, pixelStep, channels int, w []float32) {
	for x := range pixels {
		for c := first; c < channels; c++ {
			weights := w[c/DepthwiseF32Block*len(taps)*DepthwiseF32Block+c%DepthwiseF32Block:]
			sum := bias[c]
			for t, tap := range taps {
				sum = FMAF32(tap[x*pixelStep+c], weights[t*DepthwiseF32Block], sum)
			}
			dst[x*channels+c] = sum
		}
	}
}
